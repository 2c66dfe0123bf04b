// Where the stages of a run lie below the folders that a user names: in the places of `quickstart`, in folders of
// other names that hold a run, and nested below `evals` and `adapters` as `hexacoder reproduce` leaves them.
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { HexacoderError, isNotThere } from "../core/errors.ts";
import { readManifest } from "../util/run-folder.ts";

/** A folder that may hold a stage. */
export interface Place {
  /** Where it is. */
  readonly path: string;
  /** What to call it beside others: its way from the folder that was named, or that folder's own name. */
  readonly label: string;
  /** The folder that was named. */
  readonly root: string;
}

const STAGES = ["synth", ".", "dataset", "adapter", "eval"] as const;
const NESTED = ["adapters", "evals"] as const;
const DEEPEST = 4;

/** Every place, each once, in the order of the work. */
export async function placesIn(folders: readonly string[]): Promise<Place[]> {
  const places = new Map<string, Place>();
  for (const folder of folders) {
    if (!(await isFolder(folder))) {
      throw new HexacoderError("file-not-found", {
        message: `The folder ${folder} does not exist.`,
        remedy: "Give the --out folder of an eval, synth, train, quickstart or reproduce run.",
      });
    }
    const own = basename(folder);
    for (const stage of STAGES) {
      const path = join(folder, stage);
      if (await isFolder(path)) places.set(path, { path, label: own, root: folder });
    }
    for (const path of await runsIn(folder)) {
      // Those of the usual names come first, and are called as the whole.
      if (!places.has(path)) places.set(path, { path, label: basename(path), root: folder });
    }
    for (const nested of NESTED) {
      const root = join(folder, nested);
      for (const path of await foldersBelow(root, DEEPEST)) {
        places.set(path, { path, label: relative(root, path).replaceAll("\\", "/"), root: folder });
      }
    }
  }
  return [...places.values()];
}

/** The folders right below one that stages have made, whatever a user called them. */
async function runsIn(folder: string): Promise<string[]> {
  const below = await foldersBelow(folder, 1);
  const ours = await Promise.all(below.map(isRun));
  return below.filter((_path, i) => ours[i]);
}

/** Manifests are written whole: one that is not ours is somebody else's file of that name. */
async function isRun(path: string): Promise<boolean> {
  try {
    return (await readManifest(path)) !== undefined;
  } catch (error) {
    if (error instanceof HexacoderError) return false;
    throw error;
  }
}

async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  if (depth === 0 || !(await isFolder(folder))) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    found.push(path, ...(await foldersBelow(path, depth - 1)));
  }
  return found;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}
