// Bandit (https://bandit.readthedocs.io): looks at Python's syntax tree for calls and settings that are
// dangerous by their form. One call for a folder of programs; `# nosec` comments are not heeded, for a
// program must not talk its judge out of a finding.
import { z } from "zod";
import { tryParseCweId } from "../../core/cwe.ts";
import type { SourceFile } from "../../core/finding.ts";
import type { Adapter, Answers, CallContext, Look, Report } from "../external/adapter.ts";
import type { ToolSearch } from "../external/find-tool.ts";
import type { RuleMap } from "../external/rule-map.ts";
import { failureOf, runTool } from "../external/run-tool.ts";
import { type Workspace, withWorkspace } from "../external/workspace.ts";

/** How Bandit is found. */
export const banditSearch: ToolSearch = {
  name: "bandit",
  versionArgs: ["--version"],
  versionPattern: /^\S*bandit\S* (\d[\w.]*)/m,
};

const resultSchema = z.looseObject({
  filename: z.string(),
  test_id: z.string(),
  issue_text: z.string(),
  issue_severity: z.string(),
  issue_cwe: z.looseObject({ id: z.number().optional() }).optional(),
  line_number: z.int().min(1),
  line_range: z.array(z.int().min(1)).default([]),
  col_offset: z.int().default(0),
  end_col_offset: z.int().default(0),
});

const outputSchema = z.looseObject({
  errors: z.array(z.looseObject({ filename: z.string(), reason: z.string() })),
  results: z.array(resultSchema),
  metrics: z.record(z.string(), z.unknown()),
});

/** Makes the adapter. */
export function banditAdapter(map: RuleMap): Adapter {
  return {
    name: "bandit",
    map,
    settings: "",
    batch: 1000,
    limits: { baseMs: 60_000, perProgramMs: 500, memoryBytes: 4 * 2 ** 30 },
    harmless: { python: "x = 1\n" },
    look: (files, context) => withWorkspace(files, "flat", (place) => look(files, { place, context })),
  };
}

async function look(
  files: readonly SourceFile[],
  { place, context }: { place: Workspace; context: CallContext },
): Promise<Answers> {
  const args = ["-q", "-r", "-f", "json", "--ignore-nosec", "programs"];
  const run = await runTool({ args, cwd: place.folder, programs: files.length }, context);
  const output = run.ended === "by-itself" ? readOutput(run.stdout) : undefined;
  // 1 is "found something"; a tool that failed may leave with it, too, but then without its JSON.
  if (output === undefined || (run.exitCode !== 0 && run.exitCode !== 1)) {
    return { looks: new Map(), failure: failureOf(run, "did not write its report") };
  }
  const looks = new Map<SourceFile, Look>();
  const reports = new Map<SourceFile, Report[]>();
  for (const path of Object.keys(output.metrics)) {
    const file = place.at(path);
    if (file !== undefined) reports.set(file, []);
  }
  for (const result of output.results) {
    const file = place.at(result.filename);
    if (file !== undefined) reports.get(file)?.push(reportOf(result));
  }
  for (const [file, found] of reports) looks.set(file, { status: "looked", reports: found });
  for (const { filename, reason } of output.errors) {
    const file = place.at(filename);
    if (file !== undefined) looks.set(file, unscanned(reason));
  }
  return { looks };
}

function readOutput(text: string): z.infer<typeof outputSchema> | undefined {
  try {
    return outputSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // half a report
  }
}

function reportOf(result: z.infer<typeof resultSchema>): Report {
  const { line_number: startLine, line_range: lines, col_offset: from, end_col_offset: to } = result;
  const endLine = Math.max(startLine, ...lines);
  const cwe = tryParseCweId(String(result.issue_cwe?.id ?? ""));
  // Python counts columns from 0, in bytes. Of some reports the lines go beyond the node: then the end is open.
  const end = to > 0 && (endLine > startLine || to > from) ? { endLine, endColumn: to + 1 } : { endLine };
  return {
    rule: result.test_id,
    message: result.issue_text,
    region: { startLine, startColumn: Math.max(0, from) + 1, ...end },
    columnKind: "utf8Bytes",
    weak: result.issue_severity === "LOW",
    cwes: cwe === undefined ? [] : [cwe],
  };
}

function unscanned(reason: string): Look {
  const parsing = /syntax error/i.test(reason);
  return {
    status: "unscanned",
    reason: parsing ? "parse-error" : "tool-failed",
    detail: parsing ? "Bandit: it does not follow Python's grammar." : `Bandit: ${reason}.`,
  };
}
