// CWE-415, CWE-416: what was freed is freed once, and last: a pointer that lives on is set to null,
// a use that follows in the same block comes before, and a loop over a list reads on before it frees.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { replace } from "../../edits.ts";
import { argumentsOfCall, type CProgram, calledName } from "../program.ts";
import { type CCodemod, type CRewrite, type CSite, cEdits } from "../rewrite.ts";
import { functionAround, indentBefore, linesAfter, linesBefore, statementAround } from "../statements.ts";

/** See the file's head. */
export const freedOnce: CCodemod = {
  name: "freed-once",
  cwes: [parseCweId("CWE-415")],
  rewrite({ program, node }) {
    const held = node.type === "call_expression" ? argumentsOfCall(node)[0] : undefined;
    const earlier = held === undefined ? undefined : freeBefore(held, node);
    const statement = earlier === undefined ? undefined : statementAround(earlier);
    if (held === undefined || statement?.type !== "expression_statement") return undefined;
    // A copy of the pointer, or one that was passed by value, would stay as it is.
    if (!/^(identifier|field_expression|subscript_expression)$/.test(held.type)) return undefined;
    return cEdits([linesAfter(program, statement, [`${held.text} = NULL;`])]);
  },
};

/** See the file's head. */
export const freedLast: CCodemod = {
  name: "freed-last",
  cwes: [parseCweId("CWE-416")],
  rewrite(site) {
    return readOnFirst(site) ?? freeLater(site);
  },
};

function freeBefore(held: SyntaxNode, use: SyntaxNode): SyntaxNode | undefined {
  const calls = [...(functionAround(use)?.descendants() ?? [])].filter(
    (node) =>
      node.type === "call_expression" &&
      /^(free|g_free)$/.test(calledName(node)) &&
      node.end <= use.start &&
      argumentsOfCall(node)[0]?.text === held.text &&
      goesOnTo(node, use),
  );
  return calls.at(-1);
}

/** Whether what is freed here can come to the later place: its branch does not leave before. */
function goesOnTo(call: SyntaxNode, use: SyntaxNode): boolean {
  const block = statementAround(call)?.parent;
  if (block === undefined || (block.start <= use.start && use.end <= block.end)) return true;
  return !/^(return|continue)_statement$/.test(block.namedChildren.at(-1)?.type ?? "");
}

/** `for (n = head; n != NULL; n = n->next) free(n);` with the next one remembered first. */
function readOnFirst({ program, node }: CSite): CRewrite | undefined {
  const update = node.parent;
  const loop = update?.parent;
  const body = loop?.child("body");
  const pointer = node.child("argument");
  if (loop?.type !== "for_statement" || loop.child("update") !== update || update?.child("right") !== node)
    return undefined;
  if (body === undefined || pointer === undefined || update.child("left")?.text !== pointer.text)
    return undefined;
  const type = typeText(program, pointer);
  if (type === undefined) return undefined;
  const next = program.freshName("next", `next_${pointer.text}`);
  const line = `${next} = ${node.text};`;
  const [first] = body.type === "compound_statement" ? body.namedChildren : [body];
  const before = first === undefined ? undefined : linesBefore(program, first, [line]);
  return cEdits([linesBefore(program, loop, [`${type}${next};`]), before, replace(node, next)]);
}

/** `struct node *` for the variable of a loop. */
function typeText(program: CProgram, pointer: SyntaxNode): string | undefined {
  const found = program.declared(pointer.text, pointer);
  const declarator = found?.node.child("declarator");
  if (found?.type.k !== "pointer" || declarator === undefined) return undefined;
  const own = /^\**/.exec((declarator.child("declarator") ?? declarator).text)?.[0] ?? "*";
  return `${found.node.child("type")?.text ?? "void"} ${own === "" ? "*" : own}`;
}

/** `free(line); printf("%s", line);`: the free comes after the last use in the block. */
function freeLater({ program, node }: CSite): CRewrite | undefined {
  const use = statementAround(node);
  const block = use?.parent;
  if (use === undefined || block === undefined) return undefined;
  const siblings = block.namedChildren;
  const at = siblings.indexOf(use);
  const frees = siblings.slice(0, at).filter((statement) => isFreeOf(statement, node));
  const last = frees.at(-1);
  if (last === undefined || !program.claim(last)) return undefined;
  const between = siblings.slice(siblings.indexOf(last) + 1, at);
  // On the way nothing may leave, and nothing may give the pointer another value.
  const held = heldBy(last);
  if (between.some((statement) => leaves(statement) || gives(statement, held))) return undefined;
  const { source } = program.tree;
  const lineStart = source.lastIndexOf("\n", last.start - 1) + 1;
  const newline = source.indexOf("\n", last.end);
  if (source.slice(lineStart, last.start).trim() !== "" || source.slice(last.end, newline).trim() !== "")
    return undefined;
  const gone = { start: lineStart, end: newline + 1, text: "" };
  if (use.type === "return_statement") return keptResult(program, { use, last, gone });
  return cEdits([gone, linesAfter(program, use, [last.text], { again: true })]);
}

/** `free(n); return n->value;`: the result is taken first. */
function keptResult(
  program: CProgram,
  {
    use,
    last,
    gone,
  }: { use: SyntaxNode; last: SyntaxNode; gone: { start: number; end: number; text: string } },
): CRewrite | undefined {
  const value = use.namedChildren.find(({ type }) => type !== "comment");
  const definition = functionAround(use);
  const type = definition?.child("type")?.text;
  const declarator = definition?.child("declarator");
  if (value === undefined || type === undefined || declarator === undefined) return undefined;
  const stars = declarator.type === "pointer_declarator" ? "*" : "";
  const name = program.freshName("result", "kept");
  const indent = indentBefore(program, use);
  const text = `${type} ${stars}${name} = ${value.text};\n${indent}${last.text}\n${indent}return ${name};`;
  return cEdits([gone, replace(use, text)]);
}

function isFreeOf(statement: SyntaxNode, use: SyntaxNode): boolean {
  const held = heldBy(statement);
  return held !== undefined && new RegExp(`(^|\\W)${held.replace(/[^\w]/g, "\\$&")}($|\\W)`).test(use.text);
}

/** The pointer that a statement frees. */
function heldBy(statement: SyntaxNode): string | undefined {
  const call = statement.type === "expression_statement" ? statement.namedChildren[0] : undefined;
  if (
    call?.type !== "call_expression" ||
    !/^(free|g_free|fclose|\w+_(free|destroy|release))$/.test(calledName(call))
  )
    return undefined;
  const [held] = argumentsOfCall(call);
  return held?.text;
}

function leaves(statement: SyntaxNode): boolean {
  return [...statement.descendants()].some(({ type }) =>
    /^(return|goto|break|continue)_statement$/.test(type),
  );
}

function gives(statement: SyntaxNode, held: string | undefined): boolean {
  return [...statement.descendants()].some(
    (node) => node.type === "assignment_expression" && node.child("left")?.text === held,
  );
}
