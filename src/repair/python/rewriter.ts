// Rewrites of Python programs: for every finding the first codemod that knows its shape, all edits
// of a round applied together, with the imports that the new code needs.
import type { CweId } from "../../core/cwe.ts";
import type { Finding } from "../../core/finding.ts";
import { loadPython } from "../../lang/python.ts";
import { codemods } from "../codemods/registry.ts";
import { addEdits, applyEdits, type Edit, withLineEnds } from "../edits.ts";
import type { Codemod, Rewrite, Site } from "../rewrite.ts";
import { leftAlone, type Rewriter, type RewriteTask, type Round } from "../rewriter.ts";
import { type ImportNeed, importEdits, unusedImportEdits } from "./imports.ts";
import { Program } from "./program.ts";
import { TaintView } from "./taint.ts";

/** Makes the rewriter; loads the parser. */
export async function createPythonRewriter(): Promise<Rewriter> {
  const language = await loadPython();
  return {
    language,
    knows: (cwe) => codemods.some(({ cwes }) => cwes.includes(cwe)),
    rewrite: (task) => repairOnce(task, language),
  };
}

/** Repairs what can be repaired in one go: edits of different findings must not overlap. */
function repairOnce({ file, cwe, report }: RewriteTask, language: Rewriter["language"]): Round {
  const program = new Program(language.parse(file.text));
  const list: Edit[] = [];
  const imports: ImportNeed[] = [];
  const drops: string[] = [];
  const names: string[] = [];
  const left: Round["left"][number][] = [];
  for (const finding of report) {
    const { rewrite, name } = rewriteFor(program, cwe, finding, report);
    if (rewrite?.kind !== "edits") {
      left.push(leftAlone(rewrite, finding));
    } else if (addEdits(list, rewrite.edits)) {
      imports.push(...rewrite.imports);
      drops.push(...rewrite.drops);
      names.push(name);
    }
  }
  if (list.length === 0) return { text: file.text, names, left };
  const all = [...list, ...importEdits(program.tree, program.imports, imports)];
  const text = applyEdits(file.text, withLineEnds(all, file.text));
  const unused = unusedImportEdits(language.parse(text), drops);
  return { text: applyEdits(text, unused), names: [...new Set(names)], left };
}

function rewriteFor(
  program: Program,
  cwe: CweId,
  finding: Finding,
  report: readonly Finding[],
): { rewrite: Rewrite | undefined; name: string } {
  let design: Rewrite | undefined;
  for (const codemod of codemods) {
    if (!codemod.cwes.includes(cwe)) continue;
    const site = siteOf(program, finding, report, codemod);
    const rewrite = codemod.rewrite(site);
    if (rewrite?.kind === "edits" && rewrite.edits.length > 0) return { rewrite, name: codemod.name };
    if (rewrite?.kind === "needs-design") design = rewrite;
  }
  return { rewrite: design, name: "" };
}

/** The finding in its program; values are followed only when a codemod asks. */
function siteOf(program: Program, finding: Finding, report: readonly Finding[], codemod: Codemod): Site {
  let taint: TaintView | undefined;
  return {
    program,
    finding,
    report,
    node: program.nodeAt(finding.region),
    get taint() {
      taint ??= new TaintView(program, [finding], codemod.sanitizers);
      return taint;
    },
  };
}
