// Folders of the host that a job may read besides the system: an interpreter's, say. They are bound read-only
// at the same path. What would show the host's home, keys or kernel is refused.
import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, normalize, relative } from "node:path";
import { z } from "zod";
import { HexacoderError } from "../core/errors.ts";
import { runProcess } from "../util/process.ts";

// The sandbox has its own of these; the host's would be holes.
const TAKEN = ["/proc", "/sys", "/dev", "/run", "/etc", "/boot", "/var/run"];
// A job's own writable places, which would hide what is bound under them.
const COVERED = ["/tmp", "/scratch"];

/** Checks folders that are to be readable inside; gives them without doubles. */
export function checkRoots(roots: readonly string[]): string[] {
  const clean = [...new Set(roots.map((root) => normalize(root).replace(/(?<=.)\/$/, "")))];
  for (const root of clean) {
    const why = objection(root);
    if (why !== undefined) {
      throw new HexacoderError("bad-usage", {
        message: `${root} cannot be shown to a sandbox: ${why}.`,
        remedy: "Name the folder that the program needs, such as the one of a Python environment.",
      });
    }
  }
  return clean;
}

function objection(root: string): string | undefined {
  if (!isAbsolute(root) || root.includes("\0")) return "it is no absolute path";
  if (!existsSync(root)) return "it does not exist";
  if (contains(root, homedir())) return "it holds the home folder";
  const taken = TAKEN.find((place) => contains(place, root) || contains(root, place));
  if (taken !== undefined) return `the sandbox has its own ${taken}`;
  if (COVERED.includes(root)) return "a job has its own";
  return undefined;
}

/** Roots that lie where a job's own file systems go, and have to be bound again on top of them. */
export function coveredRoots(roots: readonly string[]): string[] {
  return roots.filter((root) => COVERED.some((place) => contains(place, root)));
}

/** Whether `inner` is `outer` or lies in it. */
function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === "" || (way !== ".." && !way.startsWith("../") && !isAbsolute(way));
}

/** Whether a user who owns nothing can come to this path: what root drops to before it starts a sandbox. */
export function reachableByAnyone(path: string): boolean {
  const own = statSync(path).mode;
  if ((own & 0o005) !== 0o005 && (own & 0o170000) === 0o040000) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

const FACTS = `
import json, os, sys
prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
real = os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))
print(json.dumps({"executable": sys.executable, "folders": [*prefixes, real]}))
`;

const factsSchema = z.object({ executable: z.string(), folders: z.array(z.string()) });

/** An interpreter (of a virtual environment, too) as a path, and the folders it needs apart from /usr. */
export async function pythonPlace(
  interpreter: string,
): Promise<{ readonly executable: string; readonly roots: string[] }> {
  const result = await runProcess({ command: [interpreter, "-I", "-c", FACTS], timeoutMs: 20_000 });
  const facts = factsSchema.safeParse(result.ok ? JSON.parse(result.stdout) : undefined);
  if (!facts.success) {
    throw new HexacoderError("sandbox-missing", {
      message: `${interpreter} is no Python that runs.`,
      remedy: "Name a Python 3.9 or newer.",
      cause: result.cause ?? result.stderr,
    });
  }
  const { executable, folders } = facts.data;
  return { executable, roots: [...new Set(folders)].filter((folder) => !contains("/usr", folder)) };
}
