// Which of a Python program's imports its body uses.
import { withoutImport } from "./import-edits.ts";
import type { SplitProgram } from "./lang.ts";
import type { ParseFunction } from "./parse.ts";
import { type ImportedName, readImport, spellImport } from "./python-import-statement.ts";
import type { SyntaxNode } from "./syntax.ts";

/** See {@link LanguageSupport.withoutUnusedImports}. */
export function withoutUnusedImportsPython(
  program: SplitProgram,
  keep: readonly string[],
  parse: ParseFunction,
): SplitProgram {
  const tree = parse(program.body);
  if (tree.firstError !== undefined) return program;
  const used = new Set([...tree.root.descendants()].filter((node) => isUse(node)).map((node) => node.text));
  const kept = new Set(keep.flatMap((statement) => boundNames(statement) ?? []));
  const wanted = (name: ImportedName): boolean => used.has(localName(name)) || kept.has(localName(name));
  let rest = program;
  for (const statement of program.imports) {
    const read = readImport(statement);
    if (read === undefined || keep.includes(statement) || boundNames(statement) === undefined) continue;
    const names = read.names.filter(wanted);
    const index = rest.imports.indexOf(statement);
    if (names.length === read.names.length) continue;
    if (names.length === 0) rest = withoutImport(rest, index);
    else rest = { ...rest, imports: rest.imports.with(index, spellImport({ ...read, names })) };
  }
  return rest;
}

/** The names that a statement binds; undefined for what binds nobody knows what. */
export function boundNames(statement: string): string[] | undefined {
  const read = readImport(statement);
  if (read === undefined || read.star || read.module === "__future__") return undefined;
  return read.names.map(localName);
}

/** A name by itself that something is done with: no attribute, no keyword of a call, no import of it. */
export function isUse(node: SyntaxNode): boolean {
  if (node.type !== "identifier") return false;
  const within = node.parent?.type;
  if (within === "attribute" && node.field === "attribute") return false;
  if (within === "keyword_argument" && node.field === "name") return false;
  return node.ancestor("import_statement", "import_from_statement", "future_import_statement") === undefined;
}

function localName({ name, alias }: ImportedName): string {
  return alias ?? name.split(".")[0] ?? name;
}
