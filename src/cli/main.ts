// The command line: loads the one command that was asked for, runs it, and turns what went
// wrong into one paragraph and an exit code. A bug prints its stack.
import { Command, CommanderError } from "commander";
import { HexacoderError, readError, systemErrorCode, writeError } from "../core/errors.ts";
import { packageVersion } from "../util/versions.ts";
import { commands } from "./commands.ts";
import { type CliContext, type ExitCode, exitCodes, isInterrupted, type OuterContext } from "./context.ts";
import { settle } from "./help.ts";

/** Runs a command line (without the program's name); returns its exit code. */
export async function cli(args: readonly string[], outer: OuterContext): Promise<ExitCode> {
  const { finished, ...world } = outer;
  let code: ExitCode = exitCodes.done;
  let decided = false;
  const context: CliContext = {
    ...world,
    finish: (value, { final } = { final: false }) => {
      code = value;
      decided ||= final;
      finished?.(value);
    },
    // What a step finds is not yet what the whole ends with.
    run: (inner, out) => cli(inner, { ...world, out }),
  };
  try {
    // Only the command that was asked for is loaded: starting up must not cost what others need.
    const wanted = args.find((arg) => !arg.startsWith("-"));
    const asked = (name: string): boolean => wanted === name || (wanted === "help" && args.includes(name));
    const program = await createProgram(context, asked);
    await program.parseAsync([...args], { from: "user" });
    return context.signal.aborted && !decided ? exitCodes.interrupted : code;
  } catch (error) {
    return explain(error, context);
  }
}

/** The program with every command, of which those are loaded that are asked for. */
export async function createProgram(context: CliContext, asked: (name: string) => boolean): Promise<Command> {
  const program = new Command("hexacoder")
    .description("Teach a code model to write secure code, and prove it.")
    .version(packageVersion(), "-V, --version")
    .showSuggestionAfterError()
    // `eval` and `eval score` have options of the same names: each takes those behind its own name.
    .enablePositionalOptions()
    .hook("preAction", (_program, command) => refuseEmpty(command));
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = asked(name) ? (await load()).command(context) : new Command(name);
    program.addCommand(command.description(summary));
  }
  return settle(program, context);
}

/** An unset variable of a script makes an empty path, which would stand for the folder that one is in. */
function refuseEmpty({ args }: Command): void {
  if (!args.includes("")) return;
  throw new HexacoderError("bad-usage", {
    message: "One of the paths is empty.",
    remedy: "Check where it comes from; the folder that you are in is written as a dot.",
  });
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
