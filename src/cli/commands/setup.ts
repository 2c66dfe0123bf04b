// `hexacoder setup`: runs the same plain script that a fresh checkout runs before anything is compiled.
import { Command } from "commander";
import { runProcess } from "../../util/process.ts";
import { resource } from "../../util/resources.ts";
import { type CliContext, exitCodes } from "../context.ts";

interface SetupFlags {
  readonly dev?: true;
  readonly browser?: true;
  readonly engines?: true;
  readonly queue?: true;
  readonly gguf?: true;
  readonly quiet?: true;
  readonly python?: string;
}

/** Installs the trainer's Python environment. */
export function command(context: CliContext): Command {
  return new Command("setup")
    .option("--python <path>", "the Python to build the environment with (3.10 or newer)")
    .option("--dev", "also what the trainer's own tests need")
    .option("--engines", "also analysers that can be oracles: bandit, semgrep; as root gcc, clang, cppcheck")
    .option("--browser", "also a Chromium, for the test that opens the report")
    .option("--queue", "also a Redis server (as root), for synth --queue")
    .option("--gguf", "also llama.cpp, for models in GGUF files (85 MB, without a GPU's parts)")
    .option("--quiet", "print only the steps that do something")
    .action((flags: SetupFlags) => setup(flags, context));
}

async function setup(flags: SetupFlags, context: CliContext): Promise<void> {
  const args = [
    ...(flags.dev ? ["--dev"] : []),
    ...(flags.engines ? ["--engines"] : []),
    ...(flags.browser ? ["--browser"] : []),
    ...(flags.queue ? ["--queue"] : []),
    ...(flags.gguf ? ["--gguf"] : []),
    ...(flags.quiet ? ["--quiet"] : []),
    ...(flags.python === undefined ? [] : ["--python", flags.python]),
  ];
  const result = await runProcess({
    command: [process.execPath, resource("scripts", "setup.mjs"), ...args],
    cwd: context.cwd,
    env: context.env,
    signal: context.signal,
    onStderrLine: (line) => context.talk(line),
  });
  if (!result.ok) context.finish(exitCodeOf(result.exitCode));
}

/** The script ends with the same codes as we do; anything else is a failure on the way. */
function exitCodeOf(status: number | undefined): (typeof exitCodes)[keyof typeof exitCodes] {
  return Object.values(exitCodes).find((code) => code === status) ?? exitCodes.failed;
}
