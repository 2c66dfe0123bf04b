// A miniature model in Hugging Face's layout, made once a test file with the trainer's own Python.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "../../src/util/process.ts";
import { trainerInterpreter } from "../../src/util/python.ts";
import { resource } from "../../src/util/resources.ts";

/** A folder that goes away with the test. */
export interface Miniature {
  /** The folder around it, for whatever else the test writes. */
  readonly folder: string;
  /** The model's folder. */
  readonly base: string;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** Makes the miniature in a new temporary folder (with a blank in its name, since users have those). */
export async function makeMiniature(): Promise<Miniature> {
  const interpreter = trainerInterpreter(process.env);
  if (interpreter === undefined) throw new Error("the trainer's environment is missing: npm run setup");
  const folder = await mkdtemp(join(tmpdir(), "hexacoder miniature "));
  const base = join(folder, "base");
  const command = [interpreter, resource("trainer", "tests", "miniature.py"), base] as const;
  const result = await runProcess({ command });
  if (!result.ok) throw new Error(`the miniature could not be made:\n${result.stderr}`);
  return { folder, base, remove: () => rm(folder, { recursive: true, force: true }) };
}
