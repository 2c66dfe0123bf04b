// The commands, each with its summary and what it looks like in use. Only the one that was asked for is loaded.
import type { CommandModule } from "./context.ts";

/** A command before it is loaded. */
export interface CommandEntry {
  /** What it does, in the list of commands. */
  readonly summary: string;
  /** Loads it. */
  readonly load: () => Promise<CommandModule>;
}

/** Every command by its name. */
export const commands = {
  quickstart: {
    summary: "run the whole flow on the bundled model and open with a report",
    load: () => import("./commands/quickstart.ts"),
  },
  scan: { summary: "find weaknesses in files", load: () => import("./commands/scan.ts") },
  fix: { summary: "repair weaknesses, with every repair verified", load: () => import("./commands/fix.ts") },
  "compare-oracles": {
    summary: "say how far several judges agree on the same programs",
    load: () => import("./commands/compare-oracles.ts"),
  },
  synth: { summary: "make vulnerable/fixed pairs", load: () => import("./commands/synth.ts") },
  worker: {
    summary: "do the work of synthesis runs that put it into a queue",
    load: () => import("./commands/worker.ts"),
  },
  dataset: { summary: "make training data from pairs", load: () => import("./commands/dataset.ts") },
  train: { summary: "train a LoRA adapter", load: () => import("./commands/train.ts") },
  generate: { summary: "complete a program", load: () => import("./commands/generate.ts") },
  serve: {
    summary: "serve a model to editors and agents, OpenAI-compatible and guarded",
    load: () => import("./commands/serve.ts"),
  },
  eval: { summary: "measure models on benchmarks", load: () => import("./commands/eval.ts") },
  harden: {
    summary: "harden a model overnight, and say whether it may be shipped",
    load: () => import("./commands/harden.ts"),
  },
  reproduce: {
    summary: "run a published evaluation as a plan of named arms, and write its tables",
    load: () => import("./commands/reproduce.ts"),
  },
  report: { summary: "turn results into one HTML file", load: () => import("./commands/report.ts") },
  doctor: { summary: "say what is there and what is missing", load: () => import("./commands/doctor.ts") },
  setup: {
    summary: "install what models, judges and the sandbox need",
    load: () => import("./commands/setup.ts"),
  },
} satisfies Record<string, CommandEntry>;
