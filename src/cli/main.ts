// The command line: loads the one command that was asked for, runs it, and turns what went
// wrong into one paragraph and an exit code. A bug prints its stack.
import { Command, CommanderError } from "commander";
import { HexacoderError, readError, systemErrorCode, writeError } from "../core/errors.ts";
import { packageVersion } from "../util/versions.ts";
import {
  type CliContext,
  type CommandModule,
  type ExitCode,
  exitCodes,
  isInterrupted,
  type OuterContext,
} from "./context.ts";

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const commands = {
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

/** Runs a command line (without the program's name); returns its exit code. */
export async function cli(args: readonly string[], outer: OuterContext): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const context: CliContext = {
    ...outer,
    finish: (value) => {
      code = value;
    },
    run: (inner, out) => cli(inner, { ...outer, out }),
  };
  try {
    const program = await programFor(args, context);
    await program.parseAsync([...args], { from: "user" });
    return context.signal.aborted ? exitCodes.interrupted : code;
  } catch (error) {
    return explain(error, context);
  }
}

async function programFor(args: readonly string[], context: CliContext): Promise<Command> {
  const program = new Command("hexacoder")
    .description("Teach a code model to write secure code, and prove it.")
    .version(packageVersion(), "-V, --version")
    .showSuggestionAfterError()
    // `eval` and `eval score` have options of the same names: each takes those behind its own name.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: (text) => context.talk(text.trimEnd()) });
  for (const [name, entry] of Object.entries(commands)) {
    program.addCommand(await commandFor(name, entry, args, context));
  }
  return program;
}

async function commandFor(
  name: string,
  entry: CommandEntry,
  args: readonly string[],
  context: CliContext,
): Promise<Command> {
  // Only the command that was asked for is loaded: starting up must not cost what others need.
  const wanted = args.find((arg) => !arg.startsWith("-"));
  const asked = wanted === name || (wanted === "help" && args.includes(name));
  const command = asked ? (await entry.load()).command(context) : new Command(name);
  return inherit(command.description(entry.summary), context);
}

function inherit(command: Command, context: CliContext): Command {
  command
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: (text) => context.talk(text.trimEnd()) });
  for (const child of command.commands) inherit(child, context);
  return command;
}

function explain(error: unknown, context: CliContext): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  // Our own errors have a code, too: only others are the file system's.
  const system = !(error instanceof HexacoderError) && systemErrorCode(error) !== undefined;
  if (system && !context.signal.aborted) return explain(fileError(error), context);
  if (error instanceof HexacoderError && error.code !== "interrupted") {
    context.talk(`hexacoder: ${error.message} ${error.remedy}`);
    return error.exitCode;
  }
  if (isInterrupted(error, context.signal) || error instanceof HexacoderError) {
    const remedy =
      error instanceof HexacoderError
        ? `${error.message} ${error.remedy}`
        : "Interrupted. What was finished is kept; run the same command with --resume to go on.";
    context.talk(`hexacoder: ${remedy}`);
    return exitCodes.interrupted;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.talk(`hexacoder: this is a bug in hexacoder, please report it.\n${stack}`);
  return exitCodes.failed;
}

/** A file system failure that no stage has put into words yet. */
function fileError(error: unknown): HexacoderError {
  const path = error instanceof Error && "path" in error ? String(error.path) : "A file";
  return systemErrorCode(error) === "ENOENT" ? readError(path, error) : writeError(path, error);
}
