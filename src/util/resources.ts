// Where the package's own files are (data/, models/, trainer/), in a checkout and when installed.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's root folder. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The path of a file or folder that ships with the package. */
export function resource(...parts: readonly string[]): string {
  return join(packageRoot, ...parts);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("package.json not found above the sources");
  return findRoot(parent);
}
