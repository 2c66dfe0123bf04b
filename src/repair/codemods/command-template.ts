// The command line of a finding as a template, and its spelling as an argument list or with
// quoted values.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, wrap } from "../edits.ts";
import { argumentsOfProgram } from "../programs.ts";
import { bare } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { type Piece, type Placeholder, quoted, type TextPiece } from "../python/strings.ts";
import { isSurelyString, isText } from "../python/types.ts";
import type { Site } from "../rewrite.ts";
import { type QuoteState, quoteStates, type ShellPiece, shellWords, type WordPart } from "../shell.ts";

/** A command line as an argument list. */
export interface ArgumentList {
  /** The words, as Python expressions. */
  readonly words: readonly string[];
  /** Untrusted values that could be read as options and have no `--` before them. */
  readonly unguarded: readonly SyntaxNode[];
}

/** Why a template has no argument list. */
export type NoList = "shell-feature" | "untrusted-program" | "odd";

/** The argument list that means the same as a command line. */
export function argumentList(site: Site, template: readonly Piece[]): ArgumentList | NoList {
  const line = shellWords(shellPieces(template));
  if (line.kind !== "words") return line.kind === "shell" ? "shell-feature" : "odd";
  const [command] = line.words;
  const isLiteral = (word: readonly WordPart[]): boolean => word.every((part) => "text" in part);
  if (command === undefined) return "odd";
  if (!isLiteral(command))
    return isUntrusted(site, template, command)
      ? "untrusted-program"
      : spellAll(site, template, line.words, "");
  return spellAll(site, template, line.words, literalText(command));
}

function isUntrusted(site: Site, template: readonly Piece[], word: readonly WordPart[]): boolean {
  return word.some((part) => {
    const piece = "placeholder" in part ? template[part.placeholder] : undefined;
    return piece?.kind === "value" && site.taint.isTainted(piece.node);
  });
}

function spellAll(
  site: Site,
  template: readonly Piece[],
  words: readonly (readonly WordPart[])[],
  command: string,
): ArgumentList | NoList {
  const { endsOptions, withValue } = argumentsOfProgram(command);
  const out: string[] = [];
  const unguarded: SyntaxNode[] = [];
  let ended = false;
  for (const [index, word] of words.entries()) {
    const spelled = spellWord(site.program, template, word, (node) => site.taint.isTainted(node));
    if (spelled === undefined) return "odd";
    const start = leadingValue(template, word);
    const before = literalText(words[index - 1] ?? []);
    if (
      start !== undefined &&
      index > 0 &&
      site.taint.isTainted(start) &&
      !ended &&
      !takesValue(before, withValue)
    ) {
      const optionsFollow = words.slice(index + 1).some((later) => literalText(later).startsWith("-"));
      if (endsOptions && !optionsFollow) {
        out.push('"--"');
        ended = true;
      } else {
        unguarded.push(start);
      }
    }
    if (literalText(word) === "--") ended = true;
    out.push(spelled);
  }
  return { words: out, unguarded };
}

/** Whether an option takes the next word as its value; the last letter of a bundle counts (`-xzf`). */
function takesValue(option: string, withValue: ReadonlySet<string>): boolean {
  if (withValue.has(option)) return true;
  return /^-\w{2,}$/.test(option) && withValue.has(`-${option.at(-1)}`);
}

function literalText(word: readonly WordPart[]): string {
  return word.map((part) => ("text" in part ? part.text : "\0")).join("");
}

function leadingValue(template: readonly Piece[], word: readonly WordPart[]): SyntaxNode | undefined {
  const [first] = word;
  const piece = first !== undefined && "placeholder" in first ? template[first.placeholder] : undefined;
  return piece?.kind === "value" ? piece.node : undefined;
}

/** Template pieces as the shell reader takes them: placeholders by their place in the template. */
export function shellPieces(template: readonly Piece[]): ShellPiece[] {
  return template.map((piece, index) => (piece.kind === "text" ? piece.value : index));
}

