// What `hexacoder fix` writes: a diff that `git apply` and `patch -p1` take from the folder that one is in, one
// JSON document, or the files themselves.
import { readFileSync } from "node:fs";
import { chmod, realpath, stat } from "node:fs/promises";
import { isAbsolute, normalize, relative, resolve, sep } from "node:path";
import { createTwoFilesPatch } from "diff";
import { writeError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { FixResult } from "../repair/fix.ts";
import { writeFileAtomic } from "../util/files.ts";
import type { CliContext } from "./context.ts";

/** What came of a file. */
export interface FixedFile {
  readonly result: FixResult;
  /** The program before and after; absent where it was not looked at. */
  readonly change?: { readonly before: string; readonly after: string };
}

/** Where results go, file by file. */
export interface FixOutput {
  add(path: string, file: FixedFile): void;
  end(): void;
}

/** The writer for the options: a diff, JSON, or nothing where files are rewritten. */
export function createFixOutput(
  { write, json }: { readonly write: boolean; readonly json: boolean },
  context: Pick<CliContext, "out" | "cwd">,
): FixOutput {
  if (!json) {
    return {
      add: (path, { change }) => {
        if (change !== undefined && !write) context.out(diffOf(path, change, context.cwd));
      },
      end: () => undefined,
    };
  }
  let separator = '{"files":[\n';
  return {
    add: (path, file) => {
      context.out(`${separator}${JSON.stringify(entryOf(path, file, context.cwd))}`);
      separator = ",\n";
    },
    end: () => context.out("\n]}\n"),
  };
}

function entryOf(path: string, { result, change }: FixedFile, cwd: string): object {
  if (result.status === "unscanned") {
    const { reason, detail } = result.result;
    return { path, status: "unscanned", reason, detail, repaired: [], left: [], diff: "" };
  }
  const placed = (report: readonly Finding[]): object[] =>
    report.map(({ ruleId, region, message }) => ({ ruleId, region, message }));
  return {
    path,
    status: "scanned",
    repaired: result.fixed.map(({ cwe, by, report }) => ({ cwe, by, findings: placed(report) })),
    left: result.left.map(({ cwe, reason, report }) => ({ cwe, reason, findings: placed(report) })),
    diff: change === undefined ? "" : diffOf(path, change, cwd),
  };
}

function diffOf(path: string, { before, after }: { before: string; after: string }, cwd: string): string {
  if (before === after) return "";
  const name = nameInDiff(path, cwd);
  const mark = markOf(path, cwd);
  const [old, now] = [mark + before, mark + after];
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, old, now, undefined, undefined, { context: 3 });
  return (
    patch
      // The library's first line is a rule of equals signs, which `patch` and `git apply` do not need.
      .replace(/^=+\n/, "")
      // `patch` takes a name with blanks to its end only where a tab stands behind it.
      .replace(/^(--- .*[^"])\n(\+\+\+ .*[^"])\n/, /\s/.test(name) ? "$1\t\n$2\t\n" : "$1\n$2\n")
  );
}

/** The path from the folder that one is in; one outside of it from the root, without the first slash. */
function nameInDiff(path: string, cwd: string): string {
  const full = resolve(cwd, path);
  const inside = relative(cwd, full);
  const outside = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return (outside ? normalize(full).replace(/^[/\\]+/, "") : inside).replaceAll(sep, "/");
}

/** Replaces the file that a path leads to, keeping its permissions and its byte order mark. */
export async function rewrite(path: string, text: string, context: Pick<CliContext, "cwd">): Promise<void> {
  try {
    const target = await realpath(resolve(context.cwd, path));
    const { mode } = await stat(target);
    await writeFileAtomic(target, markOf(path, context.cwd) + text);
    await chmod(target, mode);
  } catch (error) {
    throw writeError(path, error);
  }
}

const MARK = "\ufeff";

/** The byte order mark that a file begins with. Programs are read without it; the file is not ours to change. */
function markOf(path: string, cwd: string): string {
  return readFileSync(resolve(cwd, path)).subarray(0, 3).toString("utf8") === MARK ? MARK : "";
}
