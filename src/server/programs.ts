// The programs in a chat answer: blocks between fences, an answer that is nothing but a program, and texts in the
// arguments of tool calls (that is how agents write files). Each can be put back, repaired, where it stood.
import type { Language } from "../core/language.ts";
import { languageOf } from "../core/language.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { type FencedBlock, fencedBlocks, fenceNamesOf } from "../llm/fences.ts";
import { guessLanguage } from "./detect-language.ts";
import { type JsonText, textsInJson } from "./json-texts.ts";

/** A program in an answer. */
export interface FoundProgram {
  /** Where, for people: `block 1`, `write_file.content`. */
  readonly where: string;
  /** `undefined`: a language that no oracle here looks at, named in `tag`. */
  readonly language: Language | undefined;
  /** The language's name as the answer has it. */
  readonly tag: string;
  /** The program. */
  readonly text: string;
  /** Whether it is a piece of a file by nature: an edit in a tool's arguments. */
  readonly partial: boolean;
  /** Whether it may have been cut off at its end: nothing closes it. */
  readonly open: boolean;
  /** Puts another text in its place; asked for in any order, each at most once. */
  readonly replace: (text: string) => void;
}

/** What a text holds, and the text again with all replacements made. */
export interface ProgramsIn {
  readonly programs: readonly FoundProgram[];
  readonly result: () => string;
}

/** Languages by the names behind fences. */
function fenceLanguage(name: string): Language | undefined {
  return (["python", "c"] as const).find((language) => fenceNamesOf(language).includes(name));
}

/** Names behind fences that say nothing of what is in them. */
const NO_NAME = new Set(["", "text", "txt", "plaintext", "code"]);

/** Names behind fences of what is data, a log or prose, and runs nowhere. */
const NO_PROGRAM = new Set(
  "json jsonl json5 yaml yml toml ini csv xml md markdown diff patch console log output http properties".split(
    " ",
  ),
);

/** The programs in the text of an answer. */
export function programsInText(text: string, languages: Languages): ProgramsIn {
  const json = textsInJson(text);
  if (json !== undefined) return programsInJson("answer", json, languages);
  const edits: { start: number; end: number; text: string }[] = [];
  const replaceAt =
    (start: number, end: number, indent = "") =>
    (replacement: string): void => {
      edits.push({ start, end, text: indented(replacement, indent) });
    };
  const blocks = fencedBlocks(text);
  const programs: FoundProgram[] = blocks.flatMap((block, index) => {
    const { start, end, indent } = block;
    const found = programInBlock(block, languages);
    const where = `block ${index + 1}`;
    return found === undefined
      ? []
      : [{ where, partial: false, open: !block.closed, replace: replaceAt(start, end, indent), ...found }];
  });
  if (blocks.length === 0) {
    const language = likely(text, languages);
    const replace = replaceAt(0, text.length);
    if (language !== undefined) {
      programs.push({ where: "answer", language, tag: language, text, partial: false, open: true, replace });
    }
  }
  return { programs, result: () => applied(text, edits) };
}

/** Parsers by language. */
export type Languages = Readonly<Record<Language, LanguageSupport>>;

function programInBlock(
  { name, text }: FencedBlock,
  languages: Languages,
): Pick<FoundProgram, "language" | "tag" | "text"> | undefined {
  if (text.trim() === "" || NO_PROGRAM.has(name)) return undefined;
  if (!NO_NAME.has(name)) return { language: fenceLanguage(name), tag: name, text };
  const language = likely(text, languages);
  return language === undefined ? undefined : { language, tag: language, text };
}

/** So many lines must speak for a language that nobody names. */
const ENOUGH_LINES = 2;
const ENOUGH_SHARE = 0.3;
const CODE_ALL_OVER = 0.6;

/**
 * The language of a text that nobody names one for: most of its lines look like it, or some do and it parses, or it
 * is Python all the same (a run of plain statements). Prose, data and logs are none.
 */
