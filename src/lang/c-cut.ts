// Where a completion of a C program ends: at the brace that closes the function that the prompt
// began, or, where the prompt stands outside functions, at the end of the first one that is added.
import { type CToken, lexC } from "./c-lexer.ts";

/** See {@link LanguageSupport.cut}. */
export function cutC(prompt: string, completion: string): string {
  const text = prompt + completion;
  const tokens = lexC(text);
  const namespaces: boolean[] = [];
  let opened = false;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "operator") continue;
    const own = text[token.start];
    if (own === "{") {
      namespaces.push(opensScope(text, tokens, index));
      if (token.start >= prompt.length || depthOf(namespaces) > 0) opened ||= depthOf(namespaces) > 0;
    } else if (own === "}") {
      const scope = namespaces.pop();
      const closed = scope === false && depthOf(namespaces) === 0;
      if (closed && opened && token.start >= prompt.length)
        return text.slice(0, endOfDefinition(text, token));
      if (closed) opened = false;
    }
  }
  return text;
}

/** A definition with a tail, as `} name;`, goes on to its semicolon. */
function endOfDefinition(text: string, close: CToken): number {
  const tail = /^[ \t]*(?:[\w\s*,[\]]*;)?[ \t]*/.exec(text.slice(close.end, close.end + 200))?.[0] ?? "";
  const end = close.end + (tail.includes(";") && !/\w\s+\w+\s*[;[]/.test(tail) ? tail.trimEnd().length : 0);
  return text.startsWith("\n", end) ? end + 1 : text.startsWith("\r\n", end) ? end + 2 : end;
}

/** Open braces that are no namespace or `extern "C"`. */
function depthOf(open: readonly boolean[]): number {
  return open.filter((scope) => !scope).length;
}

function opensScope(text: string, tokens: readonly CToken[], index: number): boolean {
  const words: string[] = [];
  for (let at = index - 1; at >= 0 && words.length < 4; at--) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === "word" || token.kind === "string") words.push(text.slice(token.start, token.end));
    else if (token.kind === "operator" && text.slice(token.start, token.end) !== "::") break;
    else if (token.kind === "directive") break;
  }
  return words.includes("namespace") || (words.includes("extern") && words[0]?.startsWith('"') === true);
}

/** See {@link LanguageSupport.dropIncompleteTail}. */
export function dropIncompleteTailC(
  text: string,
  { keep, parses }: { keep: number; parses: (text: string) => boolean },
): string {
  if (parses(text)) return text;
  // The end of each statement, the last first; what is left open is closed.
  const ends = lexC(text)
    .filter(({ kind, start, end }) => kind === "operator" && end > keep && /[;}]/.test(text[start] ?? ""))
    .map(({ end }) => end)
    .reverse();
  for (const end of ends.slice(0, MOST_DROPPED)) {
    const shorter = text.slice(0, end);
    for (const candidate of [shorter, shorter + closers(shorter)]) {
      if (parses(candidate)) return candidate.endsWith("\n") ? candidate : `${candidate}\n`;
    }
  }
  return text;
}

/** A half statement and what encloses it are few statements; more is another fault. */
const MOST_DROPPED = 8;

function closers(text: string): string {
  let depth = 0;
  for (const { kind, start } of lexC(text)) {
    if (kind === "operator") depth += text[start] === "{" ? 1 : text[start] === "}" ? -1 : 0;
  }
  return "\n}".repeat(Math.max(0, depth));
}
