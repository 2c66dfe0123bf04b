// `hexacoder quickstart`: the whole loop on the bundled model. Each step is a command that a user can
// run alone, run here in this process and shown before it starts.
import { copyFile, readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { type EvaluationSummary, evaluationSummarySchema } from "../../core/evaluation.ts";
import type { Manifest } from "../../core/manifest.ts";
import { runProcess } from "../../util/process.ts";
import { openRunFolder } from "../../util/run-folder.ts";
import { runtimeVersions } from "../../util/versions.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { wholeNumber } from "../options.ts";
import { duration } from "../progress.ts";
import { quoted, runSteps, type Step } from "../steps.ts";
import { trainingRounds } from "../training-rounds.ts";

interface QuickstartOptions {
  out?: string;
  model: string;
  count: number;
  samples: number;
  seed: number;
  resume: boolean;
  open: boolean;
}

/** The command. */
export function command(context: CliContext): Command {
  return new Command("quickstart")
    .option(
      "--out <dir>",
      "folder for everything; a new one under runs/ when absent, with --resume the last one",
    )
    .option("--model <model>", "the model to harden", "tiny")
    .option("--count <n>", "programs that the model is asked to write for pairs", wholeNumber(1), 1000)
    .option("--samples <n>", "completions a prompt and arm", wholeNumber(1), 5)
    .option("--seed <n>", "decides everything random", wholeNumber(0), 42)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--no-open", "do not open the report in a browser")
    .action(async (options: QuickstartOptions, command: Command) => {
      const given = SETTINGS.filter((name) => command.getOptionValueSource(name) === "cli");
      await quickstart(context, options, given);
    });
}

/** Options that decide the result: a run that goes on must be given them again. */
const SETTINGS = ["model", "count", "samples", "seed"] as const;

async function quickstart(
  context: CliContext,
  options: QuickstartOptions,
  given: readonly (typeof SETTINGS)[number][],
): Promise<void> {
  const started = Date.now();
  const out = options.out ?? (await usualFolder(context.cwd, options.resume));
  const folder = resolve(context.cwd, out);
  // Before the first step: a folder with files of somebody else is not written into.
  await openRunFolder(folder, manifestOf(options), options);
  const same = given.flatMap((name) => [`--${name}`, String(options[name])]);
  const again = ["quickstart", "--out", out, ...same].map(quoted);
  const steps = stepsFor(out, options);
  const code = await runSteps(context, steps, { goOn: ["hexacoder", ...again, "--resume"].join(" ") });
  if (code !== exitCodes.done) {
    context.finish(code);
    return;
  }
  await copyFile(join(folder, "synth", "pairs.jsonl"), join(folder, "pairs.jsonl"));
  const report = join(folder, "report.html");
  context.talk(
    `\nAll done in ${duration((Date.now() - started) / 1000)}. The report: ${relative(context.cwd, report)}`,
  );
  context.out(`${await headline(join(folder, "eval", "summary.json"))}\n`);
  if (options.open) await openInBrowser(report, context);
}

function manifestOf({ model, count, samples, seed }: QuickstartOptions): Manifest {
  return {
    version: 1,
    kind: "quickstart",
    options: { model, count, samples },
    inputs: {},
    seeds: { quickstart: seed },
    // Each step's own folder names what it used.
    identities: {},
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}

/** Share of the learned change that adapters make: chosen on hexabench's development prompts (docs/measurements.md). */
const STRENGTH = "1";

function stepsFor(out: string, options: QuickstartOptions): Step[] {
  const { model, seed } = options;
  const at = (name: string): string => join(out, name);
  const resume = options.resume ? ["--resume"] : [];
  const synth = ["--from", "seeds,llm", "--model", model, "--count", String(options.count)];
  return [
    {
      title: "Pairs: weak programs from seeds and from the model itself, repaired and verified",
      args: [
        "synth",
        ...synth,
        "--cwe",
        "20,22,78,79,94,117,502,611",
        "--seed",
        String(seed),
        "--out",
        at("synth"),
        ...resume,
      ],
    },
    ...trainingRounds({
      ...{ pairs: at("synth"), out, model, rounds: 2, training: ["--strength", STRENGTH] },
      ...{ drawing: ["--samples", "7", "--keep", "5"], common: ["--seed", String(seed), ...resume] },
    }),
    {
      title: "Evaluation: base and adapter, one step and two, on prompts that none of it has seen",
      args: [
        ...["eval", "--benchmark", "hexabench", "--model", model, "--adapter", at("adapter")],
        ...["--strategy", "one-step,two-step", "--samples", String(options.samples), "--seed", String(seed)],
        ...["--out", at("eval"), ...resume],
      ],
    },
    { title: "Report", args: ["report", out, "--out", at("report.html")] },
  ];
}

/** runs/quickstart, or the first runs/quickstart-N that is not there yet; to resume, the last that is there. */
async function usualFolder(cwd: string, resume: boolean): Promise<string> {
  const taken = new Set(await readdir(join(cwd, "runs")).catch(() => []));
  const named = (i: number): string => (i === 1 ? "quickstart" : `quickstart-${i}`);
  let free = 1;
  while (taken.has(named(free))) free++;
  return join("runs", named(resume ? Math.max(1, free - 1) : free));
}

async function headline(path: string): Promise<string> {
  const summary = evaluationSummarySchema.parse(JSON.parse(await readFile(path, "utf8")));
  return headlineOf(summary);
}

/** The line that a person remembers. */
export function headlineOf({ arms, headline: compared }: EvaluationSummary): string {
  const before = arms.find((arm) => arm.name === compared?.before);
  const after = arms.find((arm) => arm.name === compared?.after);
  if (compared === null || before === undefined || after === undefined) return "No two arms to compare.";
  const percent = (share: number | null): string =>
    share === null ? "undefined" : `${(100 * share).toFixed(1)} %`;
  const reduction =
    compared.reduction === null
      ? "no reduction can be given"
      : `${percent(compared.reduction)} fewer, 95 % interval ${compared.ci95?.map(percent).join(" to ") ?? "unknown"}`;
  return `Vulnerable completions: ${percent(before.flaggedRate)} before, ${percent(after.flaggedRate)} after (${reduction}; n = ${before.n} and ${after.n}).`;
}

async function openInBrowser(report: string, context: CliContext): Promise<void> {
  const desktop =
    process.platform === "darwin" ||
    context.env.DISPLAY !== undefined ||
    context.env.WAYLAND_DISPLAY !== undefined;
  if (!context.interactive || !desktop) return;
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const opened = await runProcess({ command: [opener, report], timeoutMs: 10_000 });
  if (!opened.ok) context.talk("No browser could be started; open the file yourself.");
}
