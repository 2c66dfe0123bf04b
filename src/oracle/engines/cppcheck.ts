// Cppcheck (https://cppcheck.sourceforge.io): value flow over C and C++ without compiling, so that
// missing headers do no harm. One call for many programs; its findings come as lines of a format that
// we name, and "Checking FILE" says how far it got.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tryParseCweId } from "../../core/cwe.ts";
import type { SourceFile } from "../../core/finding.ts";
import type { Adapter, Answers, CallContext, Look, Report } from "../external/adapter.ts";
import type { ToolSearch } from "../external/find-tool.ts";
import type { RuleMap } from "../external/rule-map.ts";
import { failureOf, runTool } from "../external/run-tool.ts";
import { type Workspace, withWorkspace } from "../external/workspace.ts";

/** How Cppcheck is found. */
export const cppcheckSearch: ToolSearch = {
  name: "cppcheck",
  versionArgs: ["--version"],
  versionPattern: /Cppcheck (?:Premium )?(\d[\w.]*)/,
};

const ARGS = [
  "--enable=warning,portability",
  "--library=posix",
  "--template={file}\\t{line}\\t{column}\\t{severity}\\t{id}\\t{cwe}\\t{message}",
  "--template-location=\\t{file}\\t{line}\\t{column}\\t{info}",
  "--file-list=list.txt",
];

/** Makes the adapter. */
export function cppcheckAdapter(map: RuleMap): Adapter {
  return {
    name: "cppcheck",
    map,
    settings: "",
    batch: 500,
    limits: { baseMs: 30_000, perProgramMs: 5_000, memoryBytes: 4 * 2 ** 30 },
    harmless: { c: "int main(void) { return 0; }\n" },
    look: (files, context) => withWorkspace(files, "flat", (place) => look(files, { place, context })),
  };
}

async function look(
  files: readonly SourceFile[],
  { place, context }: { place: Workspace; context: CallContext },
): Promise<Answers> {
  await writeFile(join(place.folder, "list.txt"), place.paths.join("\n"));
  const run = await runTool({ args: ARGS, cwd: place.folder, programs: files.length }, context);
  const finished = finishedFiles(files, { place, stdout: run.stdout, whole: run.ok });
  const looks = readFindings(run.stderr, place);
  for (const file of finished) if (!looks.has(file)) looks.set(file, { status: "looked", reports: [] });
  for (const file of looks.keys()) if (!finished.has(file)) looks.delete(file);
  if (looks.size === files.length) return { looks };
  const culprit = files.find((file) => !finished.has(file));
  const failure = failureOf(run, "did not get to the end of its list");
  return { looks, failure: { ...failure, ...(culprit === undefined ? {} : { culprit }) } };
}

/** It says when it starts on a file, once for each configuration: all before the last one are done. */
function finishedFiles(
  files: readonly SourceFile[],
  { place, stdout, whole }: { place: Workspace; stdout: string; whole: boolean },
): Set<SourceFile> {
  const started = new Set<SourceFile>();
  for (const [, path = ""] of stdout.matchAll(/^Checking (\S+?)(?::.*)? \.\.\.$/gm)) {
    const file = place.at(path);
    if (file !== undefined) started.add(file);
  }
  const inOrder = files.filter((file) => started.has(file));
  if (!whole) inOrder.pop();
  return new Set(inOrder);
}

const fieldsSchema = z.tuple([
  z.string(),
  z.coerce.number().int().min(0),
  z.coerce.number().int().min(0),
  z.string(),
  z.string().min(1),
  z.string(),
  z.string(),
]);
type Fields = z.infer<typeof fieldsSchema>;

/** Reports that say that it could not read the program. */
const UNREAD = new Set(["syntaxError", "internalAstError", "unknownMacro", "preprocessorErrorDirective"]);
const BROKEN = new Set(["internalError", "cppcheckError"]);

function readFindings(stderr: string, place: Workspace): Map<SourceFile, Look> {
  const looks = new Map<SourceFile, Look>();
  let reports: Report[] | undefined;
  let steps: NonNullable<Report["steps"]>[number][] = [];
  for (const line of stderr.split("\n")) {
    if (line.startsWith("\t")) {
      steps.push(...stepOf(line));
      continue;
    }
    const fields = fieldsSchema.safeParse(line.split("\t", 7)).data;
    const file = fields === undefined ? undefined : place.at(fields[0]);
    if (fields === undefined || file === undefined) continue;
    const known = looks.get(file);
    if (known?.status === "unscanned") continue;
    const bad = unscanned(fields);
    if (bad !== undefined) {
      looks.set(file, bad);
      continue;
    }
    reports = known === undefined ? [] : [...known.reports];
    steps = [];
    reports.push(reportOf(fields, steps));
    looks.set(file, { status: "looked", reports });
  }
  return looks;
}

function unscanned([, line, , , id, , message]: Fields): Look | undefined {
  const detail = `Cppcheck: line ${line}: ${message}`;
  if (UNREAD.has(id)) return { status: "unscanned", reason: "parse-error", detail };
  if (BROKEN.has(id)) return { status: "unscanned", reason: "tool-failed", detail };
  return undefined;
}

function reportOf([, line, column, severity, id, cwe, message]: Fields, steps: Report["steps"]): Report {
  const known = tryParseCweId(cwe);
  return {
    rule: id,
    message,
    region: { startLine: Math.max(1, line), startColumn: Math.max(1, column) },
    columnKind: "utf8Bytes",
    weak: severity !== "error" && severity !== "warning",
    cwes: known === undefined ? [] : [known],
    ...(steps === undefined ? {} : { steps }),
  };
}

function stepOf(line: string): NonNullable<Report["steps"]>[number][] {
  const [, , row = "", column = "", message = ""] = line.split("\t");
  const [startLine, startColumn] = [Number(row), Number(column)];
  if (!(startLine >= 1) || !(startColumn >= 1)) return [];
  return [{ region: { startLine, startColumn, endColumn: startColumn + 1 }, message }];
}
