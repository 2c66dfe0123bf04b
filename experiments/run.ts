// Runs an experiment from its file, one `hexacoder` command after the other, and goes on where it was stopped:
//   npx tsx experiments/run.ts experiments/tiny --out runs/tiny [--scale full] [--seeds 1,2] [--kept DIR] [--dry-run]
// Writes OUT/seed-N.json after each seed, then OUT/table.md and OUT/results.json. --seeds runs some of the scale's
// seeds; --kept takes the seed-N.json of a folder instead of running these; --dry-run only says what would be run.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type ArmSummary, evaluationSummarySchema } from "../src/core/evaluation.ts";
import { trainingRowSchema } from "../src/core/pair.ts";
import { readJsonLines } from "../src/util/jsonl.ts";
import { startProcess } from "../src/util/process.ts";
import { deriver } from "./derive.ts";
import { evaluationFolder, type Places, parseExperiment, type Scale, type Step, stepsOf } from "./plan.ts";
import { armsOf, commonOf, keptSeeds, type SeedResult, seedFile, seedResult } from "./results.ts";
import { rateOf, tableOf } from "./table.ts";
import { outcomesOf, outcomesTable } from "./targets.ts";

const { values, positionals } = parseArgs({
  options: {
    out: { type: "string" },
    scale: { type: "string", default: "full" },
    seeds: { type: "string" },
    kept: { type: "string" },
    "dry-run": { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined || values.out === undefined)
  throw new Error(
    "usage: npx tsx experiments/run.ts FOLDER --out DIR [--scale NAME] [--seeds N,N] [--kept DIR] [--dry-run]",
  );

const places: Places = { experiment: resolve(folder), out: resolve(values.out) };
const experiment = parseExperiment(
  JSON.parse(await readFile(join(places.experiment, "experiment.json"), "utf8")),
);
const scale = experiment.scales[values.scale];
if (scale === undefined)
  throw new Error(
    `there is no scale ${values.scale}; there are ${Object.keys(experiment.scales).join(", ")}`,
  );

const kept = await keptOf(scale);
const seeds = seedsToRun(scale);
const steps = seeds.length === 0 ? [] : stepsOf(experiment, { ...scale, seeds }, places);
if (values["dry-run"]) await preview();
else {
  await mkdir(places.out, { recursive: true });
  for (const [index, step] of steps.entries()) {
    process.stderr.write(`[${index + 1}/${steps.length}] ${step.name}\n`);
    await once(step);
    const next = steps[index + 1];
    if (step.seed !== undefined && next?.seed !== step.seed) await keep(step.seed, scale);
  }
  const run = (await keptSeeds(places.out)).filter(({ seed }) => seeds.includes(seed));
  await tell([...kept, ...run].sort((a, b) => a.seed - b.seed));
}

/** The seeds of `--kept`; throws where they are of another experiment than this. */
async function keptOf(size: Scale): Promise<SeedResult[]> {
  if (values.kept === undefined) return [];
  const found = (await keptSeeds(values.kept)).filter(({ seed }) => size.seeds.includes(seed));
  const other = found.find((one) => one.experiment !== commonOf(experiment, size));
  if (other !== undefined)
    throw new Error(
      `${seedFile(values.kept, other.seed)} is of another experiment.json or scale: leave out --kept`,
    );
  return found;
}

/** Of the scale's seeds those that are asked for and not kept. */
function seedsToRun(size: Scale): number[] {
  const asked = values.seeds?.split(",").map(Number) ?? size.seeds;
  const unknown = asked.find((seed) => !size.seeds.includes(seed));
  if (unknown !== undefined)
    throw new Error(`--seeds: the scale has the seeds ${size.seeds.join(", ")}, not ${unknown}`);
  return asked.filter((seed) => !kept.some((one) => one.seed === seed));
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

/** Writes down a seed's counts, which is all that the table needs of it. */
async function keep(seed: number, size: Scale): Promise<void> {
  const summaries = new Map<string, readonly ArmSummary[]>();
  for (const name of Object.keys(experiment.evaluations)) {
    const path = join(evaluationFolder(places, seed, name), "summary.json");
    summaries.set(name, evaluationSummarySchema.parse(JSON.parse(await readFile(path, "utf8"))).arms);
  }
  const result = seedResult(experiment, size, seed, summaries);
  await writeFile(seedFile(places.out, seed), `${JSON.stringify(result)}\n`);
}

async function tell(results: readonly SeedResult[]): Promise<void> {
  const { judges, compare } = experiment;
  const arms = armsOf(experiment, results);
  const outcomes = outcomesOf(experiment, arms);
  const seeds = results.map(({ seed }) => seed).join(", ");
  const says = `Seeds ${seeds}. Rates of all completions asked for; 95 % interval over prompts and seeds; each seed's rate. Works: passes the benign test.`;
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
