// CWE-20: ranges in character classes that hold more than they seem to: `[A-z]`, `[,-.]`.
import { type ClassItem, nodesOf, parseRegex } from "../regex/parse.ts";
import type { CheckHit, CheckInput } from "./checks.ts";

type Range = Extract<ClassItem, { type: "range" }>;

/** Patterns with an overly permissive range. */
export function overlyLargeRanges({ patterns }: CheckInput): CheckHit[] {
  return patterns.flatMap(({ literal }) => {
    if (typeof literal.value !== "string") return [];
    const problem = overlyLargeRange(literal.value);
    return problem === undefined
      ? []
      : [{ node: literal.node, detail: `Suspicious character range ${problem}` }];
  });
}

/** What is wrong with a range of a pattern, if anything. */
export function overlyLargeRange(pattern: string): string | undefined {
  for (const node of nodesOf(parseRegex(pattern))) {
    if (node.type !== "class") continue;
    const ranges = node.items.filter((item): item is Range => item.type === "range");
    const real = ranges.filter(({ low, high }) => low !== high);
    for (const range of real) {
      if (range.low > range.high) return `${range.text}, which is empty.`;
      if (isWide(range)) return `${range.text}: it also covers ${extraOf(range)}.`;
    }
    const overlap = real.find((range) => overlaps(range, { real, items: node.items }));
    if (overlap !== undefined) return `${overlap.text}: it overlaps with another part of the same class.`;
  }
  return undefined;
}

const MIN_WIDTH = 10;

function isWide(range: Range): boolean {
  const { low, high, escaped } = range;
  if (escaped || high > 127 || high - low + 1 < MIN_WIDTH || isPrintableRange(range)) return false;
  const crossesLetters = low < code("Z") && high >= code("a");
  const crossesDigits = low < code("9") && high >= code("A");
  return crossesLetters || crossesDigits || !isAlphanumeric(low) || !isAlphanumeric(high);
}

/** All printable characters, or all from a sign on: meant as such. */
function isPrintableRange({ low, high }: Range): boolean {
  return high === code("~") && low <= code("!");
}

function overlaps(range: Range, all: { real: readonly Range[]; items: readonly ClassItem[] }): boolean {
  if (range.escaped || range.high > 127) return false;
  const others = all.real.filter((other) => other !== range && !other.escaped);
  const inRange = others.some(({ low, high }) => low <= range.high && high >= range.low && low < range.low);
  if (inRange) return true;
  if (range.low > code("9") || range.high < code("0")) return false;
  const has = (name: string): boolean =>
    all.items.some((item) => item.type === "escape" && item.name === name);
  const isSymbols = !isAlphanumeric(range.low) || !isAlphanumeric(range.high);
  // `[\w0-9]` says the same twice and means no harm.
  return has("d") || (has("w") && isSymbols);
}

function extraOf({ low, high }: Range): string {
  const extra: string[] = [];
  for (let point = low; point <= high; point++)
    if (!isAlphanumeric(point)) extra.push(String.fromCharCode(point));
  return extra.slice(0, 8).join(" ");
}

function code(char: string): number {
  return char.charCodeAt(0);
}

function isAlphanumeric(point: number): boolean {
  return /[a-zA-Z0-9]/.test(String.fromCharCode(point));
}
