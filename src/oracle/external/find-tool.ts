// Where a tool is and which version it has. Looked for in HEXACODER_<NAME>, in the environment that
// `hexacoder setup --engines` makes, and on the PATH; the version is part of the oracle's identity.
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runProcess } from "../../util/process.ts";
import { enginesVenv } from "../../util/python.ts";
import { quietEnv } from "./quiet-env.ts";

/** A tool that is there. */
export interface FoundTool {
  /** Path of the executable. */
  readonly path: string;
  /** Its version, such as `1.9.4`. */
  readonly version: string;
}

/** How to find a tool. */
export interface ToolSearch {
  /** The executable's name. */
  readonly name: string;
  /** Arguments with which it prints its version. */
  readonly versionArgs: readonly string[];
  /** The version is the first group, in what it prints. */
  readonly versionPattern: RegExp;
}

/** The tool, or undefined where there is none that says its version. */
export async function findTool(search: ToolSearch, env: NodeJS.ProcessEnv): Promise<FoundTool | undefined> {
  const named = env[`HEXACODER_${search.name.toUpperCase()}`];
  const folders = [join(enginesVenv(env), "bin"), ...(env.PATH ?? "").split(delimiter).filter(Boolean)];
  const paths = named ? [named] : folders.map((folder) => join(folder, search.name));
  for (const path of paths) {
    if (!(await isExecutable(path))) continue;
    const version = await versionOf(path, search, env);
    if (version !== undefined) return { path, version };
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: the same to us
  }
}

async function versionOf(
  path: string,
  { versionArgs, versionPattern }: ToolSearch,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const result = await runProcess({
    command: [path, ...versionArgs],
    env: quietEnv(env),
    timeoutMs: 60_000,
    maxOutputBytes: 1_000_000,
  });
  return result.ok ? versionPattern.exec(result.stdout)?.[1] : undefined;
}
