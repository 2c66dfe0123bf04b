// Names that a Python program imports, and the edits that import one more: what `subprocess.run`
// is called here, where a new import statement goes, which import nobody needs any more.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { isStandardModule } from "./modules.ts";
import { dottedText } from "./nodes.ts";

/** One name bound by an import statement. */
export interface ImportedName {
  /** What it is: `os.path`, `subprocess.run`. */
  readonly full: string;
  /** The local name that it binds; for `import os.path` the first part, `os`. */
  readonly local: string;
  /** Whether it came by `from … import`. */
  readonly from: boolean;
  /** The statement. */
  readonly statement: SyntaxNode;
  /** The node of this name in the statement (`run`, `run as r`, `os.path`). */
  readonly node: SyntaxNode;
  /** Whether it is at module level. */
  readonly topLevel: boolean;
}

/** Names that import statements bind in a program. */
export function importedNames(tree: SyntaxTree): ImportedName[] {
  const out: ImportedName[] = [];
  for (const node of tree.root.descendants()) {
    if (node.type === "import_statement") out.push(...plain(node));
    else if (node.type === "import_from_statement") out.push(...fromImport(node));
  }
  return out;
}

function plain(statement: SyntaxNode): ImportedName[] {
  const topLevel = statement.parent?.type === "module";
  return statement.childrenOf("name").map((node) => {
    const alias = node.type === "aliased_import" ? node.child("alias")?.text : undefined;
    const name = node.type === "aliased_import" ? (node.child("name")?.text ?? "") : node.text;
    const first = name.split(".")[0] ?? name;
    return {
      full: alias === undefined ? first : name,
      local: alias ?? first,
      from: false,
      statement,
      node,
      topLevel,
    };
  });
}

function fromImport(statement: SyntaxNode): ImportedName[] {
  const topLevel = statement.parent?.type === "module";
  const module = statement.child("module_name")?.text ?? "";
  return statement.childrenOf("name").map((node) => {
    const alias = node.type === "aliased_import" ? node.child("alias")?.text : undefined;
    const name = node.type === "aliased_import" ? (node.child("name")?.text ?? "") : node.text;
    const full = module.endsWith(".") ? `${module}${name}` : `${module}.${name}`;
    return { full, local: alias ?? name, from: true, statement, node, topLevel };
  });
}

/** Full dotted names of expressions, through the program's imports. */
export class ImportTable {
  /** All imported names. */
  readonly names: readonly ImportedName[];
  readonly #byLocal = new Map<string, ImportedName>();
  readonly #wildcards: readonly string[];
  readonly #tree: SyntaxTree;

