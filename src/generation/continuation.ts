// What a client that keeps its prompt appends to it. Two-step generation and repairs put imports at the top of a
// program, above what the client already has; where Python allows it they go to the place where the completion
// begins instead. What comes out is text that, behind the very same prompt, is the same program.
import type { LanguageSupport } from "../lang/lang.ts";
import { readImport } from "../lang/python-import-statement.ts";
import type { SyntaxNode } from "../lang/syntax.ts";

/** A prompt, and the program that came of it. */
export interface Grown {
  /** The text that the client has. */
  readonly prompt: string;
  /** The whole program: it may hold imports above the prompt's own text. */
  readonly text: string;
}

/** The text to append to the prompt; undefined where the program cannot be had in that way. */
export function continuationOf({ prompt, text }: Grown, language: LanguageSupport): string | undefined {
  if (text.startsWith(prompt)) return text.slice(prompt.length);
  const before = language.split(prompt);
  const after = language.split(text);
  if (language.language !== "python" || before.head !== after.head) return undefined;
  const own = before.body.trimStart();
  const body = after.body.trimStart();
  if (!body.startsWith(own)) return undefined;
  const added = addedImports(before.imports, after.imports);
  const rest = body.slice(own.length);
  return added === undefined ? undefined : placed({ prompt, rest, added, own }, language);
}

interface Placing {
  readonly prompt: string;
  /** What stands behind the prompt. */
  readonly rest: string;
  readonly added: readonly AddedImport[];
  /** The prompt without its imports. */
  readonly own: string;
}

interface AddedImport {
  readonly statement: string;
  /** The name that it binds. */
  readonly binds: string;
}

/** Statements for what is imported afterwards and was not before; undefined for what only stands at the top. */
function addedImports(before: readonly string[], after: readonly string[]): AddedImport[] | undefined {
  const known = new Set(
    before.flatMap((text) => statementsFor(text) ?? []).map(({ statement }) => statement),
  );
  const all = after.filter((text) => !before.includes(text)).map(statementsFor);
  if (all.some((statements) => statements === undefined)) return undefined;
  return all.flatMap((statements) => statements ?? []).filter(({ statement }) => !known.has(statement));
}

/** One statement for each name; undefined for `from x import *` and `__future__`. */
function statementsFor(text: string): AddedImport[] | undefined {
  const read = readImport(text);
  if (read === undefined || read.star || read.module === "__future__") return undefined;
  return read.names.map(({ name, alias }) => {
    const as = alias === undefined ? "" : ` as ${alias}`;
    const from = read.kind === "from" ? `from ${read.module} ` : "";
    return { statement: `${from}import ${name}${as}`, binds: alias ?? name.split(".")[0] ?? name };
  });
}

/** A docstring, a statement in brackets: imports may have to stand some lines further down, not more. */
const MOST_LINES = 40;

function placed({ prompt, rest, added, own }: Placing, language: LanguageSupport): string | undefined {
  if (added.length === 0) return rest;
  for (const at of lineStarts(prompt, rest).slice(0, MOST_LINES)) {
    const above = rest.slice(0, at);
    // A local import makes its name local from the function's first line on.
    if (added.some(({ binds }) => usesName(own + above, binds))) return undefined;
    const lead = /^[ \t]*/.exec(rest.slice(at))?.[0] ?? "";
    const indent = at === 0 ? lastLineOf(prompt) + lead : lead;
    const eol = prompt.includes("\r\n") ? "\r\n" : "\n";
    const block = added.map(({ statement }) => statement).join(eol + indent);
    const text = `${above}${lead}${block}${eol}${indent}${rest.slice(at + lead.length)}`;
    if (standsThere(prompt + text, prompt.length + at + lead.length, added.length, language)) return text;
  }
  return undefined;
}

/** Places in the rest where a line of code begins; the prompt's last line may hold its indentation already. */
function lineStarts(prompt: string, rest: string): number[] {
  const first = /^[ \t]*$/.test(lastLineOf(prompt)) ? [0] : [];
  const later = [...rest.matchAll(/\n/g)].map(({ index }) => index + 1);
  return [...first, ...later].filter((at) => /^[ \t]*[^\s#]/.test(rest.slice(at)));
}

function lastLineOf(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}

function usesName(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w.])${name.replaceAll("$", "\\$")}(?!\\w)`).test(text);
}

/** Whether the program parses with the statements as such, and not, say, as lines of a docstring. */
function standsThere(text: string, at: number, count: number, language: LanguageSupport): boolean {
  const tree = language.parse(text);
  if (tree.firstError !== undefined) return false;
  const first = statementAt(tree.root, at);
  const siblings = first?.parent?.namedChildren ?? [];
  const from = first === undefined ? -1 : siblings.indexOf(first);
  const found = siblings.slice(Math.max(0, from), from + count);
  return from >= 0 && found.length === count && found.every(({ type }) => /^import_/.test(type));
}

function statementAt(root: SyntaxNode, at: number): SyntaxNode | undefined {
  for (const node of root.descendants()) {
    if (node.start === at && /^import_(?:from_)?statement$/.test(node.type)) return node;
  }
  return undefined;
}
