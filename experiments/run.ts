// Runs an experiment from its file, one `hexacoder` command after the other, and goes on where it was stopped:
//   npx tsx experiments/run.ts experiments/tiny --out runs/tiny [--scale full] [--dry-run]
// Writes OUT/table.md and OUT/results.json; --dry-run only says what would be run, and what is done.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { evaluationSummarySchema } from "../src/core/evaluation.ts";
import { trainingRowSchema } from "../src/core/pair.ts";
import { readJsonLines } from "../src/util/jsonl.ts";
import { startProcess } from "../src/util/process.ts";
import { deriver } from "./derive.ts";
import {
  type Experiment,
  evaluationFolder,
  type Places,
  parseExperiment,
  type Scale,
  type Step,
  stepsOf,
} from "./plan.ts";
import { type Arm, addSeed, rateOf, tableOf } from "./table.ts";
import { outcomesOf, outcomesTable } from "./targets.ts";

const { values, positionals } = parseArgs({
  options: {
    out: { type: "string" },
    scale: { type: "string", default: "full" },
    "dry-run": { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined || values.out === undefined)
  throw new Error("usage: npx tsx experiments/run.ts FOLDER --out DIR [--scale NAME] [--dry-run]");

const places: Places = { experiment: resolve(folder), out: resolve(values.out) };
const experiment = parseExperiment(
  JSON.parse(await readFile(join(places.experiment, "experiment.json"), "utf8")),
);
const scale = experiment.scales[values.scale];
if (scale === undefined)
  throw new Error(
    `there is no scale ${values.scale}; there are ${Object.keys(experiment.scales).join(", ")}`,
  );

const steps = stepsOf(experiment, scale, places);
if (values["dry-run"]) await preview();
else {
  for (const [index, step] of steps.entries()) {
    process.stderr.write(`[${index + 1}/${steps.length}] ${step.name}\n`);
    await once(step);
  }
  await tell(experiment, scale);
}

/** Says what would be run, in order, a step a line. */
async function preview(): Promise<void> {
  for (const step of steps) {
    const what = step.kind === "derive" ? `make ${step.to}` : `hexacoder ${step.args.join(" ")}`;
    process.stdout.write(`${(await isDone(step)) ? "done " : "to do"} ${step.name}: ${what}\n`);
  }
}

/** Does a step unless it was done before with the same particulars. */
async function once(step: Step): Promise<void> {
  if (await isDone(step)) return;
  if (step.kind === "derive") await derive(step);
  else await hexacoder(step.args);
  const stamp = stampOf(step);
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, particularsOf(step));
}

async function isDone(step: Step): Promise<boolean> {
  return (await readFile(stampOf(step), "utf8").catch(() => "")) === particularsOf(step);
}

function stampOf({ name }: Step): string {
  return join(places.out, "done", `${name}.json`);
}

function particularsOf(step: Step): string {
  return JSON.stringify(step, null, 2);
}

async function hexacoder(args: readonly string[]): Promise<void> {
  // From the sources, so that nothing has to be built; tsx is what runs this file, too.
  const program = fileURLToPath(new URL("../src/cli/bin.ts", import.meta.url));
  const child = startProcess({
    command: [process.execPath, "--import", import.meta.resolve("tsx"), program, ...args],
    env: process.env,
    onStdoutLine: (line) => process.stderr.write(`  ${line}\n`),
    onStderrLine: (line) => process.stderr.write(`  ${line}\n`),
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.interrupt());
  const result = await child.done;
  if (!result.ok)
    throw new Error(`hexacoder ${args.join(" ")} ended with ${result.exitCode ?? result.exitSignal}`);
}

async function derive({ dataset, from, to }: Extract<Step, { kind: "derive" }>): Promise<void> {
  await mkdir(to, { recursive: true });
  const derived = deriver(dataset);
  for (const part of ["train.jsonl", "eval.jsonl"]) {
    const lines: string[] = [];
    for await (const line of readJsonLines(join(from, part))) {
      const row = derived(trainingRowSchema.parse(line.kind === "value" ? line.value : undefined));
      if (row !== undefined) lines.push(`${JSON.stringify(row)}\n`);
    }
    await writeFile(join(to, part), lines.join(""));
  }
}

async function tell(plan: Experiment, { seeds }: Scale): Promise<void> {
  const { evaluations, judges, compare } = plan;
  const arms: Arm[] = [];
  for (const seed of seeds) {
    for (const [name, { title }] of Object.entries(evaluations)) {
      const path = join(evaluationFolder(places, seed, name), "summary.json");
      const summary = evaluationSummarySchema.parse(JSON.parse(await readFile(path, "utf8")));
      addSeed(arms, { name, title, judges }, summary.arms);
    }
  }
  const outcomes = outcomesOf(plan, arms);
  const says =
    "Rates of all completions asked for; 95 % interval over prompts and seeds; each seed's rate. Works: passes the benign test.";
  const table = `${tableOf(arms, judges)}\n\n${outcomesTable(outcomes)}\n\n${says}\n`;
  const figures = arms.map((arm) => ({
    name: arm.name,
    judge: arm.judge,
    flagged: rateOf(arm, "flagged"),
    parsed: rateOf(arm, "parsed"),
    atRisk: rateOf(arm, "atRisk"),
    functional: rateOf(arm, "functional"),
  }));
  await writeFile(join(places.out, "table.md"), table);
  await writeFile(
    join(places.out, "results.json"),
    `${JSON.stringify({ arms: figures, compare, outcomes }, null, 2)}\n`,
  );
  process.stdout.write(table);
}
