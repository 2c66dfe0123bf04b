// The repaired program still is the program: its functions with their signatures, its classes and
// routes, most of its statements, and what the flagged statement was for. A fix that switches the
// feature off satisfies every oracle and helps nobody.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { statementOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { failed, passed, type RepairSides, type StaticGate } from "./gate.ts";
import { bestMatch, keptShare, missing, SAME_PURPOSE, STATEMENTS_KEPT } from "./statements.ts";
import { isDocstring, tokensOf, wordsOf } from "./tokens.ts";

/** So many words of code say what a statement does, its strings aside. */
const ENOUGH_WORDS = 4;

/** See the file's head. */
export const intact: StaticGate = (sides) => {
  const lost = missing(interfaceOf(sides.before), interfaceOf(sides.after));
  if (lost.length > 0) return failed(`No longer has: ${lost.slice(0, 3).join("; ")}.`);
  const kept = keptShare(statementsOf(sides.before), statementsOf(sides.after));
  if (kept < STATEMENTS_KEPT) {
    return failed(`Only ${Math.round(kept * 100)} % of the statements remain.`);
  }
  const dropped = droppedPurpose(sides);
  if (dropped !== undefined) return failed(`What the program did at the finding is gone: ${dropped}`);
  const dead = unreachable(sides.after) - unreachable(sides.before);
  return dead > 0 ? failed("Statements that ran before can no longer be reached.") : passed;
};

/** Functions with parameters, classes, decorators: what others rely on. */
function interfaceOf(program: Program): string[] {
  const out: string[] = [];
  for (const node of program.tree.root.descendants()) {
    const name = node.child("name")?.text ?? "";
    if (node.type === "function_definition") {
      const parameters = node.child("parameters");
      out.push(`def ${name}${parameters === undefined ? "()" : tokensOf(parameters).join(" ")}`);
    } else if (node.type === "class_definition") out.push(`class ${name}`);
    else if (node.type === "decorator") out.push(tokensOf(node).join(" "));
  }
  return out;
}

/** Statements as words: simple ones whole, compound ones by their header. Imports and docstrings do not count. */
function statementsOf(program: Program): string[][] {
  const out: string[][] = [];
  for (const node of program.tree.root.descendants()) {
    if (node.parent?.type !== "block" && node.parent?.type !== "module") continue;
    if (/^(comment|import_|future_import|decorated_definition)/.test(node.type) || isDocstring(node))
      continue;
    const words = headOf(node).flatMap((part) => wordsOf(part));
    if (words.length > 0) out.push(words);
  }
  return out;
}

function headOf(statement: SyntaxNode): SyntaxNode[] {
  const hasBlock = statement.children.some((child) => child.type === "block");
  if (!hasBlock) return [statement];
  return statement.children.filter((child) => !/^(block|\w+_clause)$/.test(child.type));
}

/** The flagged statement's words must live on near one another. */
function droppedPurpose({ before, after, report }: RepairSides): string | undefined {
  const there = statementsOf(after);
  for (const { region } of report) {
    const node = before.nodeAt(region);
    const statement = statementOf(node);
    if (statement === undefined || /^(import_|future_import)/.test(statement.type)) continue;
    const words = headOf(statement).flatMap((part) => wordsOf(part));
    // A pattern or a template in a string is often what the repair does away with.
    const code = headOf(statement).flatMap((part) => wordsOf(part, { strings: false }));
    const kept = [words, ...(code.length >= ENOUGH_WORDS ? [code] : [])].map(
      (all) => bestMatch(all, there)?.share ?? 0,
    );
    if (words.length > 0 && Math.max(...kept) < SAME_PURPOSE) return statement.text.split("\n")[0];
  }
  return undefined;
}

const LEAVING = /^(return_statement|raise_statement|continue_statement|break_statement)$/;

/** Statements that follow a statement which always leaves. */
function unreachable(program: Program): number {
  let count = 0;
  for (const block of program.tree.root.descendants()) {
    if (block.type !== "block") continue;
    const statements = block.namedChildren.filter((child) => child.type !== "comment");
    const leaves = statements.findIndex((child) => LEAVING.test(child.type) || isAbort(child));
    if (leaves >= 0) count += statements.length - leaves - 1;
  }
  return count;
}

function isAbort(statement: SyntaxNode): boolean {
  return statement.type === "expression_statement" && /^(abort|sys\.exit|exit|quit)\(/.test(statement.text);
}
