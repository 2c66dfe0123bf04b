// clang --analyze (https://clang-analyzer.llvm.org): symbolic execution of C and C++ functions. One call
// for many programs, a process each; every program that compiles leaves a SARIF file.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SourceFile } from "../../core/finding.ts";
import type { Adapter, Answers, CallContext, Look } from "../external/adapter.ts";
import type { ToolSearch } from "../external/find-tool.ts";
import type { RuleMap } from "../external/rule-map.ts";
import { failureOf, runTool } from "../external/run-tool.ts";
import { lookFromSarif } from "../external/sarif-look.ts";
import { type Workspace, withWorkspace } from "../external/workspace.ts";

/** How clang is found. */
export const clangSearch: ToolSearch = {
  name: "clang",
  versionArgs: ["--version"],
  versionPattern: /clang version (\d+\.\d+[\w.]*)/,
};

const ARGS = ["--analyze", "-fno-color-diagnostics", "-fno-integrated-cc1", "-Wno-everything"];
const FORMAT = ["-Xclang", "-analyzer-output=sarif"];

/** Makes the adapter. */
export function clangAdapter(map: RuleMap): Adapter {
  return {
    name: "clang",
    map,
    settings: "",
    batch: 200,
    limits: { baseMs: 30_000, perProgramMs: 5_000, memoryBytes: 4 * 2 ** 30 },
    harmless: { c: "int main(void) { return 0; }\n" },
    look: (files, context) => withWorkspace(files, "flat", (place) => look(files, { place, context })),
  };
}

async function look(
  files: readonly SourceFile[],
  { place, context }: { place: Workspace; context: CallContext },
): Promise<Answers> {
  const args = [...ARGS, ...FORMAT, ...place.paths];
  const run = await runTool({ args, cwd: place.folder, programs: files.length, cpuSeconds: 30 }, context);
  const errors = compileErrors(run.stderr, place);
  const looks = new Map<SourceFile, Look>();
  for (const [index, file] of files.entries()) {
    const found = errors.get(file) ?? (await readAnswer(place, index));
    if (found !== undefined) looks.set(file, found);
  }
  if (looks.size === files.length) return { looks };
  const failure = failureOf(run, "did not answer for every program");
  // Programs are compiled one after another: the first without an answer is the one that it was at.
  const culprit = files.find((file) => !looks.has(file));
  return { looks, failure: { ...failure, ...(culprit === undefined ? {} : { culprit }) } };
}

/** `p000001.plist`, whatever the format. */
async function readAnswer(place: Workspace, index: number): Promise<Look | undefined> {
  const name = (place.paths[index] ?? "").replace(/^.*\//, "").replace(/\.\w+$/, ".plist");
  const text = await readFile(join(place.folder, name), "utf8").catch(() => undefined);
  return text === undefined ? undefined : lookFromSarif(text);
}

/** Programs that do not compile, with the first thing that the compiler says of each. */
function compileErrors(stderr: string, place: Workspace): Map<SourceFile, Look> {
  const found = new Map<SourceFile, Look>();
  for (const [, path = "", line = "", message = ""] of stderr.matchAll(
    /^(\S+?):(\d+):\d+: (?:fatal )?error: (.*)$/gm,
  )) {
    const file = place.at(path);
    if (file === undefined || found.has(file)) continue;
    found.set(file, {
      status: "unscanned",
      reason: "parse-error",
      detail: `clang: line ${line}: ${message}`,
    });
  }
  return found;
}
