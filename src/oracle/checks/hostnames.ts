// CWE-20: host names in regular expressions whose dots match any character.
import { nodesOf, parseRegex, type RegexNode } from "../regex/parse.ts";
import type { CheckHit, CheckInput } from "./checks.ts";

const TLD = /^(?:com|org|edu|gov|uk|net|io)(?::\d+)?(?:[/?#].*)?$/i;

/** Patterns with an unescaped dot inside a host name. */
export function incompleteHostnames({ patterns }: CheckInput): CheckHit[] {
  const hits: CheckHit[] = [];
  for (const { literal } of patterns) {
    if (typeof literal.value !== "string") continue;
    const problem = incompleteHostname(literal.value);
    if (problem === undefined) continue;
    const detail = `This regular expression ${problem}`;
    hits.push({ node: literal.node, detail });
  }
  return hits;
}

/** What is wrong with a pattern's host name, if anything. */
export function incompleteHostname(pattern: string): string | undefined {
  if (!/com|org|edu|gov|uk|net|io/i.test(pattern)) return undefined;
  for (const node of nodesOf(parseRegex(pattern))) {
    if (node.type !== "sequence") continue;
    const parts = splitDots(node.parts);
    for (let i = 1; i < parts.length; i++) {
      const problem = endsHost(parts, i) ? problemBefore(parts, i, pattern) : undefined;
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Escaped dots become parts of their own, so that labels can be told apart. */
function splitDots(parts: readonly RegexNode[]): RegexNode[] {
  return parts.flatMap((part): RegexNode[] => {
    if (part.type !== "constant" || !part.text.includes(".")) return [part];
    const { start, end } = part;
    return part.text
      .split(/(\.)/)
      .flatMap((text) => (text === "" ? [] : [{ type: "constant", text, start, end }]));
  });
}

function endsHost(parts: readonly RegexNode[], i: number): boolean {
  const label = parts[i];
  const before = parts[i - 1];
  if (label?.type !== "constant" || before === undefined) return false;
  return isDot(before) && i > 1 && TLD.test(label.text + followingText(parts, i));
}

/** Constant text that belongs to the same part of the pattern (escaped dots had split it). */
function followingText(parts: readonly RegexNode[], i: number): string {
  let text = "";
  for (const part of parts.slice(i + 1)) {
    if (part.type !== "constant" || part.start !== parts[i]?.start) break;
    text += part.text;
  }
  return text;
}

function isDot(node: RegexNode): boolean {
  return node.type === "dot" || (node.type === "constant" && node.text === ".");
}

function problemBefore(parts: readonly RegexNode[], i: number, pattern: string): string | undefined {
  const host = parts
    .slice(Math.max(0, i - 2), i + 1)
    .map((part) => sourceOf(part, pattern))
    .join("");
  const areMeant = hasDotsInARow(parts);
  for (const part of parts.slice(0, i - 1)) {
    if (areMeant && part.type === "dot") continue;
    const dot = unescapedDot(part, 0);
    if (dot === undefined) continue;
    if (!dot.repeated)
      return `has an unescaped '.' before '${host}', so it matches more hosts than it names.`;
    const label = parts[i];
    const goesOn = label?.type === "constant" && /[/?#]/.test(label.text + followingText(parts, i));
    const open = parts[0]?.type === "caret" && !parts.some((other) => other.type === "dollar");
    if (goesOn && open) return `has a wildcard before '${host}', so the host may stand anywhere in the URL.`;
  }
  return undefined;
}

function sourceOf(node: RegexNode, pattern: string): string {
  return node.type === "constant" ? node.text : pattern.slice(node.start, node.end);
}

function unescapedDot(node: RegexNode, depth: number): { repeated: boolean } | undefined {
  if (depth > 20) return undefined;
  switch (node.type) {
    case "dot":
      return { repeated: false };
    case "repeat":
      return node.inner.type === "dot" ? { repeated: true } : unescapedDot(node.inner, depth + 1);
    case "group":
      return unescapedDot(node.inner, depth + 1);
    case "sequence":
      if (hasDotsInARow(node.parts)) return undefined;
      return firstDot(node.parts, depth);
    case "choice":
      return firstDot(node.options, depth);
    default:
      return undefined;
  }
}

function firstDot(parts: readonly RegexNode[], depth: number): { repeated: boolean } | undefined {
  const dots = parts.flatMap((part) => unescapedDot(part, depth + 1) ?? []);
  return dots.find((dot) => !dot.repeated) ?? dots[0];
}

/** `..` stands for any two characters on purpose. */
function hasDotsInARow(parts: readonly RegexNode[]): boolean {
  return parts.some((part, i) => part.type === "dot" && parts[i + 1]?.type === "dot");
}
