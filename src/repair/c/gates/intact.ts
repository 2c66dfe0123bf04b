// The repaired program still is the program: its functions with their parameters, most of its
// statements, and what the flagged statement was for.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { failed, passed } from "../../gates/gate.ts";
import { bestMatch, keptShare, missing, SAME_PURPOSE, STATEMENTS_KEPT } from "../../gates/statements.ts";
import { tokensOf, wordsOf } from "../../gates/tokens.ts";
import type { CProgram } from "../program.ts";
import { statementAround } from "../statements.ts";
import type { CGate, CSides } from "./gate.ts";

/** See the file's head. */
export const intactC: CGate = (sides) => {
  const lost = missing(interfaceOf(sides.before), interfaceOf(sides.after));
  if (lost.length > 0) return failed(`No longer has: ${lost.slice(0, 3).join("; ")}.`);
  const kept = keptShare(statementsOf(sides.before), statementsOf(sides.after));
  if (kept < STATEMENTS_KEPT) return failed(`Only ${Math.round(kept * 100)} % of the statements remain.`);
  const dropped = droppedPurpose(sides);
  if (dropped !== undefined) return failed(`What the program did at the finding is gone: ${dropped}`);
  const dead = unreachable(sides.after) - unreachable(sides.before);
  return dead > 0 ? failed("Statements that ran before can no longer be reached.") : passed;
};

/** Functions with their parameters, and types. */
function interfaceOf(program: CProgram): string[] {
  const out: string[] = [];
  for (const node of program.tree.root.descendants()) {
    if (node.type === "function_definition") {
      const declarator = node.child("declarator");
      if (declarator !== undefined) out.push(tokensOf(declarator).join(" "));
    } else if (/^(struct|union|enum)_specifier$/.test(node.type) && node.child("body") !== undefined) {
      out.push(`${node.type.split("_")[0]} ${node.child("name")?.text ?? ""}`.trim());
    }
  }
  return out;
}

/** Statements as words: simple ones whole, compound ones by their header. */
function statementsOf(program: CProgram): string[][] {
  const out: string[][] = [];
  for (const node of program.tree.root.descendants()) {
    if (!/_statement$|^declaration$/.test(node.type) || node.type === "compound_statement") continue;
    const words = headOf(node).flatMap((part) => wordsOf(part));
    if (words.length > 0) out.push(words);
  }
  return out;
}

function headOf(statement: SyntaxNode): SyntaxNode[] {
  return statement.children.filter(({ type, field }) => {
    return !/^(compound_statement|else_clause)$/.test(type) && field !== "consequence" && field !== "body";
  });
}

/** The flagged statement's words must live on near one another. */
function droppedPurpose({ before, after, report }: CSides): string | undefined {
  const there = statementsOf(after);
  for (const { region } of report) {
    const statement = statementAround(before.nodeAt(region));
    const isCode = statement !== undefined && /_statement$|^declaration$/.test(statement.type);
    const words = !isCode ? [] : headOf(statement).flatMap((part) => wordsOf(part));
    const best = bestMatch(words, there);
    if (words.length > 0 && (best?.share ?? 0) < SAME_PURPOSE) return statement?.text.split("\n")[0];
  }
  return undefined;
}

/** Statements that follow one which always leaves, without a label on the way. */
function unreachable(program: CProgram): number {
  let count = 0;
  for (const block of program.tree.root.descendants()) {
    if (block.type !== "compound_statement") continue;
    const statements = block.namedChildren.filter(({ type }) => type !== "comment");
    const leaves = statements.findIndex(({ type, text }) => {
      return /^(return|goto|break|continue)_statement$/.test(type) || /^(exit|_exit|abort)\(/.test(text);
    });
    const rest = leaves < 0 ? [] : statements.slice(leaves + 1);
    const label = rest.findIndex(({ type }) => /^(labeled|case)_statement$/.test(type));
    count += label < 0 ? rest.length : label;
  }
  return count;
}
