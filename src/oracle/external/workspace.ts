// A folder of its own for each call: programs are written there under names of ours, so that a name
// cannot be an option, an exclusion or a path out, and everything the tool leaves goes with the folder.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative } from "node:path";
import type { SourceFile } from "../../core/finding.ts";

/** Programs on disk. */
export interface Workspace {
  /** The folder; absolute, without links. */
  readonly folder: string;
  /** The programs, in the order given. */
  readonly files: readonly SourceFile[];
  /** Each program's path in it, in the order given. */
  readonly paths: readonly string[];
  /** The program at a path that the tool names, absolute or relative to the folder. */
  at(path: string): SourceFile | undefined;
}

/** How programs are laid out: all in one folder, or each in one of its own. */
export type Layout = "flat" | "folders";

/** Writes programs, calls, and takes everything away again. */
export async function withWorkspace<T>(
  files: readonly SourceFile[],
  layout: Layout,
  use: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "hexacoder-engine-"));
  try {
    const paths = files.map((file, index) => pathOf(file, index, layout));
    for (const [index, file] of files.entries()) await writeProgram(join(folder, paths[index] ?? ""), file);
    const byPath = new Map(paths.map((path, index) => [path, files[index]]));
    return await use({
      folder,
      files,
      paths,
      at: (path) => byPath.get((path.startsWith("/") ? relative(folder, path) : path).replace(/^\.\//, "")),
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function writeProgram(path: string, { text }: SourceFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** `programs/p000007.py`, or `programs/000007/main.py`: no name that another program would import. */
function pathOf(file: SourceFile, index: number, layout: Layout): string {
  const number = String(index).padStart(6, "0");
  const ending = endingOf(file);
  return layout === "flat"
    ? join("programs", `p${number}${ending}`)
    : join("programs", number, `main${ending}`);
}

/** A header is read as a program of its language. */
function endingOf({ language, path }: SourceFile): string {
  if (language === "python") return ".py";
  return isCpp(path) ? ".cpp" : ".c";
}

/** Whether a file is C++ by its ending. */
export function isCpp(path: string): boolean {
  return [".cc", ".cpp", ".cxx", ".hpp"].includes(extname(path).toLowerCase());
}
