// What makes a finding the same one in a later scan, when lines above it came or went: its rule, its
// file, the text of its line, and which of the findings with all three alike it is. GitHub's code
// scanning and --baseline go by it.
import { isAbsolute, relative, sep } from "node:path";
import type { Finding } from "../core/finding.ts";
import { sha256 } from "../util/hash.ts";

/** A path as the repository names it: relative to `root` where it lies below, with forward slashes. */
export function repositoryPath(path: string, root: string): string {
  const inside = isAbsolute(path) ? relative(root, path) : path;
  const isBelow = inside !== "" && !isAbsolute(inside) && inside !== ".." && !inside.startsWith(`..${sep}`);
  const shown = isBelow ? inside : path;
  return shown.replaceAll(sep, "/").replace(/^(?:\.\/)+/, "");
}

/** One fingerprint for each finding of a file. */
export function fingerprintsOf(findings: readonly Finding[], file: { path: string; text: string }): string[] {
  const lines = file.text.split("\n");
  const counts = new Map<string, number>();
  return findings.map(({ ruleId, region }) => {
    const line = (lines[region.startLine - 1] ?? "").trim();
    const print = sha256(`${ruleId}\n${file.path}\n${line}`).slice(0, 16);
    const count = (counts.get(print) ?? 0) + 1;
    counts.set(print, count);
    return `${print}:${count}`;
  });
}
