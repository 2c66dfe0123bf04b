// Parts of a large file that stand on their own: a function, or a method in its class, with the imports,
// constants and small helpers that it uses. A model learns from a page of code, not from a module of
// three thousand lines. The code is the user's; only what is not needed is left out.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";

/** A program cut out of a file. */
export interface Excerpt {
  /** The program. */
  readonly text: string;
  /** Line of the file on which its main part begins, from 1. */
  readonly line: number;
  /** The main part, as offsets into `text`; the rest is there because the main part uses it. */
  readonly main: { readonly start: number; readonly end: number };
}

/** Files up to this many lines are taken whole. */
const WHOLE_LINES = 100;
/** Longer parts are left: nobody reads them as one example. */
const MOST_LINES = 150;
const CONTEXT_LINES = 12;
const HELPER_LINES = 30;

/** The parts of a file, in source order. */
export function excerptsOf(tree: SyntaxTree): Excerpt[] {
  const { source, root } = tree;
  if (linesIn(source) <= WHOLE_LINES) {
    return [{ text: source, line: 1, main: { start: 0, end: source.length } }];
  }
  const statements = root.namedChildren.filter(({ type }) => type !== "comment");
  const bound = new Map(statements.map((statement) => [statement, namesBoundBy(statement)]));
  return statements
    .flatMap((statement) => partsOf(statement, source))
    .flatMap((part): Excerpt[] => {
      if (linesIn(part.text) > MOST_LINES) return [];
      return [withContext(part, { statements, bound, source })];
    });
}

interface Part {
  /** The top-level statement. */
  readonly statement: SyntaxNode;
  /** What is taken of it. */
  readonly text: string;
  /** Names that it uses. */
  readonly uses: ReadonlySet<string>;
  /** Where the main part is in `text`. */
  readonly main: { readonly start: number; readonly end: number };
  /** The node of the main part. */
  readonly node: SyntaxNode;
}

function partsOf(statement: SyntaxNode, source: string): Part[] {
  const definition = definitionIn(statement);
  if (definition === undefined) return [];
  if (definition.type === "class_definition" && linesIn(statement.text) > WHOLE_LINES) {
    return methodsOf(statement, definition, source);
  }
  const { text } = statement;
  return [
    { statement, text, uses: namesIn(statement), main: { start: 0, end: text.length }, node: statement },
  ];
}

/** Each method of a large class, under the head of the class. */
function methodsOf(statement: SyntaxNode, definition: SyntaxNode, source: string): Part[] {
  const body = definition.child("body");
  if (body === undefined) return [];
  const head = source.slice(statement.start, body.start).trimEnd();
  const methods = body.namedChildren.filter((member) => definitionIn(member)?.type === "function_definition");
  const start = methods.find((member) => definitionIn(member)?.child("name")?.text === "__init__");
  return methods.map((member) => {
    const setUp =
      start !== undefined && start !== member && linesIn(start.text) <= HELPER_LINES ? [start] : [];
    const indent = source.slice(source.lastIndexOf("\n", member.start - 1) + 1, member.start);
    const before = [head, ...setUp.map((one) => `${indent}${one.text}\n`)].join("\n");
    const text = `${before}\n${indent}${member.text}`;
    const uses = new Set([...namesIn(member), ...setUp.flatMap((one) => [...namesIn(one)])]);
    for (const child of statement.type === "decorated_definition"
      ? statement.children
      : definition.children) {
      if (child !== body && child !== definition) for (const name of namesIn(child)) uses.add(name);
    }
    for (const name of namesIn(definition.child("superclasses"))) uses.add(name);
    return {
      statement,
      text,
      uses,
      main: { start: text.length - member.text.length, end: text.length },
      node: member,
    };
  });
}

interface File {
  readonly statements: readonly SyntaxNode[];
  readonly bound: ReadonlyMap<SyntaxNode, ReadonlySet<string>>;
  readonly source: string;
}

