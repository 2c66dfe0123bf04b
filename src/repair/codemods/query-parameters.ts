// CWE-89: hands values to the database as parameters, in the placeholder style of the driver.
// Names of tables and columns cannot be parameters: which of them are allowed is a design.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { argumentsOf, bare, scopeOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { builtTemplate, literalStart, type Piece, quoted } from "../python/strings.ts";
import { type Codemod, callOf, edits, needsDesign, type Site } from "../rewrite.ts";

const EXECUTE = /(^|\.)(execute|executemany|raw|read_sql|read_sql_query|fetch|fetchrow|fetchval)$/;

/** How a driver spells placeholders, by the module that tells it. */
const DRIVERS: readonly {
  readonly module: string;
  readonly mark: (number: number) => string;
  readonly percent: boolean;
}[] = [
  { module: "sqlite3", mark: () => "?", percent: false },
  { module: "aiosqlite", mark: () => "?", percent: false },
  { module: "duckdb", mark: () => "?", percent: false },
  { module: "pyodbc", mark: () => "?", percent: false },
  { module: "mariadb", mark: () => "?", percent: false },
  { module: "cx_Oracle", mark: (number) => `:${number}`, percent: false },
  { module: "oracledb", mark: (number) => `:${number}`, percent: false },
  ...["psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql", "flask_mysqldb", "pymssql", "django"].map(
    (module) => ({
      module,
      mark: () => "%s",
      percent: true,
    }),
  ),
];

/** See the file's head. */
export const queryParameters: Codemod = {
  name: "query-parameters",
  cwes: [parseCweId("CWE-89")],
  rewrite(site) {
    const call = callOf(site, (name) => EXECUTE.test(name));
    const driver = DRIVERS.find(({ module }) => site.program.imports.has(module));
    if (call === undefined || driver === undefined) return undefined;
    const { positional, list } = argumentsOf(call);
    const [query, ...others] = positional;
    if (query === undefined || list === undefined || others.length > 0) return undefined;
    const source = querySource(site.program, bare(query));
    const template = builtTemplate(source, site.program.literalOf);
    if (template === undefined) return undefined;
    const parts = takeApart(site, template, driver);
    if (parts === "name")
      return needsDesign(
        "A name in the query comes from outside: which ones are allowed is a design decision.",
      );
    if (parts === undefined) return undefined;
    const tuple = parts.values.length === 1 ? `(${parts.values[0]},)` : `(${parts.values.join(", ")})`;
    return edits([replace(source, parts.query), addedAfter(query, tuple)]);
  },
};

function addedAfter(query: SyntaxNode, text: string): Edit {
  return { start: query.end, end: query.end, text: `, ${text}` };
}

/** The expression that builds the query, where a name stands for it in the same function. */
function querySource(program: Program, query: SyntaxNode): SyntaxNode {
  const value = query.type === "identifier" ? program.valueOf(query) : undefined;
  return value !== undefined && scopeOf(value) === scopeOf(query) ? bare(value) : query;
}

interface Parts {
  readonly query: string;
  readonly values: readonly string[];
}

/** The query with placeholders, and the values; `name` where a value stands for a name of the schema. */
function takeApart(
  site: Site,
  template: readonly Piece[],
  driver: (typeof DRIVERS)[number],
): Parts | "name" | undefined {
  const builder = new QueryBuilder(driver);
  for (const piece of template) {
    if (piece.kind === "text") builder.text(piece.value);
    else if (!site.taint.isTainted(piece.node) && !builder.inQuotes) return undefined;
    else if (piece.format !== "" && !/^%[di]$/.test(piece.format)) return undefined;
    else if (!builder.value(piece.node.text)) return "name";
  }
  return builder.finish(literalStyle(template, site));
}

/** Quotes as the program writes its query in. */
function literalStyle(template: readonly Piece[], { program }: Site): string {
  const first = template.find((piece) => piece.kind === "text");
  const literal =
    first === undefined
      ? undefined
      : [...program.tree.root.descendants()].find((node) => {
          return node.type === "string" && node.start <= first.span.start && first.span.end <= node.end;
        });
  return literal === undefined ? '"' : literalStart(literal).quote;
}

/** What may stand before a value: an operator, a bracket, a comma, or a word that takes values. */
const VALUE_PLACE = /([=<>(,+*/|-]|\b(LIKE|IN|BETWEEN|AND|OR|NOT|LIMIT|OFFSET|VALUES|THEN|ELSE|WHEN))\s*$/i;
const NAME_PLACE = /\b(FROM|JOIN|INTO|TABLE|UPDATE|BY|SELECT|COLUMN|INDEX|DATABASE|SET)\s*[\w.,\s]*$/i;

class QueryBuilder {
  readonly #driver: (typeof DRIVERS)[number];
  readonly #values: string[] = [];
  #query = "";
  #quote = "";
  /** Pieces of the quoted text that is being read: literal ones, and expressions. */
  #inside: { text: string; isValue: boolean }[] = [];

  constructor(driver: (typeof DRIVERS)[number]) {
    this.#driver = driver;
  }

  get inQuotes(): boolean {
    return this.#quote !== "";
  }

  text(value: string): void {
    for (const char of value) {
      if (this.#quote === "" && (char === "'" || char === '"')) {
        this.#quote = char;
        this.#inside = [];
      } else if (char === this.#quote) {
        this.#close();
      } else if (this.#quote !== "") {
        this.#literal(char);
      } else {
        this.#query += char;
      }
    }
  }

  /** Takes a value in; false where a name of the schema stands there. */
  value(expression: string): boolean {
    if (this.#quote !== "") {
      this.#inside.push({ text: expression, isValue: true });
      return true;
    }
    const operators = VALUE_PLACE.test(this.#query);
    if (!operators || (NAME_PLACE.test(this.#query) && !/[=<>(]\s*$/.test(this.#query))) return false;
    this.#add(expression);
    return true;
  }

  finish(quote: string): Parts | undefined {
    if (this.#quote !== "" || this.#values.length === 0) return undefined;
    const query =
      quote.length === 3
        ? `${quote}${this.#query.replaceAll("\\", "\\\\")}${quote}`
        : quoted(this.#query, quote === "'" ? "'" : '"');
    return { query, values: this.#values };
  }

  #literal(char: string): void {
    const last = this.#inside.at(-1);
    if (last === undefined || last.isValue) this.#inside.push({ text: char, isValue: false });
    else this.#inside[this.#inside.length - 1] = { text: last.text + char, isValue: false };
  }

  #close(): void {
    const parts = this.#inside;
    if (!parts.some(({ isValue }) => isValue)) {
      // A constant of the query; with parameters, `%` means a placeholder to some drivers.
      const text = parts.map((part) => part.text).join("");
      this.#query += `${this.#quote}${this.#driver.percent ? text.replaceAll("%", "%%") : text}${this.#quote}`;
    } else {
      this.#add(parts.map(({ text, isValue }) => (isValue ? text : quoted(text))).join(" + "));
    }
    this.#quote = "";
  }

  #add(expression: string): void {
    this.#values.push(expression);
    this.#query += this.#driver.mark(this.#values.length);
  }
}
