// Semgrep (https://semgrep.dev), the free engine: patterns and taint inside a function. Rules are ours
// and the user's; metrics and version checks are off and the registry is never asked. It may skip a file
// that no rule could match without parsing it, so programs that do not parse are turned down before.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { SourceFile } from "../../core/finding.ts";
import { loadLanguage } from "../../lang/registry.ts";
import type { Adapter, Answers, CallContext, Look, Report } from "../external/adapter.ts";
import type { ToolSearch } from "../external/find-tool.ts";
import { arrangeRuleMap } from "../external/rule-map.ts";
import { failureOf, runTool } from "../external/run-tool.ts";
import type { SemgrepRules } from "../external/semgrep-rules.ts";
import { type Workspace, withWorkspace } from "../external/workspace.ts";

/** How Semgrep is found. */
export const semgrepSearch: ToolSearch = {
  name: "semgrep",
  versionArgs: ["--disable-version-check", "--version"],
  versionPattern: /^(\d+\.\d[\w.]*)/m,
};

const ARGS = [
  ..."scan --config rules.json --metrics=off --disable-version-check --json --quiet".split(" "),
  ..."--no-git-ignore --disable-nosem --timeout 20 --timeout-threshold 0".split(" "),
  ..."--max-memory 2000 --jobs 2 programs".split(" "),
];

const placeSchema = z.looseObject({ line: z.int().min(1), col: z.int().min(1) });
const spanSchema = z.looseObject({ start: placeSchema, end: placeSchema });
const resultSchema = z.looseObject({
  check_id: z.string(),
  path: z.string(),
  start: placeSchema,
  end: placeSchema,
  extra: z.looseObject({ message: z.string() }),
});
const errorSchema = z.looseObject({
  // A word, or a list whose first is the word.
  type: z.union([z.string(), z.array(z.unknown())]),
  level: z.string().optional(),
  message: z.string().default(""),
  path: z.string().optional(),
});
const outputSchema = z.looseObject({
  results: z.array(resultSchema),
  errors: z.array(errorSchema),
  paths: z.looseObject({ scanned: z.array(z.string()) }),
});

/** Makes the adapter. */
export function semgrepAdapter(rules: SemgrepRules): Adapter {
  return {
    name: "semgrep",
    map: arrangeRuleMap({ rules: rules.rules, weak: "advice" }),
    settings: `+rules.${rules.hash.slice(0, 8)}`,
    batch: 1000,
    // It bounds the memory for each program itself; address space says little of it.
    limits: { baseMs: 180_000, perProgramMs: 2_000, memoryBytes: 0 },
    harmless: { python: "x = 1\n", c: "int main(void) { return 0; }\n" },
    look: async (files, context) => {
      const unread = await unparsable(files);
      const rest = files.filter((file) => !unread.has(file));
      if (rest.length === 0) return { looks: unread };
      const { looks, ...end } = await withWorkspace(rest, "flat", (place) =>
        look(rest, { place, context, rules }),
      );
      return { looks: new Map([...unread, ...looks]), ...end };
    },
  };
}

async function unparsable(files: readonly SourceFile[]): Promise<Map<SourceFile, Look>> {
  const found = new Map<SourceFile, Look>();
  for (const file of files) {
    const error = (await loadLanguage(file.language)).parse(file.text).firstError;
    if (error === undefined) continue;
    const line = file.text.slice(0, error.start).split("\n").length;
    const detail = `Line ${line} does not follow the grammar.`;
    found.set(file, { status: "unscanned", reason: "parse-error", detail });
  }
  return found;
}

interface Place {
  readonly place: Workspace;
  readonly context: CallContext;
  readonly rules: SemgrepRules;
}

async function look(files: readonly SourceFile[], { place, context, rules }: Place): Promise<Answers> {
  await writeFile(join(place.folder, "rules.json"), rules.config);
  const run = await runTool({ args: ARGS, cwd: place.folder, programs: files.length }, context);
  const output = run.ended === "by-itself" ? readOutput(run.stdout) : undefined;
  const fatal = output?.errors.find(({ path, level }) => path === undefined && level === "error");
  if (output === undefined || fatal !== undefined || (run.exitCode !== 0 && run.exitCode !== 1)) {
    const failure = failureOf(run, "did not write its report");
    return {
      looks: new Map(),
      failure: fatal === undefined ? failure : { ...failure, detail: fatal.message },
    };
  }
  const reports = new Map<SourceFile, Report[]>();
  for (const path of output.paths.scanned) {
    const file = place.at(path);
    if (file !== undefined) reports.set(file, []);
  }
  for (const result of output.results) {
    const file = place.at(result.path);
    if (file !== undefined) reports.get(file)?.push(reportOf(result, rules));
  }
  const looks = new Map<SourceFile, Look>();
  for (const [file, found] of reports) looks.set(file, { status: "looked", reports: found });
  for (const error of output.errors) {
    const file = error.path === undefined ? undefined : place.at(error.path);
    if (file !== undefined) looks.set(file, unscanned(error));
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

function reportOf(
  { check_id, start, end, extra }: z.infer<typeof resultSchema>,
  rules: SemgrepRules,
): Report {
  return {
    rule: idOf(check_id, rules),
    message: extra.message,
    region: regionOf({ start, end }),
    columnKind: "utf8Bytes",
    weak: false,
    cwes: [],
  };
}

/** It puts the folders of the rule file in front of an id. */
function idOf(id: string, { ids }: SemgrepRules): string {
  for (let name = id; name !== ""; name = name.includes(".") ? name.slice(name.indexOf(".") + 1) : "") {
    if (ids.has(name)) return name;
  }
  return id;
}

function regionOf({ start, end }: z.infer<typeof spanSchema>): Report["region"] {
  return { startLine: start.line, startColumn: start.col, endLine: end.line, endColumn: end.col };
}

function unscanned({ type, message }: z.infer<typeof errorSchema>): Look {
  const word = String(Array.isArray(type) ? type[0] : type);
  const detail = `Semgrep: ${message.split("\n")[0] ?? word}`.slice(0, 300);
  const reason = /pars|syntax|lexical/i.test(word)
    ? "parse-error"
    : /timeout/i.test(word)
      ? "timeout"
      : "tool-failed";
  return { status: "unscanned", reason, detail };
}