function spellWord(
  program: Program,
  template: readonly Piece[],
  word: readonly WordPart[],
  isTainted: (node: SyntaxNode) => boolean,
): string | undefined {
  const [only] = word;
  if (only === undefined) return '""';
  if (word.length === 1 && "text" in only) return quoted(only.text);
  const values = word.map((part) => ("placeholder" in part ? template[part.placeholder] : undefined));
  const [value] = values;
  if (word.length === 1 && value?.kind === "value") return spellValue(program, value, isTainted);
  const hard = values.some((piece) => piece?.kind === "value" && /["'\\{}\n]|^lambda/.test(piece.node.text));
  return hard ? concatenation(program, word, values) : formatted(word, values);
}

function spellValue(
  program: Program,
  value: Placeholder,
  isTainted: (node: SyntaxNode) => boolean,
): string | undefined {
  if (value.format !== "" && !/^%[diu]$/.test(value.format)) return undefined;
  const text = value.node.text;
  const isPlain = value.format === "" && (isText(program, value.node) || isTainted(value.node));
  return isPlain || value.by === "concat" ? text : `str(${text})`;
}

function formatted(word: readonly WordPart[], values: readonly (Piece | undefined)[]): string | undefined {
  const body = word.map((part, index) => {
    if ("text" in part) return quoted(part.text).slice(1, -1).replaceAll("{", "{{").replaceAll("}", "}}");
    const piece = values[index];
    if (piece?.kind !== "value") return undefined;
    const { format, by, node } = piece;
    // `%05d` and `{0.name}` do not spell the same in an f-string.
    if (format !== "" && by !== "fstring") return undefined;
    return `{${node.text}${format}}`;
  });
  return body.includes(undefined) ? undefined : `f"${body.join("")}"`;
}

function concatenation(
  program: Program,
  word: readonly WordPart[],
  values: readonly (Piece | undefined)[],
): string | undefined {
  const parts = word.map((part, index) => {
    if ("text" in part) return quoted(part.text);
    const piece = values[index];
    if (piece?.kind !== "value" || piece.format !== "") return undefined;
    return piece.by === "concat" || isSurelyString(program, piece.node)
      ? piece.node.text
      : `str(${piece.node.text})`;
  });
  return parts.includes(undefined) ? undefined : parts.join(" + ");
}

/** Edits that quote the untrusted values of a template for the shell, and the values that need a check. */
export interface Quoting {
  readonly edits: readonly Edit[];
  readonly unguarded: readonly SyntaxNode[];
}

/** Quotes untrusted values with `shlex.quote`; undefined where the template cannot be edited. */
export function quoteValues(
  site: Site,
  { template, leaves }: { template: readonly Piece[]; leaves: ReadonlySet<SyntaxNode> },
  quote: string,
): Quoting | "untrusted-program" | undefined {
  const pieces = shellPieces(template);
  const states = quoteStates(pieces);
  const out: Edit[] = [];
  const unguarded: SyntaxNode[] = [];
  for (const [index, piece] of template.entries()) {
    // What a value was put together from is quoted there, and not once more as a whole.
    if (piece.kind === "text" || !leaves.has(bare(piece.node))) continue;
    if (piece.format !== "") return undefined;
    const state = states.get(index) ?? "";
    const quotes = state === "" ? [] : requote(template, index, state);
    if (quotes === undefined) return undefined;
    const open = isText(site.program, piece.node) ? `${quote}(` : `${quote}(str(`;
    out.push(...quotes, ...wrap(piece.node, open, ")".repeat(open.split("(").length - 1)));
    const guard = optionGuard(template, index, state);
    if (guard === "untrusted-program") return guard;
    if (guard === "check") unguarded.push(piece.node);
    else if (guard !== undefined) out.push(guard);
  }
  return out.length === 0 ? undefined : { edits: out, unguarded };
}

/** Closes the quotes around a value: takes `'…'` away, or ends and begins them anew around it. */
function requote(template: readonly Piece[], index: number, state: QuoteState): Edit[] | undefined {
  const before = template[index - 1];
  const after = template[index + 1];
  if (before?.kind !== "text") return undefined;
  const opens = ending(before, state);
  const closes = after?.kind === "text" ? beginning(after, state) : undefined;
  if (opens !== undefined && closes !== undefined) return [opens, closes];
  if (after?.kind !== "text") return undefined;
  const spelled = state === quoteOf(before) ? `\\${state}` : state;
  return [
    { start: before.span.end, end: before.span.end, text: spelled },
    { start: after.span.start, end: after.span.start, text: spelled },
  ];
}

function ending(piece: TextPiece, quote: string): Edit | undefined {
  if (!piece.value.endsWith(quote)) return undefined;
  const length = piece.spelled.endsWith(`\\${quote}`) ? 2 : 1;
  return { start: piece.span.end - length, end: piece.span.end, text: "" };
}

function beginning(piece: TextPiece, quote: string): Edit | undefined {
  if (!piece.value.startsWith(quote)) return undefined;
  const length = piece.spelled.startsWith(`\\${quote}`) ? 2 : 1;
  return { start: piece.span.start, end: piece.span.start + length, text: "" };
}

/** The quote that the literal around a text is written in, where the text shows it by escaping it. */
function quoteOf(piece: TextPiece): string | undefined {
  return /\\(["'])/.exec(piece.spelled)?.[1];
}

/**
 * What keeps a value from being read as an option: nothing where it stands inside a word, `-- `
 * in front of it where the program knows that, a check otherwise.
 */
function optionGuard(
  template: readonly Piece[],
  index: number,
  state: QuoteState,
): Edit | "check" | "untrusted-program" | undefined {
  const spellings = template.map((piece) => (piece.kind === "text" ? piece.value : "\0"));
  const before = spellings.slice(0, index).join("");
  const after = spellings.slice(index + 1).join("");
  const bareBefore = state !== "" && before.endsWith(state) ? before.slice(0, -1) : before;
  const segment = bareBefore.split(/[|;&\n]|\$\(/).at(-1) ?? "";
  if (segment.trim() === "") return "untrusted-program";
  // Behind text that cannot be read the value may stand anywhere.
  if (segment === "\0") return "check";
  if (!/\s$/.test(segment)) return undefined;
  const words = segment.trim().split(/\s+/);
  const { endsOptions, withValue } = argumentsOfProgram(words[0] ?? "");
  if (words.includes("--") || takesValue(words.at(-1) ?? "", withValue)) return undefined;
  if (/[<>]$/.test(words.at(-1) ?? "")) return undefined;
  const rest = after.split(/[|;&\n]/)[0] ?? "";
  const piece = template[index - 1];
  if (!endsOptions || /\s-/.test(rest) || piece?.kind !== "text" || words[0] === "\0") return "check";
  // Before the quote that goes away with the quoting.
  const at =
    state !== "" && piece.value.endsWith(state)
      ? (ending(piece, state)?.start ?? piece.span.end)
      : piece.span.end;
  return { start: at, end: at, text: "-- " };
}