  constructor(tree: SyntaxTree) {
    this.#tree = tree;
    this.names = importedNames(tree);
    for (const name of this.names) if (!this.#byLocal.has(name.local)) this.#byLocal.set(name.local, name);
    this.#wildcards = [...tree.root.descendants()]
      .filter((node) => node.type === "wildcard_import")
      .map((node) => node.parent?.child("module_name")?.text ?? "");
  }

  /** What a dotted expression is: `sp.run` with `import subprocess as sp` is `subprocess.run`. */
  fullName(node: SyntaxNode | undefined): string | undefined {
    const text = node === undefined ? undefined : dottedText(node);
    if (text === undefined) return undefined;
    const [first = "", ...rest] = text.split(".");
    const bound = this.#byLocal.get(first);
    if (bound === undefined) return text;
    return [bound.full, ...rest].join(".");
  }

  /** Whether some import mentions the module or one below it. */
  has(module: string): boolean {
    return (
      this.#wildcards.some((name) => name === module || name.startsWith(`${module}.`)) ||
      this.names.some(({ full }) => full === module || full.startsWith(`${module}.`)) ||
      this.names.some(({ node }) => node.text === module || node.text.startsWith(`${module}.`))
    );
  }

  /** How something is spelled here already, by a top-level import; undefined when it is not imported. */
  spelling(full: string): string | undefined {
    for (const { local, full: bound, from, node, topLevel } of this.names) {
      if (!topLevel) continue;
      if (bound === full) return local;
      // `import os` gives os.path.realpath, but not defusedxml.ElementTree: submodules need their own import.
      const module = full.slice(0, full.lastIndexOf("."));
      // `from aiohttp import web` gives web.HTTPNotFound.
      if (from && module === bound) return `${local}${full.slice(bound.length)}`;
      if (from || !full.startsWith(`${bound}.`)) continue;
      const spelledModule = node.type === "aliased_import" ? bound : node.text;
      if (spelledModule === module || IMPLIED.has(module)) return `${local}${full.slice(bound.length)}`;
    }
    return undefined;
  }

  /** The imports at the head of the module, or the first one that there is. */
  headImports(): SyntaxNode[] {
    const out: SyntaxNode[] = [];
    for (const child of this.#tree.root.namedChildren) {
      if (/^import_|^future_import/.test(child.type)) out.push(child);
      else if (child.type !== "comment" && !isDocstring(child)) break;
    }
    if (out.length > 0) return out;
    const first = this.names.find(({ topLevel }) => topLevel)?.statement;
    return first === undefined ? [] : [first];
  }
}

/** Modules that come with their parent, without an import of their own. */
const IMPLIED = new Set(["os.path"]);

function isDocstring(node: SyntaxNode): boolean {
  return node.type === "expression_statement" && node.namedChildren[0]?.type === "string";
}

/** An import that a repair needs. */
export type ImportNeed =
  | { readonly module: string; readonly alias?: string }
  | { readonly from: string; readonly name: string; readonly alias?: string };

/** The statement that an import need spells. */
export function importStatement(need: ImportNeed): string {
  const as = need.alias === undefined ? "" : ` as ${need.alias}`;
  return "module" in need ? `import ${need.module}${as}` : `from ${need.from} import ${need.name}${as}`;
}

/** Edits that add imports to a program, each once, united with a `from` import that is there. */
export function importEdits(tree: SyntaxTree, table: ImportTable, needs: readonly ImportNeed[]): Edit[] {
  const edits: Edit[] = [];
  const lines = new Set<string>();
  const extended = new Map<SyntaxNode, string[]>();
  for (const need of needs) {
    if (isThere(table, need)) continue;
    const open = "module" in need ? undefined : extendable(table, need.from);
    if (open === undefined || "module" in need) {
      lines.add(importStatement(need));
      continue;
    }
    const name = need.alias === undefined ? need.name : `${need.name} as ${need.alias}`;
    const names = extended.get(open) ?? [];
    if (!names.includes(name)) extended.set(open, [...names, name]);
  }
  for (const [statement, names] of extended) {
    edits.push(...names.flatMap((name) => namedInOrder(statement, name)));
  }
  const statements = unite([...lines]);
  if (statements.length > 0) edits.push(...insertions(tree, table, statements));
  return edits;
}

/** Adds a name to a `from` import: in order where the names are in order, else at the end. */
function namedInOrder(statement: SyntaxNode, name: string): Edit[] {
  const nodes = statement.childrenOf("name");
  const texts = nodes.map(({ text }) => text);
  const isSorted = texts.every((text, index) => index === 0 || (texts[index - 1] ?? "") <= text);
  const following = isSorted ? nodes.find(({ text }) => text > name) : undefined;
  if (following !== undefined) return [{ start: following.start, end: following.start, text: `${name}, ` }];
  const last = nodes.at(-1);
  return last === undefined ? [] : [{ start: last.end, end: last.end, text: `, ${name}` }];
}

/** `from x import a` and `from x import b` become one statement. */
function unite(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (const line of lines) {
    const from = /^(from \S+ import )(.+)$/.exec(line);
    const at = from === null ? -1 : out.findIndex((other) => other.startsWith(from[1] ?? line));
    if (from === null || at < 0) out.push(line);
    else out[at] = `${out[at]}, ${from[2]}`;
  }
  return out;
}

function isThere(table: ImportTable, need: ImportNeed): boolean {
  return table.names.some(({ full, local, from, node, topLevel }) => {
    if (!topLevel) return false;
    if ("module" in need) {
      if (from) return false;
      return need.alias === undefined
        ? node.text === need.module
        : full === need.module && local === need.alias;
    }
    return from && full === `${need.from}.${need.name}` && local === (need.alias ?? need.name);
  });
}

function extendable(table: ImportTable, module: string): SyntaxNode | undefined {
  return table.names.find(({ from, statement, topLevel }) => {
    return from && topLevel && statement.child("module_name")?.text === module;
  })?.statement;
}

/**
 * Where new statements go: the standard library's after the last import of it, or in front of the
 * others; packages' after the last import of all.
 */
function insertions(tree: SyntaxTree, table: ImportTable, statements: readonly string[]): Edit[] {
  const head = table.headImports();
  const [first] = head;
  const last = head.at(-1);
  if (first === undefined || last === undefined) return [atTop(tree, statements)];
  const standard = statements.filter((line) => isStandardModule(moduleOf(line)));
  const packages = statements.filter((line) => !standard.includes(line));
  const known = head.filter((node) => isStandardModule(moduleOf(node.text)));
  const out: Edit[] = [];
  if (known.length > 0) out.push(...standard.flatMap((line) => sorted(known, line)));
  else if (standard.length > 0) {
    out.push({ start: first.start, end: first.start, text: `${standard.join("\n")}\n\n` });
  }
  return [...out, ...packages.flatMap((line) => besideKin(head, last, line))];
}

/** A package's import goes to the other imports of that package, else to the end. */
function besideKin(head: readonly SyntaxNode[], last: SyntaxNode, line: string): Edit[] {
  const family = (text: string): string => moduleOf(text).split(".")[0] ?? "";
  const kin = head.filter((node) => family(node.text) === family(line));
  return kin.length === 0 ? after(last, [line]) : sorted(kin, line);
}

/** Puts a statement where the alphabet wants it: `import x` first, then `from x import y`. */
function sorted(known: readonly SyntaxNode[], line: string): Edit[] {
  const key = (text: string): string => `${text.startsWith("from ") ? 1 : 0} ${moduleOf(text).toLowerCase()}`;
  const before = known.filter(
    (node) => node.type !== "future_import_statement" && key(node.text) > key(line),
  );
  const following = known.filter((node) => !before.includes(node)).at(-1);
  const [first] = known;
  if (following !== undefined) return after(following, [line]);
  return first === undefined ? [] : [{ start: first.start, end: first.start, text: `${line}\n` }];
}

function after(node: SyntaxNode, lines: readonly string[]): Edit[] {
  if (lines.length === 0) return [];
  return [{ start: node.end, end: node.end, text: lines.map((line) => `\n${line}`).join("") }];
}

/** The first module that an import statement names. */
function moduleOf(statement: string): string {
  return /^(?:from|import)\s+([\w.]+)/.exec(statement)?.[1] ?? "";
}

function atTop(tree: SyntaxTree, statements: readonly string[]): Edit {
  const first = tree.root.namedChildren.find((child) => child.type !== "comment" && !isDocstring(child));
  const at = first?.start ?? tree.source.length;
  const gap = first !== undefined && /_definition$/.test(first.type) ? "\n\n\n" : "\n\n";
  return { start: at, end: at, text: `${statements.join("\n")}${gap}` };
}

/** Edits that remove imports of the given names (`pickle`, `os.system`) when nothing uses them any more. */
export function unusedImportEdits(tree: SyntaxTree, candidates: readonly string[]): Edit[] {
  const table = new ImportTable(tree);
  const gone = table.names.filter(({ full, local, topLevel }) => {
    return topLevel && candidates.includes(full) && !isUsed(tree, local);
  });
  const statements = [...new Set(gone.map(({ statement }) => statement))];
  return statements.map((statement) => {
    const names = statement.childrenOf("name");
    const left = names.filter((node) => !gone.some((name) => name.node === node));
    const first = names[0];
    const last = names.at(-1);
    if (left.length > 0 && first !== undefined && last !== undefined) {
      return replace({ start: first.start, end: last.end }, left.map((node) => node.text).join(", "));
    }
    const newline = tree.source.indexOf("\n", statement.end);
    const alone = newline >= 0 && tree.source.slice(statement.end, newline).trim() === "";
    let end = alone ? newline + 1 : statement.end;
    // A program does not begin with the blank lines that stood after its first import.
    if (tree.source.slice(0, statement.start).trim() === "") {
      end += /^(?:[ \t]*\n)*/.exec(tree.source.slice(end))?.[0].length ?? 0;
    }
    return replace({ start: statement.start, end }, "");
  });
}

function isUsed(tree: SyntaxTree, local: string): boolean {
  for (const node of tree.root.descendants()) {
    if (node.type !== "identifier" || node.text !== local) continue;
    if (node.parent?.type === "attribute" && node.field === "attribute") continue;
    if (node.parent?.type === "keyword_argument" && node.field === "name") continue;
    if (node.ancestor("import_statement", "import_from_statement") === undefined) return true;
  }
  return false;
}
