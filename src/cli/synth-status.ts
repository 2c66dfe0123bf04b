// `hexacoder synth status RUN`: how far a run is, read from its folder while it goes on or after it.
// Counts come from the ledger; what only the running process knows, it leaves in progress.json.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { HexacoderError, systemErrorCode } from "../core/errors.ts";
import type { SynthSummary } from "../synthesis/ledger.ts";
import { readLedger } from "../synthesis/run-log.ts";
import { writeFileAtomic } from "../util/files.ts";
import { readManifest } from "../util/run-folder.ts";
import type { CliContext } from "./context.ts";
import { duration } from "./progress.ts";
import { type SynthMoment, summaryTable, viewLines } from "./synth-view.ts";

const progressSchema = z.object({
  updatedAt: z.iso.datetime(),
  seconds: z.number(),
  before: z.int(),
  expected: z.int().optional(),
  costUsd: z.number().nullable(),
  spent: z
    .object({
      requests: z.number(),
      promptTokens: z.number(),
      completionTokens: z.number(),
      usd: z.number(),
      unpriced: z.boolean(),
      lostTokens: z.number(),
    })
    .optional(),
  /** `running` until the process has said otherwise. */
  state: z.enum(["running", "finished", "stopped"]),
});

/** A process that has not written for so long is gone, or waits for a model. */
const QUIET_MS = 60_000;
const WRITE_EVERY_MS = 5000;

/** Leaves in the run folder what `status` shows; at most every few seconds, and at the end. */
export function createProgressFile(
  folder: string,
  now: () => number = Date.now,
): (moment: SynthMoment, state: z.infer<typeof progressSchema>["state"]) => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async ({ summary, expected, seconds, before }, state) => {
    if (state === "running" && now() - last < WRITE_EVERY_MS) return;
    last = now();
    const { costUsd, spent } = summary;
    const progress: z.input<typeof progressSchema> = {
      updatedAt: new Date(now()).toISOString(),
      seconds,
      before,
      ...(expected === undefined ? {} : { expected }),
      costUsd,
      ...(spent === undefined ? {} : { spent }),
      state,
    };
    await writeFileAtomic(join(folder, "progress.json"), `${JSON.stringify(progress)}\n`);
  };
}

/** The subcommand. */
export function statusCommand(context: CliContext): Command {
  return new Command("status")
    .description("say how far a run is, while it goes on or afterwards")
    .argument("<run>", "the run folder")
    .option("--json", "print the numbers as JSON", false)
    .action(async (run: string, _options: unknown, command: Command) => {
      // `synth` has an option of the same name, which takes the flag in front of `status`.
      const { json } = command.optsWithGlobals<{ json: boolean }>();
      const folder = resolve(context.cwd, run);
      const { moment, state } = await momentOf(folder);
      if (json) context.out(`${JSON.stringify({ state, ...moment }, null, 2)}\n`);
      else context.out(`${state}\n${viewLines(moment).join("\n")}\n\n${summaryTable(moment.summary)}`);
    });
}

async function momentOf(folder: string): Promise<{ moment: SynthMoment; state: string }> {
  const manifest = await readManifest(folder);
  if (manifest?.kind !== "synth") {
    throw new HexacoderError("bad-input", {
      message: `${folder} is not the folder of a synthesis run.`,
      remedy: "Name the folder that was given to hexacoder synth as --out.",
    });
  }
  const counted = await readLedger(folder);
  const progress = await readProgress(folder);
  const { costUsd, spent } = progress ?? { costUsd: counted.costUsd, spent: undefined };
  const summary: SynthSummary = { ...counted, costUsd, ...(spent === undefined ? {} : { spent }) };
  return {
    moment: {
      summary,
      expected: progress?.expected,
      seconds: progress?.seconds ?? 0,
      before: progress?.before ?? 0,
    },
    state: stateOf(progress),
  };
}

function stateOf(progress: z.infer<typeof progressSchema> | undefined): string {
  if (progress === undefined) return "just begun, or interrupted at once";
  const age = Date.now() - Date.parse(progress.updatedAt);
  if (progress.state === "finished") return `finished ${duration(age / 1000)} ago`;
  if (progress.state === "stopped") return "stopped before its end: --resume goes on";
  const written = `last written ${duration(age / 1000)} ago`;
  return age < QUIET_MS
    ? `running, ${written}`
    : `${written}: waiting for a model, or interrupted (--resume goes on)`;
}

async function readProgress(folder: string): Promise<z.infer<typeof progressSchema> | undefined> {
  try {
    return progressSchema.parse(JSON.parse(await readFile(join(folder, "progress.json"), "utf8")));
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw new HexacoderError("bad-record", {
      message: `${join(folder, "progress.json")} is not the progress of a run.`,
      remedy: "Remove it: the run makes it anew when it is resumed.",
      cause: error,
    });
  }
}
