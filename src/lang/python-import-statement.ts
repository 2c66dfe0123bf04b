// One Python import statement as data: what it binds, and where its last name stands, so that
// another can be written behind it (https://docs.python.org/3/reference/simple_stmts.html#import).
import type { Token } from "./python-lexer.ts";
import { type LogicalLine, logicalLines } from "./python-lines.ts";

/** A name that an import statement brings in. */
export interface ImportedName {
  /** The name as written: `os.path`, `request`. */
  readonly name: string;
  /** The name after `as`. */
  readonly alias: string | undefined;
}

/** An import statement. */
export interface ImportStatement {
  /** `import a` or `from a import b`. */
  readonly kind: "import" | "from";
  /** The module after `from`, leading dots included; empty for `import`. */
  readonly module: string;
  /** What it brings in; empty for `from x import *`. */
  readonly names: readonly ImportedName[];
  /** Whether it is `from x import *`. */
  readonly star: boolean;
  /** First code unit in its text. */
  readonly start: number;
  /** Code unit after the last, brackets included, a trailing comment not. */
  readonly end: number;
  /** Where each name (with its alias) starts and ends. */
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for " +
    "from global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** The import statements of a line, or undefined when anything on the line is something else. */
export function importsOnLine(text: string, line: LogicalLine): ImportStatement[] | undefined {
  if (line.kind !== "code") return undefined;
  const statements = statementsOf(text, line.tokens).map((tokens) => parseImport(text, tokens));
  const imports = statements.filter((statement) => statement !== undefined);
  return imports.length === statements.length && imports.length > 0 ? imports : undefined;
}

/** Reads a text that is one import statement, perhaps with a comment; undefined for anything else. */
export function readImport(text: string): ImportStatement | undefined {
  const lines = logicalLines(text).filter(({ kind }) => kind === "code");
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0) return undefined;
  const statements = importsOnLine(text, line);
  return statements?.length === 1 ? statements[0] : undefined;
}

/** The statement as text, on one line; of a comment and of brackets nothing is left. */
export function spellImport({
  kind,
  module,
  names,
}: Pick<ImportStatement, "kind" | "module" | "names">): string {
  const list = names.map(spellName).join(", ");
  return kind === "import" ? `import ${list}` : `from ${module} import ${list}`;
}

/** A name as an import statement has it. */
export function spellName({ name, alias }: ImportedName): string {
  return alias === undefined ? name : `${name} as ${alias}`;
}

/** The statements of a line, parted at semicolons; a last semicolon parts nothing. */
function statementsOf(text: string, tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (text.slice(token.start, token.end) === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  if (statements.length > 1 && statements.at(-1)?.length === 0) statements.pop();
  return statements;
}

function parseImport(text: string, tokens: readonly Token[]): ImportStatement | undefined {
  const reader = new TokenReader(text, tokens);
  const start = tokens[0]?.start ?? 0;
  const end = tokens.at(-1)?.end ?? start;
  if (reader.take("import")) {
    const parts = readNames(reader, true);
    if (parts === undefined || !reader.done) return undefined;
    return { kind: "import", module: "", star: false, start, end, ...parts };
  }
  if (!reader.take("from")) return undefined;
  const module = readModule(reader);
  if (module === undefined || !reader.take("import")) return undefined;
  if (reader.take("*")) {
    return reader.done ? { kind: "from", module, star: true, start, end, names: [], spans: [] } : undefined;
  }
  const bracketed = reader.take("(");
  const parts = readNames(reader, false);
  if (parts === undefined) return undefined;
  if (bracketed) {
    reader.take(",");
    if (!reader.take(")")) return undefined;
  }
  return reader.done ? { kind: "from", module, star: false, start, end, ...parts } : undefined;
}

function readModule(reader: TokenReader): string | undefined {
  let dots = "";
  for (;;) {
    if (reader.take(".")) dots += ".";
    else if (reader.take("...")) dots += "...";
    else break;
  }
  const name = readDotted(reader);
  return name === undefined && dots === "" ? undefined : dots + (name ?? "");
}

function readNames(
  reader: TokenReader,
  dotted: boolean,
): Pick<ImportStatement, "names" | "spans"> | undefined {
  const names: ImportedName[] = [];
  const spans: { start: number; end: number }[] = [];
  do {
    // A comma before the closing bracket is no further name.
    if (names.length > 0 && reader.at(")")) {
      reader.back();
      break;
    }
    const start = reader.position;
    const name = dotted ? readDotted(reader) : reader.takeName();
    if (name === undefined) return undefined;
    const alias = reader.take("as") ? reader.takeName() : undefined;
    if (alias === undefined && reader.justTook("as")) return undefined;
    names.push({ name, alias });
    spans.push({ start, end: reader.lastEnd });
  } while (reader.take(","));
  return { names, spans };
}

function readDotted(reader: TokenReader): string | undefined {
  let name = reader.takeName();
  if (name === undefined) return undefined;
  while (reader.take(".")) {
    const part = reader.takeName();
    if (part === undefined) return undefined;
    name += `.${part}`;
  }
  return name;
}

class TokenReader {
  #index = 0;
  readonly #text: string;
  readonly #tokens: readonly Token[];

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#index === this.#tokens.length;
  }

  /** Where the next token starts. */
  get position(): number {
    return this.#tokens[this.#index]?.start ?? this.lastEnd;
  }

  /** Where the last taken token ended. */
  get lastEnd(): number {
    return this.#tokens[this.#index - 1]?.end ?? 0;
  }

  at(word: string): boolean {
    return this.#word(this.#index) === word;
  }

  justTook(word: string): boolean {
    return this.#word(this.#index - 1) === word;
  }

  take(word: string): boolean {
    if (!this.at(word)) return false;
    this.#index++;
    return true;
  }

  takeName(): string | undefined {
    const word = this.#word(this.#index);
    if (word === undefined || this.#tokens[this.#index]?.kind !== "name" || KEYWORDS.has(word))
      return undefined;
    this.#index++;
    return word;
  }

  back(): void {
    this.#index--;
  }

  #word(index: number): string | undefined {
    const token = this.#tokens[index];
    return token && this.#text.slice(token.start, token.end);
  }
}
