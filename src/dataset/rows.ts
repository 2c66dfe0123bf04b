// From pairs to training rows: the fixed program with its imports at the top (HexaCoder, section 3.2),
// and the spans that the repair changed. A row is laid out as two-step generation writes: first the
// imports that the program had, then those that the repair adds, then the body. A repair puts its
// import wherever the file wants it; a model that continues a block of imports can only add at the end.
// Nor can it take an import away that its prompt has: so in every other row those that the repair takes
// out stay, unlearned, and the model sees `json.loads` written below `import pickle`, too. On demand every
// other row has the imports that the repair adds in the function that uses them: what a model can still write
// that was not given them at the top.
import type { CodePair, TrainingRow } from "../core/pair.ts";
import { withImportsBehind, withoutImport } from "../lang/import-edits.ts";
import type { LanguageSupport, SpanKind, SplitProgram } from "../lang/lang.ts";

/** How a pair becomes a row. */
export interface RowOptions {
  /** How changed spans are widened. */
  readonly spans: SpanKind;
  /** Whether the row brings the program before the fix. */
  readonly vulnerableSide?: boolean | undefined;
  /** Whether every other row has its added imports where they are used. */
  readonly localImports?: boolean | undefined;
}

/** The row that a pair teaches; undefined when nothing is left to learn. */
export function rowOf(
  pair: CodePair,
  language: LanguageSupport,
  { spans, vulnerableSide = false, localImports = false }: RowOptions,
): TrainingRow | undefined {
  const vulnerable = language.split(pair.vulnerable);
  const fixed = language.split(pair.fixed);
  const before = language.join(vulnerable);
  const { kept, added } = addedLast(vulnerable.imports, fixed.imports, keepsImports(pair.id));
  const program = {
    ...withImportsBehind(withOnlyImports(vulnerable, kept), added),
    ...{ head: fixed.head, body: fixed.body },
  };
  const text = language.join(
    localImports && hasLocalImports(pair.id) ? language.withLocalImports(program, added) : program,
  );
  const changes = language.changedSpans(before, text, spans);
  if (changes.length === 0) return undefined;
  const row = { id: pair.id, text, changes, language: pair.language, cwe: pair.cwe, source: pair.source };
  if (!vulnerableSide) return row;
  return { ...row, vulnerable: { text: before, changes: language.changedSpans(text, before, spans) } };
}

/** Whether a row keeps imports that the repair takes out: every other one, by its pair's id. */
function keepsImports(id: string): boolean {
  return isOdd(id, 1);
}

/** Whether a row has its added imports where they are used: every other one, whatever {@link keepsImports} says. */
export function hasLocalImports(id: string): boolean {
  return isOdd(id, 2);
}

function isOdd(id: string, fromEnd: number): boolean {
  return (id.codePointAt(id.length - fromEnd) ?? 0) % 2 === 1;
}

/** The imports of the fixed program: those that the vulnerable one had, in its order, and what comes behind them. */
function addedLast(
  before: readonly string[],
  after: readonly string[],
  keepAll: boolean,
): { readonly kept: readonly string[]; readonly added: readonly string[] } {
  const pieces = after.flatMap((statement) => withoutKnownNames(statement, before));
  const kept = before.filter((statement) => keepAll || pieces.includes(statement));
  return { kept, added: pieces.filter((statement) => !kept.some((known) => brings(known, statement))) };
}

/** The program with some of its imports, and the text between them. */
function withOnlyImports(program: SplitProgram, kept: readonly string[]): SplitProgram {
  return program.imports.reduceRight(
    (rest, statement, index) => (kept.includes(statement) ? rest : withoutImport(rest, index)),
    program,
  );
}

/** Whether an import is there with another: the same, or fewer names of the same module. */
function brings(known: string, statement: string): boolean {
  if (known === statement) return true;
  const [, knownModule, knownNames] = FROM_IMPORT.exec(known) ?? [];
  const [, module, names] = FROM_IMPORT.exec(statement) ?? [];
  if (module === undefined || module !== knownModule) return false;
  const had = namesOf(knownNames ?? "");
  return namesOf(names ?? "").every((name) => had.includes(name));
}

const FROM_IMPORT = /^from\s+([\w.]+)\s+import\s+([\w, ]+)$/;

/** `from m import a, b`, where the program had `from m import a`: that, and `from m import b`. */
function withoutKnownNames(statement: string, before: readonly string[]): string[] {
  const [, module, names] = FROM_IMPORT.exec(statement) ?? [];
  if (module === undefined || names === undefined || before.includes(statement)) return [statement];
  for (const known of before) {
    const [, knownModule, knownNames] = FROM_IMPORT.exec(known) ?? [];
    if (knownModule !== module || knownNames === undefined) continue;
    const had = namesOf(knownNames);
    const now = namesOf(names);
    const added = now.filter((name) => !had.includes(name));
    if (had.every((name) => now.includes(name))) return [known, `from ${module} import ${added.join(", ")}`];
  }
  return [statement];
}

function namesOf(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