function withContext(part: Part, file: File): Excerpt {
  const context = neededBy(part, file);
  const before: string[] = [];
  const after: string[] = [];
  for (const statement of file.statements) {
    if (!context.has(statement)) continue;
    (statement.start < part.statement.start ? before : after).push(
      layout(statement, trimmed(statement, context.get(statement))),
    );
  }
  const head = before.join("").replace(/^\n+/, "");
  const gap = head === "" ? "" : "\n\n";
  const text = `${head}${gap}${part.text}\n${after.join("")}`;
  const start = head.length + gap.length;
  const line = file.source.slice(0, part.node.start).split("\n").length;
  return { text, line, main: { start: start + part.main.start, end: start + part.main.end } };
}

function layout(statement: SyntaxNode, text: string): string {
  return definitionIn(statement) === undefined ? `${text}\n` : `\n\n${text}\n`;
}

/** The statements that a part needs, with the names that it needs them for; constants may need others. */
function neededBy(part: Part, { statements, bound }: File): Map<SyntaxNode, Set<string>> {
  const wanted = new Set(part.uses);
  const needed = new Map<SyntaxNode, Set<string>>();
  const rest = statements.filter((statement) => statement !== part.statement && isSmall(statement));
  // Backwards, so that what a constant is made of is found after the constant.
  for (const statement of [...rest].reverse()) {
    const names = [...(bound.get(statement) ?? [])].filter((name) => wanted.has(name));
    const always = statement.type === "future_import_statement";
    if (names.length === 0 && !always) continue;
    needed.set(statement, new Set(names));
    // A helper's own helpers are left out: one step is enough to read it by.
    const helps = definitionIn(statement) !== undefined;
    for (const name of namesIn(statement))
      if (!helps || !isDefinedHere(name, statements, bound)) wanted.add(name);
  }
  return needed;
}

function isDefinedHere(name: string, statements: readonly SyntaxNode[], bound: File["bound"]): boolean {
  return statements.some(
    (statement) => definitionIn(statement) !== undefined && bound.get(statement)?.has(name) === true,
  );
}

function isSmall(statement: SyntaxNode): boolean {
  if (/^(import_|future_import)/.test(statement.type)) return true;
  return linesIn(statement.text) <= (definitionIn(statement) === undefined ? CONTEXT_LINES : HELPER_LINES);
}

/** A long import statement is cut to the names that are needed. */
function trimmed(statement: SyntaxNode, names: ReadonlySet<string> | undefined): string {
  if (statement.type !== "import_from_statement" || names === undefined || linesIn(statement.text) < 3) {
    return statement.text;
  }
  const kept = statement.childrenOf("name").filter((node) => names.has(localName(node)));
  const module = statement.child("module_name")?.text;
  return module === undefined || kept.length === 0
    ? statement.text
    : `from ${module} import ${kept.map(({ text }) => text).join(", ")}`;
}

function localName(node: SyntaxNode): string {
  const name = node.type === "aliased_import" ? (node.child("alias")?.text ?? "") : node.text;
  return name.split(".")[0] ?? name;
}

/** Names that a top-level statement binds for others. */
function namesBoundBy(statement: SyntaxNode): Set<string> {
  const definition = definitionIn(statement);
  if (definition !== undefined) return new Set([definition.child("name")?.text ?? ""]);
  const names = new Set<string>();
  for (const node of statement.descendants()) {
    if (node.type === "import_statement" || node.type === "import_from_statement") {
      for (const name of node.childrenOf("name")) names.add(localName(name));
    } else if (node.type === "assignment") {
      for (const name of namesIn(node.child("left"))) names.add(name);
    }
  }
  return names;
}

function namesIn(node: SyntaxNode | undefined): Set<string> {
  const names = new Set<string>();
  for (const inner of node?.descendants() ?? []) {
    if (inner.type !== "identifier") continue;
    if (inner.parent?.type === "attribute" && inner.field === "attribute") continue;
    if (inner.parent?.type === "keyword_argument" && inner.field === "name") continue;
    names.add(inner.text);
  }
  return names;
}

function definitionIn(statement: SyntaxNode): SyntaxNode | undefined {
  const inner = statement.type === "decorated_definition" ? statement.child("definition") : statement;
  return inner !== undefined && /^(function|class)_definition$/.test(inner.type) ? inner : undefined;
}

function linesIn(text: string): number {
  return text.split("\n").length;
}
