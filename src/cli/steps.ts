// Commands that are made of commands: each step is one that a user can run alone, run here in this process and
// shown before it starts. What is done is written down, so that a run that was killed goes on where it was;
// within a step, the step's own command goes on.
import { join } from "node:path";
import { z } from "zod";
import { HexacoderError } from "../core/errors.ts";
import { JsonLinesWriter, readJsonLines } from "../util/jsonl.ts";
import { type CliContext, type ExitCode, exitCodes } from "./context.ts";
import { duration } from "./progress.ts";

/** A step. */
export interface Step {
  /** What happens, for a person. */
  readonly title: string;
  /** The command line, without the program's name. */
  readonly args: readonly string[];
}

/** What the steps are for. */
export interface StepsOptions {
  /** The folder of the whole, absolute: what is done is written there; nothing is when absent. */
  readonly folder?: string;
  /** How to go on, for the last word of a run that stopped. */
  readonly goOn: string;
}

/** Runs steps that are not done yet, in order; the first that fails ends it with its exit code. */
export async function runSteps(
  context: CliContext,
  steps: readonly Step[],
  { folder, goOn }: StepsOptions,
): Promise<ExitCode> {
  const done = folder === undefined ? new Set<string>() : await stepsDone(folder);
  for (const [i, step] of steps.entries()) {
    const key = JSON.stringify(step.args);
    const head = `\n[${i + 1}/${steps.length}] ${step.title}`;
    if (done.has(key)) {
      context.talk(`${head}: done already`);
      continue;
    }
    context.talk(`${head}\n      hexacoder ${step.args.map(quoted).join(" ")}`);
    const begun = Date.now();
    const code = await context.run(step.args, quiet);
    if (code !== exitCodes.done) {
      context.talk(`\nStopped at step ${i + 1}. Go on with: ${goOn}`);
      return code;
    }
    context.talk(`      done in ${duration((Date.now() - begun) / 1000)}`);
    if (folder !== undefined) await writeDone(folder, step);
  }
  return exitCodes.done;
}

/** A word as a shell takes it: what is shown can be copied. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quiet(): void {
  // A step's own result is in its folder; standard output is for the whole.
}

const FILE = "steps.jsonl";
const stepSchema = z.object({ args: z.array(z.string()) });

async function stepsDone(folder: string): Promise<Set<string>> {
  const done = new Set<string>();
  try {
    for await (const line of readJsonLines(join(folder, FILE))) {
      // A line that a crash cut short is a step that is run again: it finds its work done.
      const step = line.kind === "value" ? stepSchema.safeParse(line.value).data : undefined;
      if (step !== undefined) done.add(JSON.stringify(step.args));
    }
  } catch (error) {
    if (!(error instanceof HexacoderError && error.code === "file-not-found")) throw error;
  }
  return done;
}

async function writeDone(folder: string, step: Step): Promise<void> {
  const writer = await JsonLinesWriter.open(join(folder, FILE));
  await writer.append({ args: step.args });
  await writer.close();
}
