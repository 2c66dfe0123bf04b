// Whether anything from outside may get to a place, told without an engine: a name on its line is a parameter of the
// top-level function around, or a local name that such a parameter had a part in. Where this says no, the threat model
// `parameters` has nothing to find; `local` and `remote` may.
import { structuredPatch } from "diff";
import type { SyntaxNode, SyntaxTree } from "../../src/lang/syntax.ts";

/** Lines of a text (from 1) that another text does not have, imports left out. */
export function changedLines(text: string, other: string): number[] {
  const lines = text.split("\n");
  const { hunks } = structuredPatch("", "", text, other, "", "", { context: 0 });
  return hunks
    .flatMap(({ oldStart, oldLines }) => Array.from({ length: oldLines }, (_, index) => oldStart + index))
    .filter((line) => !/^\s*(import|from)\s/.test(lines[line - 1] ?? ""));
}

/** Whether a parameter may get to one of the lines. */
export function isWithinReach(tree: SyntaxTree, lines: readonly number[]): boolean {
  const starts = lineStarts(tree.source);
  return lines.some((line) => {
    const [start = 0, end = tree.source.length] = [starts[line - 1], starts[line]];
    const definition = topLevelFunctionAt(tree, start);
    if (definition === undefined) return false;
    const reached = namesReached(definition);
    return identifiersOf(definition).some(
      (name) => name.start >= start && name.end <= end && reached.has(name.text),
    );
  });
}

function lineStarts(source: string): number[] {
  return [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

function topLevelFunctionAt({ root }: SyntaxTree, offset: number): SyntaxNode | undefined {
  const statement = root.namedChildren.find(({ start, end }) => start <= offset && offset < end);
  const definition = statement?.type === "decorated_definition" ? statement.child("definition") : statement;
  return definition?.type === "function_definition" ? definition : undefined;
}

/** Parameters, and names that get a value of which one is a part. */
function namesReached(definition: SyntaxNode): ReadonlySet<string> {
  const parameters = definition.child("parameters");
  const reached = new Set(parameters === undefined ? [] : identifiersOf(parameters).map(({ text }) => text));
  const flows = [...definition.descendants()].flatMap(flowOf);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const { from, to } of flows) {
      if (from.some((name) => reached.has(name))) for (const name of to) reached.add(name);
    }
  }
  return reached;
}

interface Flow {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What gets a value here, and of what: assignments, loops, `with … as`, `:=`. */
function flowOf(node: SyntaxNode): Flow[] {
  const pairs: Readonly<Record<string, readonly [to: string, from: string]>> = {
    assignment: ["left", "right"],
    augmented_assignment: ["left", "right"],
    for_statement: ["left", "right"],
    for_in_clause: ["left", "right"],
    named_expression: ["name", "value"],
  };
  const fields = pairs[node.type];
  if (fields !== undefined) return flow(node.child(fields[0]), node.child(fields[1]));
  const [value, alias] = node.type === "as_pattern" ? node.namedChildren : [];
  return flow(alias, value);
}

function flow(to: SyntaxNode | undefined, from: SyntaxNode | undefined): Flow[] {
  if (to === undefined || from === undefined) return [];
  const names = (node: SyntaxNode): string[] => identifiersOf(node).map(({ text }) => text);
  return [{ from: names(from), to: names(to) }];
}

function identifiersOf(node: SyntaxNode): SyntaxNode[] {
  return [node, ...node.descendants()].filter(({ type }) => type === "identifier");
}
