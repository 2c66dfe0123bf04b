// gcc -fanalyzer (https://gcc.gnu.org/wiki/StaticAnalyzer): follows the paths of C functions for memory
// errors. One call compiles many programs, one process each; it answers in their order, as JSON up to
// gcc 14, as a SARIF file a program from gcc 15 on. C++ is not given to it: its analyser is not made for it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tryParseCweId } from "../../core/cwe.ts";
import type { SourceFile } from "../../core/finding.ts";
import type { RunResult } from "../../util/process.ts";
import type { Adapter, Answers, CallContext, Look, Report } from "../external/adapter.ts";
import type { ToolSearch } from "../external/find-tool.ts";
import type { RuleMap } from "../external/rule-map.ts";
import { failureOf, runTool } from "../external/run-tool.ts";
import { lookFromSarif } from "../external/sarif-look.ts";
import { isCpp, type Workspace, withWorkspace } from "../external/workspace.ts";

/** How gcc is found; where `gcc` is clang under another name, it says another version. */
export const gccSearch: ToolSearch = {
  name: "gcc",
  versionArgs: ["--version"],
  versionPattern: /^(?!.*clang).*?\) ?(\d+\.\d+[\w.]*)/m,
};

// Without optimising: it removes the very mistakes that are looked for. Old C must stay C: what became
// an error in gcc 14 is a warning here.
const ARGS = [
  ..."-c -O0 -fanalyzer -Wall -Wextra -Wformat=2 -fno-diagnostics-color".split(" "),
  ..."implicit-function-declaration implicit-int int-conversion incompatible-pointer-types"
    .split(" ")
    .map((name) => `-Wno-error=${name}`),
];

/** Makes the adapter. */
export function gccAdapter(map: RuleMap): Adapter {
  return {
    name: "gcc",
    map,
    settings: "",
    batch: 200,
    limits: { baseMs: 30_000, perProgramMs: 5_000, memoryBytes: 4 * 2 ** 30 },
    harmless: { c: "int main(void) { return 0; }\n" },
    look: async (files, context) => {
      const c = files.filter(({ path }) => !isCpp(path));
      const answers =
        c.length === 0
          ? { looks: [] }
          : await withWorkspace(c, "flat", (place) => look(c, { place, context }));
      const refused = files.filter(({ path }) => isCpp(path)).map((file) => [file, CPP] as const);
      return { ...answers, looks: new Map([...answers.looks, ...refused]) };
    },
  };
}

const CPP: Look = {
  status: "unscanned",
  reason: "unsupported-language",
  detail: "gcc's analyser reads C, and not C++.",
};

interface Place {
  readonly place: Workspace;
  readonly context: CallContext;
}

async function look(files: readonly SourceFile[], { place, context }: Place): Promise<Answers> {
  const asSarif = Number.parseInt(context.tool.version, 10) >= 15;
  const format = asSarif ? "sarif-file" : "json";
  const run = await runTool(
    {
      args: [...ARGS, `-fdiagnostics-format=${format}`, ...place.paths],
      cwd: place.folder,
      programs: files.length,
      cpuSeconds: 30,
    },
    context,
  );
  const looks = asSarif ? await readSarifFiles(files, place) : readLines(files, run.stdout + run.stderr);
  if (looks.size === files.length) return { looks };
  const culprit = files.find((file) => !looks.has(file));
  return { looks, failure: { ...endOf(run), ...(culprit === undefined ? {} : { culprit }) } };
}

/** Over its processor time, a process is killed: that is a timeout, whatever the driver makes of it. */
function endOf(run: RunResult): ReturnType<typeof failureOf> {
  const failure = failureOf(run, "did not answer for every program");
  return /CPU time limit/i.test(run.stderr) ? { ...failure, reason: "timeout" } : failure;
}

const pointSchema = z.looseObject({
  file: z.string().optional(),
  line: z.int().min(1),
  "byte-column": z.int().min(0).optional(),
  column: z.int().min(0).optional(),
});
const spanSchema = z.looseObject({
  caret: pointSchema,
  start: pointSchema.optional(),
  finish: pointSchema.optional(),
});
type Span = z.infer<typeof spanSchema>;
const diagnosticSchema = z.looseObject({
  kind: z.string(),
  message: z.string(),
  option: z.string().optional(),
  metadata: z.looseObject({ cwe: z.number().optional() }).optional(),
  locations: z.array(spanSchema).default([]),
  path: z.array(z.looseObject({ location: pointSchema.optional(), description: z.string() })).optional(),
});
type Diagnostic = z.infer<typeof diagnosticSchema>;
const arraySchema = z.array(diagnosticSchema);

/** One JSON array a program, each on a line of its own, in the order of the programs. */
function readLines(files: readonly SourceFile[], text: string): Map<SourceFile, Look> {
  const looks = new Map<SourceFile, Look>();
  const arrays = text.split("\n").filter((line) => line.startsWith("["));
  for (const [index, line] of arrays.entries()) {
    const diagnostics = parseLine(line);
    const file = files[index];
    if (diagnostics === undefined || file === undefined) break;
    looks.set(file, lookOf(diagnostics));
  }
  return looks;
}

function parseLine(line: string): Diagnostic[] | undefined {
  try {
    return arraySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // half a line: the process was killed while it wrote
  }
}

function lookOf(diagnostics: readonly Diagnostic[]): Look {
  const error = diagnostics.find(({ kind }) => kind === "error" || kind === "fatal error");
  if (error !== undefined) {
    const line = error.locations[0]?.caret.line;
    const where = line === undefined ? "" : ` line ${line}:`;
    return { status: "unscanned", reason: "parse-error", detail: `gcc:${where} ${error.message}` };
  }
  return { status: "looked", reports: diagnostics.flatMap((one) => reportOf(one) ?? []) };
}

function reportOf({ option, message, metadata, locations, path }: Diagnostic): Report | undefined {
  const [span] = locations;
  if (option === undefined || span === undefined) return undefined;
  const cwe = tryParseCweId(String(metadata?.cwe ?? ""));
  return {
    rule: option,
    message,
    region: regionOf(span),
    columnKind: "utf8Bytes",
    weak: false,
    cwes: cwe === undefined ? [] : [cwe],
    ...(path === undefined
      ? {}
      : {
          steps: path.flatMap(({ location, description }) =>
            location === undefined ? [] : [{ region: regionOf({ caret: location }), message: description }],
          ),
        }),
  };
}

/** From the first to the last character; gcc's end is inclusive. */
function regionOf({ caret, start = caret, finish = caret }: Span): Report["region"] {
  const columnOf = (point: Span["caret"]): number => Math.max(1, point["byte-column"] ?? point.column ?? 1);
  return {
    startLine: start.line,
    startColumn: columnOf(start),
    endLine: Math.max(start.line, finish.line),
    endColumn: columnOf(finish) + 1,
  };
}

/** `p000001.c.sarif` lies beside each object file; a program that does not compile has one, too. */
async function readSarifFiles(
  files: readonly SourceFile[],
  place: Workspace,
): Promise<Map<SourceFile, Look>> {
  const looks = new Map<SourceFile, Look>();
  for (const [index, file] of files.entries()) {
    const name = (place.paths[index] ?? "").replace(/^.*\//, "");
    const text = await readFile(join(place.folder, `${name}.sarif`), "utf8").catch(() => undefined);
    const found = text === undefined ? undefined : lookFromSarif(text);
    if (found !== undefined) looks.set(file, found);
  }
  return looks;
}
