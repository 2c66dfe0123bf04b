// CodeQL (https://codeql.github.com), the paper's oracle. One database for a whole batch, each program in
// a folder of its own, nothing is built; flows that leave their program are dropped, for CodeQL takes the
// batch for one code base. Never run for real by this project's own tests: they use a stand-in.
import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import type { SourceFile } from "../../core/finding.ts";
import type { Language } from "../../core/language.ts";
import type { Adapter, Answers, CallContext, Look, Report } from "../external/adapter.ts";
import type { ToolSearch } from "../external/find-tool.ts";
import type { RuleMap } from "../external/rule-map.ts";
import { failureOf, runTool } from "../external/run-tool.ts";
import { reportFromSarif } from "../external/sarif-look.ts";
import { type Workspace, withWorkspace } from "../external/workspace.ts";
import type { ThreatModel } from "../oracle.ts";
import { parseSarif, type SarifResult, type SarifRun } from "../sarif-in.ts";

/** How CodeQL is found. */
export const codeqlSearch: ToolSearch = {
  name: "codeql",
  versionArgs: ["version", "--format=terse"],
  versionPattern: /^(\d+\.\d+\.\d+\S*)/m,
};

/** CodeQL's name of a language, and what its files in the query pack are called after. */
const names: Readonly<Record<Language, { readonly extractor: string; readonly pack: string }>> = {
  python: { extractor: "python", pack: "codeql/python-queries" },
  c: { extractor: "cpp", pack: "codeql/cpp-queries" },
};

/** Makes the adapter; of the threat models CodeQL knows `local`, beside `remote` which is always on. */
export function codeqlAdapter(map: RuleMap, threatModels: readonly ThreatModel[]): Adapter {
  const local = threatModels.includes("local");
  return {
    name: "codeql",
    map,
    settings: local ? "+local" : "",
    batch: 5000,
    limits: { baseMs: 1_800_000, perProgramMs: 2_000, memoryBytes: 0 },
    harmless: { python: "x = 1\n", c: "int main(void) { return 0; }\n" },
    look: (files, context) =>
      withWorkspace(files, "folders", (place) => look(files, { place, context, local })),
  };
}

interface Place {
  readonly place: Workspace;
  readonly context: CallContext;
  readonly local: boolean;
}

async function look(files: readonly SourceFile[], how: Place): Promise<Answers> {
  const { place, context } = how;
  const language = files[0]?.language ?? "python";
  await mkdir(join(place.folder, "programs"), { recursive: true });
  for (const args of commands(language, how)) {
    const run = await runTool({ args, cwd: place.folder, programs: files.length }, context);
    if (!run.ok)
      return {
        looks: new Map(),
        failure: failureOf(run, `did not finish \`${args.slice(0, 2).join(" ")}\``),
      };
  }
  const text = await readFile(join(place.folder, "results.sarif"), "utf8").catch(() => "");
  const reading = parseSarif(text);
  const failed = (detail: string): Answers => ({
    looks: new Map(),
    failure: { reason: "tool-failed", detail },
  });
  if (!reading.ok) return failed(`Its results cannot be read: ${reading.why}.`);
  const [run] = reading.runs;
  if (run === undefined || !run.completed) return failed("It says itself that it did not finish.");
  return { looks: looksOf(run, place) };
}

/** Makes the database, then asks it. Diagnostics say which files it could read at all. */
function commands(language: Language, { local }: Place): string[][] {
  const { extractor, pack } = names[language];
  const resources = [
    `--threads=${availableParallelism()}`,
    `--ram=${Math.floor((totalmem() / 2 ** 20) * 0.6)}`,
  ];
  return [
    [
      ...["database", "create", "db", `--language=${extractor}`, "--source-root=programs"],
      ...["--build-mode=none", "--overwrite", ...resources],
    ],
    [
      ...["database", "analyze", "db", "--format=sarif-latest", "--output=results.sarif", ...resources],
      ...["--no-sarif-add-baseline-file-info", "--no-print-diagnostics-summary"],
      ...(local ? ["--threat-model=local"] : []),
      `${pack}:codeql-suites/${extractor}-security-extended.qls`,
      `${pack}:Diagnostics/SuccessfullyExtractedFiles.ql`,
    ],
  ];
}

/** What was read without an error, and what was found there; a program that was not read has no answer. */
function looksOf(run: SarifRun, place: Workspace): Map<SourceFile, Look> {
  const fileAt = (path: string): SourceFile | undefined =>
    place.at(path.startsWith("/") ? path : join("programs", path));
  const reports = new Map<SourceFile, Report[]>();
  for (const { id, paths } of run.notifications) {
    if (!id.endsWith("/successfully-extracted-files")) continue;
    for (const path of paths) {
      const file = fileAt(path);
      if (file !== undefined) reports.set(file, []);
    }
  }
  for (const result of run.results) {
    const file = result.place === undefined ? undefined : fileAt(result.place.path);
    const report =
      file === undefined || crosses(result) ? undefined : reportFromSarif(result, run.columnKind);
    if (file !== undefined && report !== undefined) reports.get(file)?.push(report);
  }
  const looks = new Map<SourceFile, Look>();
  for (const [file, found] of reports) looks.set(file, { status: "looked", reports: found });
  for (const file of place.files) {
    if (!looks.has(file)) looks.set(file, NOT_READ);
  }
  return looks;
}

const NOT_READ: Look = {
  status: "unscanned",
  reason: "parse-error",
  detail: "CodeQL does not name it among the files that it read without an error.",
};

/** Whether every way to the place leads through another program of the batch. */
function crosses({ place, flows }: SarifResult): boolean {
  if (place === undefined || flows.length === 0) return false;
  const folder = folderOf(place.path);
  return flows.every((flow) => flow.some((step) => folderOf(step.path) !== folder));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
