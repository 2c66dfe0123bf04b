// Runs a command in this process, as a user would type it, and keeps what it prints. For tests of one
// command; test/support/cli.ts starts the built program instead.
import type { ExitCode } from "../../src/cli/context.ts";
import { cli } from "../../src/cli/main.ts";

/** What a command left behind. */
export interface CommandResult {
  readonly code: ExitCode;
  /** Standard output. */
  readonly out: string;
  /** Standard error, a line each. */
  readonly talk: string;
}

/** Runs `hexacoder …args`. */
export async function runCli(
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal; onTalk?: () => void },
): Promise<CommandResult> {
  let out = "";
  let talk = "";
  const code = await cli(args, {
    out: (text) => {
      out += text;
    },
    talk: (line) => {
      talk += `${line}\n`;
      options.onTalk?.();
    },
    signal: options.signal ?? new AbortController().signal,
    env: options.env ?? {},
    cwd: options.cwd,
    interactive: false,
  });
  return { code, out, talk };
}