function likely(text: string, languages: Languages): Language | undefined {
  const guess = guessLanguage(text);
  const { flat } = outdented(text);
  if (guess !== undefined && guess.share >= ENOUGH_SHARE) {
    const enough = guess.lines >= ENOUGH_LINES || guess.share === 1;
    const sure = guess.share > CODE_ALL_OVER || languages[guess.language].parses(flat);
    if (enough && sure) return guess.language;
  }
  if (!looksLikeStatements(flat)) return undefined;
  // What was cut off in the middle parses up to there; of prose nothing is left.
  const whole = languages.python.dropIncompleteTail(flat);
  const lines = whole.split("\n").filter((line) => line.trim() !== "");
  const statements = lines.length >= ENOUGH_LINES && /[=(]/.test(whole) && whole.length > flat.length / 2;
  return statements && languages.python.parses(whole) ? "python" : undefined;
}

const STATEMENT = /^\s*(?:[\w.[\]'"]+\s*[-+*/|&]?=[^=]|[\w.]+\()/;

/** Whether it is worth asking a parser, which takes seconds over a long letter. */
function looksLikeStatements(text: string): boolean {
  const lines = text.split("\n", 500).filter((line) => line.trim() !== "");
  return lines.filter((line) => STATEMENT.test(line)).length >= lines.length * ENOUGH_SHARE;
}

/** A text without the indentation that all its lines share. */
export function outdented(text: string): { readonly flat: string; readonly indent: string } {
  const indents = text
    .split("\n")
    .flatMap((line) => (line.trim() === "" ? [] : [/^[ \t]*/.exec(line)?.[0] ?? ""]));
  const shortest = indents.toSorted((a, b) => a.length - b.length)[0] ?? "";
  const indent = indents.every((one) => one.startsWith(shortest)) ? shortest : "";
  return { indent, flat: indent === "" ? text : text.replaceAll(new RegExp(`^${indent}`, "gm"), "") };
}

/** The programs in a tool's arguments. */
export function programsInCall(name: string, args: string, languages: Languages): ProgramsIn {
  const json = textsInJson(args);
  return json === undefined ? { programs: [], result: () => args } : programsInJson(name, json, languages);
}

/** What is replaced or looked for by an edit is the client's own text. */
const OLD_TEXT = /^(?:old|search|find|original|before|match|pattern|expected)/i;
const FILE_NAME = /^(?:\w*path|\w*file|\w*file_?name|uri|target|name)$/i;

function programsInJson(name: string, json: JsonText, languages: Languages): ProgramsIn {
  const programs = json.texts.flatMap(({ path, text, siblings, replace }): FoundProgram[] => {
    const key = path.at(-1) ?? "";
    if (OLD_TEXT.test(key) || !text.includes("\n")) return [];
    const file = Object.entries(siblings).find(
      ([field, value]) => field !== key && FILE_NAME.test(field) && /\.\w{1,5}$/.test(value),
    )?.[1];
    const where = [name, ...path].join(".");
    if (file === undefined) {
      const language = likely(text, languages);
      return language === undefined
        ? []
        : [{ where, language, tag: language, text, partial: true, open: false, replace }];
    }
    const language = languageOf(file);
    const tag = file.slice(file.lastIndexOf(".") + 1).toLowerCase();
    if (language === undefined && (NO_PROGRAM.has(tag) || NO_NAME.has(tag))) return [];
    return [{ where, language, tag, text, partial: true, open: false, replace }];
  });
  return { programs, result: json.result };
}

function indented(text: string, indent: string): string {
  if (indent === "") return text;
  return text
    .split("\n")
    .map((line) => (line === "" ? line : indent + line))
    .join("\n");
}

function applied(text: string, edits: readonly { start: number; end: number; text: string }[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, edit) => whole.slice(0, edit.start) + edit.text + whole.slice(edit.end), text);
}
