// Functions of other files whose results the program itself holds against null somewhere: where it does
// not, that is an oversight (CodeQL: InconsistentNullnessTesting; Engler et al., bugs as deviant behavior).
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";

const remembered = new WeakMap<SyntaxTree, ReadonlySet<string>>();

/** Names of functions whose result is compared with null at least once. */
export function fallibleCallees(tree: SyntaxTree): ReadonlySet<string> {
  const known = remembered.get(tree);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const node of tree.root.descendants()) {
    if (node.type === "binary_expression" && /^[!=]=$/.test(node.child("operator")?.text ?? "")) {
      const [left, right] = [node.child("left"), node.child("right")];
      if (isNull(right)) add(names, calleeOf(left));
      if (isNull(left)) add(names, calleeOf(right));
    } else if (node.type === "if_statement") add(names, testedBefore(node));
  }
  remembered.set(tree, names);
  return names;
}

function add(names: Set<string>, name: string | undefined): void {
  if (name !== undefined) names.add(name);
}

/** The null pointer as it is written, not the number that results of other kinds are compared with. */
function isNull(node: SyntaxNode | undefined): boolean {
  return node !== undefined && /^\(?\s*(?:\([^()]*\*\s*\)\s*)?(?:NULL|nullptr)\s*\)?$/.test(node.text);
}

function calleeOf(node: SyntaxNode | undefined): string | undefined {
  let at = node;
  while (at !== undefined && at.type !== "call_expression") {
    if (at.type === "parenthesized_expression") at = at.namedChildren[0];
    else if (at.type === "cast_expression") at = at.child("value");
    else if (at.type === "assignment_expression") at = at.child("right");
    else return undefined;
  }
  const callee = at?.child("function");
  return callee?.type === "identifier" ? callee.text : undefined;
}

/** `p = find(x); if (!p) …`: the function of the statement before. */
function testedBefore(node: SyntaxNode): string | undefined {
  const siblings = node.parent?.namedChildren.filter(({ type }) => type !== "comment") ?? [];
  const before = siblings[siblings.indexOf(node) - 1];
  const given = before === undefined ? undefined : givenIn(before);
  const condition = node.child("condition")?.text.replace(/\s+/g, "") ?? "";
  if (given === undefined) return undefined;
  const name = given.name.replace(/[^\w>.-]/g, "");
  const tests = [`(!${name})`, `(${name}==NULL)`, `(NULL==${name})`, `(!${name}||`, `(${name}==nullptr)`];
  return tests.some((test) => condition.startsWith(test)) ? given.callee : undefined;
}

function givenIn(statement: SyntaxNode): { name: string; callee: string } | undefined {
  const inner = statement.namedChildren.find(
    ({ type }) => type === "assignment_expression" || type === "init_declarator",
  );
  const name = inner?.child("left") ?? inner?.child("declarator");
  const callee = calleeOf(inner?.child("right") ?? inner?.child("value"));
  return name === undefined || callee === undefined ? undefined : { name: name.text, callee };
}
