// Where the Python of the trainer package is. scripts/setup.mjs makes that environment and must look in the
// same places; test/unit/setup.test.ts holds the two together.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { packageRoot, resource } from "./resources.ts";

/** How to start the trainer package: what goes before its own arguments, where, and with which variables. */
export interface PythonModule {
  /** The interpreter and `-m hexacoder_trainer`. */
  readonly command: readonly [string, ...string[]];
  /** Working folder: Python looks for modules there, so it must not be the user's. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** The folder of the virtual environment that setup makes. */
export function trainerVenv(env: NodeJS.ProcessEnv): string {
  if (env.HEXACODER_VENV) return env.HEXACODER_VENV;
  // Only a checkout has the lock file: npm never packs it.
  if (existsSync(join(packageRoot, "package-lock.json"))) return join(packageRoot, ".venv");
  return join(cachesOf(env), "hexacoder", "venv");
}

function cachesOf(env: NodeJS.ProcessEnv): string {
  const usual =
    process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
  return env.XDG_CACHE_HOME || usual;
}

/** The folder of the environment with the analysers that come from PyPI (`setup --engines`). */
export function enginesVenv(env: NodeJS.ProcessEnv): string {
  if (env.HEXACODER_ENGINES) return env.HEXACODER_ENGINES;
  if (existsSync(join(packageRoot, "package-lock.json"))) return join(packageRoot, ".venv-engines");
  return join(cachesOf(env), "hexacoder", "engines");
}

/** The folder with node-llama-cpp, which is made as those environments are (`setup --gguf`). */
export function llamaFolder(env: NodeJS.ProcessEnv): string {
  if (env.HEXACODER_GGUF) return env.HEXACODER_GGUF;
  if (existsSync(join(packageRoot, "package-lock.json"))) return join(packageRoot, ".gguf");
  return join(cachesOf(env), "hexacoder", "gguf");
}

/** The interpreter of a virtual environment. */
export function venvInterpreter(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

/** The interpreter named in HEXACODER_PYTHON, or the one that setup made; undefined where there is none. */
export function trainerInterpreter(env: NodeJS.ProcessEnv): string | undefined {
  const path = env.HEXACODER_PYTHON || venvInterpreter(trainerVenv(env));
  return existsSync(path) ? path : undefined;
}

/** How to run the trainer package, or undefined where its environment is missing. */
export function trainerModule(env: NodeJS.ProcessEnv): PythonModule | undefined {
  const interpreter = trainerInterpreter(env);
  if (interpreter === undefined) return undefined;
  const { PYTHONHOME: _home, PYTHONPATH: _path, ...rest } = env;
  return {
    command: [interpreter, "-m", "hexacoder_trainer"],
    cwd: resource("trainer"),
    env: {
      ...rest,
      PYTHONPATH: resource("trainer"),
      PYTHONUTF8: "1",
      PYTHONUNBUFFERED: "1",
      // Threads that wait by spinning take the cores from whatever else runs: with a browser or another job
      // beside it, training was measured five times slower than with threads that sleep.
      OMP_WAIT_POLICY: rest.OMP_WAIT_POLICY ?? "PASSIVE",
      // The tokenizer's threads and ours would fight over the same cores, and it warns after each fork.
      TOKENIZERS_PARALLELISM: "false",
      HF_HUB_DISABLE_TELEMETRY: "1",
    },
  };
}
