// Which characters a pattern can match: enough to see that a replacement removes them all, or that
// a value that matches has none of them.
import { type ClassItem, nodesOf, parseRegex, partsOf, type RegexNode } from "./parse.ts";

/** Whether a replacement of the pattern removes every occurrence of a character, as a question for many of them. */
export function removedBy(pattern: string): (char: string) => boolean {
  const root = parseRegex(pattern);
  const options = root.type === "choice" ? root.options : [root];
  return (char) =>
    options.some((option) => {
      const [only, more] = option.type === "sequence" ? option.parts : [option];
      return only !== undefined && more === undefined && matchesOne(only, char);
    });
}

/** Whether a single occurrence of the character is already a match. */
function matchesOne(node: RegexNode, char: string): boolean {
  switch (node.type) {
    case "repeat":
      return node.min <= 1 && node.max >= 1 && matchesOne(node.inner, char);
    case "group":
    case "choice":
      return partsOf(node).some((part) => matchesOne(part, char));
    case "sequence":
      return node.parts.length === 1 && node.parts[0] !== undefined && matchesOne(node.parts[0], char);
    case "constant":
      return node.text === char;
    default:
      return accepts(node, char);
  }
}

/** Whether a text that the pattern matches from beginning to end cannot have a character in it, as a question for many of them. */
export function excludedBy(pattern: string, how: { whole: boolean }): (char: string) => boolean {
  const root = parseRegex(pattern);
  const nodes = [...nodesOf(root)];
  const isPlain = nodes.every(
    (node) => node.type !== "reference" && (node.type !== "group" || node.kind === "plain"),
  );
  if (!isPlain) return () => false;
  return (char) =>
    (how.whole || isAnchored(root, char)) &&
    nodes.every((node) => (node.type === "constant" ? !node.text.includes(char) : !accepts(node, char)));
}

/** `^…$`; a dollar lets one line break follow. */
function isAnchored(root: RegexNode, char: string): boolean {
  if (root.type !== "sequence") return false;
  const last = root.parts.at(-1);
  return last?.type === "dollar" && (char !== "\n" || last.end - last.start === 2);
}

/** Whether a node by itself matches a character. */
function accepts(node: RegexNode, char: string): boolean {
  switch (node.type) {
    case "dot":
      return char !== "\n";
    case "escape":
      return escapeMatches(node.name, char);
    case "class":
      return node.items.some((item) => itemMatches(item, char)) !== node.negated;
    default:
      return false;
  }
}

/** Whether a member of a class matches a character. */
export function itemMatches(item: ClassItem, char: string): boolean {
  if (item.type === "escape") return escapeMatches(item.name, char);
  const point = char.codePointAt(0) ?? 0;
  return point >= item.low && point <= item.high;
}

const CLASSES: Readonly<Record<string, RegExp>> = { d: /\d/, w: /\w/, s: /\s/ };

/** Whether `\d`, `\W` and the like match a character. */
export function escapeMatches(name: string, char: string): boolean {
  const matches = CLASSES[name.toLowerCase()]?.test(char) ?? false;
  return name === name.toLowerCase() ? matches : !matches;
}
