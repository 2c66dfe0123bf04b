// Rewrites of C programs: for every finding the first codemod that knows its shape, all edits of a
// round applied together, with the headers that the new code needs.
import type { Finding } from "../../core/finding.ts";
import { loadC } from "../../lang/c.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { addEdits, applyEdits, type Edit, withLineEnds } from "../edits.ts";
import { leftAlone, type Rewriter, type RewriteTask, type Round } from "../rewriter.ts";
import { cCodemods } from "./codemods/registry.ts";
import { CProgram } from "./program.ts";
import type { CRewrite } from "./rewrite.ts";

/** Makes the rewriter; loads the parsers. */
export async function createCRewriter(): Promise<Rewriter> {
  const language = await loadC();
  return {
    language,
    knows: (cwe) => cCodemods.some(({ cwes }) => cwes.includes(cwe)),
    rewrite: (task) => rewriteOnce(task, language),
  };
}

function rewriteOnce({ file, cwe, report }: RewriteTask, language: LanguageSupport): Round {
  const program = new CProgram(file.text, language);
  const edits: Edit[] = [];
  const headers = new Set<string>();
  const names = new Set<string>();
  const left: Round["left"][number][] = [];
  for (const finding of report) {
    const { rewrite, name } = rewriteFor(program, { cwe, finding, report });
    if (rewrite?.kind !== "edits") left.push(leftAlone(rewrite, finding));
    else if (addEdits(edits, rewrite.edits)) {
      for (const header of rewrite.headers) headers.add(header);
      names.add(name);
    }
  }
  if (edits.length === 0) return { text: file.text, names: [], left };
  const all = [...edits, ...includeEdits(program, [...headers])];
  return { text: applyEdits(file.text, withLineEnds(all, file.text)), names: [...names], left };
}

function rewriteFor(
  program: CProgram,
  { cwe, finding, report }: Pick<RewriteTask, "cwe" | "report"> & { finding: Finding },
): { rewrite: CRewrite | undefined; name: string } {
  let design: CRewrite | undefined;
  for (const { name, cwes, rewrite: make } of cCodemods) {
    if (!cwes.includes(cwe)) continue;
    const rewrite = make({ program, finding, report, node: program.nodeAt(finding.region) });
    if (rewrite?.kind === "edits" && rewrite.edits.length > 0) return { rewrite, name };
    if (rewrite?.kind === "needs-design") design = rewrite;
  }
  return { rewrite: design, name: "" };
}

/** Headers go among the program's own in order of the alphabet where it keeps one, else after the last. */
function includeEdits(program: CProgram, headers: readonly string[]): Edit[] {
  const wanted = headers.filter((header) => !program.includes(header)).sort();
  const known = program.includeNodes().filter((node) => node.parent === program.tree.root);
  return wanted.map((header) => {
    const line = `#include <${header}>\n`;
    const next = known.find((node) => node.text.startsWith("#include <") && node.text.trim() > line.trim());
    const place = next?.start ?? known.at(-1)?.end ?? firstCode(program);
    return {
      start: place,
      end: place,
      text: place === next?.start || known.length === 0 ? line : atLineStart(program, place, line),
    };
  });
}

/** The grammar ends a directive after its newline, or at the end of the text. */
function atLineStart({ tree }: CProgram, place: number, line: string): string {
  return tree.source.charAt(place - 1) === "\n" ? line : `\n${line.trimEnd()}`;
}

function firstCode({ tree }: CProgram): number {
  return tree.root.namedChildren.find(({ type }) => type !== "comment")?.start ?? 0;
}
