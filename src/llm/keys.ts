// Keys of services: from the environment, or from a file that holds them. They go into request headers and
// nowhere else.
import { readFile } from "node:fs/promises";
import { HexacoderError, readError } from "../core/errors.ts";

/** Finds the key of a variable; `undefined` where there is none. */
export type Keys = (variable: string) => string | undefined;

const ASSIGNMENT = /^(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*)$/;

/**
 * Keys from the environment and, before it, a file: lines `VARIABLE=key`, or the key alone, which then stands for
 * every variable.
 */
export async function readKeys(env: NodeJS.ProcessEnv, file: string | undefined): Promise<Keys> {
  const fromEnvironment: Keys = (variable) => env[variable]?.trim() || undefined;
  if (file === undefined) return fromEnvironment;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw readError(file, cause);
  });
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const named = new Map<string, string>();
  const bare: string[] = [];
  for (const line of lines) {
    const [, name, value = ""] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) bare.push(line);
    else named.set(name, value.replace(/^(["'])(.*)\1$/, "$2"));
  }
  if (bare.length > 1 || (bare.length === 1 && named.size > 0) || lines.length === 0) throw unreadable(file);
  return (variable) => named.get(variable) ?? bare[0] ?? fromEnvironment(variable);
}

/** The key for a model; throws `key-missing` where one is needed and there is none. */
export function keyFor(
  {
    identity,
    keyVariable,
    keyNeeded,
  }: { identity: string; keyVariable: string | undefined; keyNeeded: boolean },
  keys: Keys,
): string | undefined {
  const key = keyVariable === undefined ? undefined : keys(keyVariable);
  if (key !== undefined || !keyNeeded) return key;
  throw new HexacoderError("key-missing", {
    message: `${identity} needs a key, and the variable ${keyVariable} is not set.`,
    remedy: `Set it (export ${keyVariable}=…) or name a file that holds it with --key-file; or take a model that needs none: tiny, hf:…, ollama:…`,
  });
}

/** Says what is wrong without showing a line: any of them may be a key. */
function unreadable(file: string): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `${file} holds no key that can be read.`,
    remedy: "Write the key alone on one line, or lines like OPENAI_API_KEY=…",
  });
}
