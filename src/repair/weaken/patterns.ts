// Regular expressions made careless: a range from upper to lower case letters, a repetition in a
// repetition, dots of host names that stand for anything.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import { argument } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { calleeOf, type Weakener, type Weakening } from "./weakener.ts";

const COMPILES =
  /^(re|regex)\.(compile|match|fullmatch|search|sub|subn|split|findall|finditer)$|(^|\.)(RegexValidator|re_path|Regexp)$/;

/** See the file's head. */
export const patternWeakeners: readonly Weakener[] = [
  patternWeakener("wide-range", "20", /A-Za-z|a-zA-Z/, () => "A-z"),
  patternWeakener(
    "any-character-host",
    "20",
    /\\\.(?=(?:[\w-]+\\\.)*(?:com|org|net|io|edu|gov|uk)\b)/,
    () => ".",
  ),
  // Followed by something that must match: otherwise nothing makes the pattern go back.
  patternWeakener(
    "nested-repeat",
    "730",
    /(?:\[[^\]\\]*(?:\\.[^\]\\]*)*\]|\\[wdsS])[+*](?=[^)*+?|{\s]|\)[^*+?|{)]|\\Z)/,
    (found) => `(?:${found.endsWith("*") ? `${found.slice(0, -1)}+` : found})${found.slice(-1)}`,
  ),
];

function patternWeakener(name: string, cwe: string, find: RegExp, put: (found: string) => string): Weakener {
  return {
    name,
    cwe: parseCweId(cwe),
    weaken: (program) =>
      patternsOf(program).flatMap((literal): Weakening[] => {
        const edit = firstIn(literal, find, put);
        return edit === undefined ? [] : [{ at: literal, edits: [edit] }];
      }),
  };
}

/** Literals that a call takes for a regular expression; the same one once. */
function patternsOf(program: Program): SyntaxNode[] {
  const found = new Set<SyntaxNode>();
  for (const call of program.nodesOf("call")) {
    if (!COMPILES.test(calleeOf(call, program))) continue;
    const given = argument(call, 0, "pattern", "regex", "route");
    const literal = given?.type === "identifier" ? program.literalOf(given) : given;
    if (literal?.type === "string" || literal?.type === "concatenated_string") found.add(literal);
  }
  return [...found].sort((a, b) => a.start - b.start);
}

function firstIn(literal: SyntaxNode, find: RegExp, put: (found: string) => string): Edit | undefined {
  for (const content of literal.descendants()) {
    if (content.type !== "string_content") continue;
    const match = find.exec(content.text);
    if (match === null) continue;
    const start = content.start + match.index;
    return { start, end: start + match[0].length, text: put(match[0]) };
  }
  return undefined;
}
