// What a command may touch of the outside world: two streams, a signal, the environment.
// Tests pass their own; main.ts passes the process's.
import type { Command } from "commander";
import { exitCodes } from "../core/errors.ts";

/** Exit codes that a command may end with. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The world as a command sees it. */
export interface CliContext {
  /** Writes the result to standard output, as it is. */
  out(text: string): void;
  /** Writes a line of talk to standard error. */
  talk(line: string): void;
  /** Aborted by Ctrl-C, and by SIGTERM with {@link terminated} as its reason. */
  readonly signal: AbortSignal;
  /** Environment variables. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Whether a person watches standard error: progress bars only then. */
  readonly interactive: boolean;
  /** Sets the exit code; 0 unless said otherwise. A `final` one stands for an interrupted command, too. */
  finish(code: ExitCode, options?: { readonly final: boolean }): void;
  /** Runs another command in this process, its results going to `out`. */
  run(args: readonly string[], out: (text: string) => void): Promise<ExitCode>;
}

/** Why a signal is aborted where whoever watches over the process asks it to end (SIGTERM). */
export const terminated = new DOMException("The program was asked to end.", "AbortError");

/** What the process gives; the command line adds the rest. */
export interface OuterContext extends Omit<CliContext, "finish" | "run"> {
  /** Hears the exit code as soon as a command knows it, which may be long before its end. */
  finished?(code: ExitCode): void;
}

/** What a file in commands/ exports. */
export interface CommandModule {
  /** Builds the command, its action included. */
  command(context: CliContext): Command;
}

/** Throws when Ctrl-C was pressed; for loops between awaits. */
export function isInterrupted(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof Error && error.name === "AbortError");
}

export { exitCodes };
