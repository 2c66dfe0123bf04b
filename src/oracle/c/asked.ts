// What the text of a function asks of an expression elsewhere. The machine follows paths; some checks
// stand behind what they check (`(a * b) / a != b`), and some are of values of which it knows nothing.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Machine } from "./machine.ts";

const RELATIONS = new Set(["<", ">", "<=", ">=", "==", "!="]);
const ORDERS = new Set(["<", ">", "<=", ">="]);

/** Whether a product's result or one of its factors is divided in a comparison of the same function. */
export function isDividedInCheck(machine: Machine, product: SyntaxNode): boolean {
  const names = new Set([product.child("left"), product.child("right")].map(bare));
  names.add(bare(targetOf(product)));
  names.delete("");
  return comparisons(machine, product, RELATIONS).some((comparison) =>
    [...comparison.descendants()].some(
      (node) =>
        node.type === "binary_expression" &&
        node.child("operator")?.text === "/" &&
        (names.has(bare(node.child("left"))) || names.has(bare(node.child("right")))),
    ),
  );
}

/** Whether an expression is compared by size in its function before the place where it stands. */
export function isOrderedBefore(machine: Machine, expression: SyntaxNode): boolean {
  const name = bare(expression);
  return comparisons(machine, expression, ORDERS).some(
    (comparison) => comparison.end <= expression.start && comparison.text.replace(/\s+/g, "").includes(name),
  );
}

function comparisons(machine: Machine, node: SyntaxNode, operators: ReadonlySet<string>): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (const other of node.ancestor("function_definition")?.descendants() ?? []) {
    machine.spend();
    if (other.type === "binary_expression" && operators.has(other.child("operator")?.text ?? ""))
      found.push(other);
  }
  return found;
}

/** Where a product goes: a variable that is given or begun with it. */
function targetOf(product: SyntaxNode): SyntaxNode | undefined {
  for (let at: SyntaxNode | undefined = product.parent; at !== undefined; at = at.parent) {
    if (at.type === "assignment_expression") return at.child("left");
    if (at.type === "init_declarator") return at.child("declarator");
    if (!/^(?:binary|parenthesized|cast)_expression$/.test(at.type)) return undefined;
  }
  return undefined;
}

/** Without casts, parentheses and blanks. */
function bare(node: SyntaxNode | undefined): string {
  let at = node;
  while (at?.type === "parenthesized_expression" || at?.type === "cast_expression") {
    at = at.child("value") ?? at.namedChildren[0];
  }
  return at?.text.replace(/\s+/g, "") ?? "";
}

const LOOPS = ["for_statement", "while_statement", "do_statement"] as const;

/** Whether a character is one of those that a loop goes through: its index or pointer moves in one. */
export function walksAlong({ asked, loopsAround }: Machine): boolean {
  let at = asked;
  while (at?.type === "parenthesized_expression" || at?.type === "cast_expression")
    at = at.child("value") ?? at.namedChildren[0];
  const moved =
    at?.type === "subscript_expression" ? (at.child("index") ?? at.child("indices")) : at?.child("argument");
  const name = /[A-Za-z_]\w*/.exec(moved?.text ?? "")?.[0];
  if (name === undefined) return loopsAround > 0 || at?.ancestor(...LOOPS) !== undefined;
  const steps = new RegExp(`(?:\\+\\+|--)\\s*${name}\\b|\\b${name}\\s*(?:\\+\\+|--|[-+]=|=[^=])`);
  for (let loop = at?.ancestor(...LOOPS); loop !== undefined; loop = loop.ancestor(...LOOPS))
    if (steps.test(loop.text)) return true;
  return false;
}
