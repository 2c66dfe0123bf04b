// A backtracking matcher over parsed patterns with a budget of steps, for trying a pattern on a few
// short samples. JavaScript's own engine would do, but it has no bound.
import { escapeMatches, itemMatches } from "./chars.ts";
import type { RegexNode } from "./parse.ts";

/** Flags that change what matches. */
export interface MatchFlags {
  readonly ignoreCase: boolean;
  /** The dot matches line breaks. */
  readonly dotAll: boolean;
}

type Next = (at: number) => boolean;

const BUDGET = 20_000;

/** Whether a pattern matches a text from beginning to end; undefined where the budget does not suffice. */
export function matchesWhole(root: RegexNode, text: string, flags: MatchFlags): boolean | undefined {
  const matcher = new Matcher(text, flags);
  const found = matcher.run(root, 0, (at) => at === text.length);
  return matcher.isSpent ? undefined : found;
}

class Matcher {
  readonly #text: string;
  readonly #flags: MatchFlags;
  #steps = BUDGET;

  constructor(text: string, flags: MatchFlags) {
    this.#text = text;
    this.#flags = flags;
  }

  get isSpent(): boolean {
    return this.#steps <= 0;
  }

  run(node: RegexNode, at: number, next: Next): boolean {
    this.#steps--;
    if (this.isSpent) return false;
    switch (node.type) {
      case "sequence":
        return this.#sequence(node.parts, { index: 0, at, next });
      case "choice":
        return node.options.some((option) => this.run(option, at, next));
      case "group":
        return this.#group(node, at, next);
      case "repeat":
        return this.#repeat(node, { count: 0, at, next });
      case "constant":
        return this.#constant(node.text, at) && next(at + node.text.length);
      case "caret":
        return at === 0 && next(at);
      case "dollar":
        return at === this.#text.length && next(at);
      case "boundary":
      case "reference":
        return next(at);
      default:
        return at < this.#text.length && this.#one(node, this.#text[at] ?? "") && next(at + 1);
    }
  }

  #sequence(parts: readonly RegexNode[], state: { index: number; at: number; next: Next }): boolean {
    const { index, at, next } = state;
    const part = parts[index];
    if (part === undefined) return next(at);
    return this.run(part, at, (end) => this.#sequence(parts, { index: index + 1, at: end, next }));
  }

  #group(node: Extract<RegexNode, { type: "group" }>, at: number, next: Next): boolean {
    if (node.kind === "plain") return this.run(node.inner, at, next);
    const found = this.run(node.inner, at, () => true);
    return found === (node.kind === "look") && next(at);
  }

  #repeat(
    node: Extract<RegexNode, { type: "repeat" }>,
    state: { count: number; at: number; next: Next },
  ): boolean {
    const { count, at, next } = state;
    if (this.isSpent) return false;
    const more = (): boolean =>
      count < node.max &&
      this.run(node.inner, at, (end) => end > at && this.#repeat(node, { count: count + 1, at: end, next }));
    const enough = (): boolean => count >= node.min && next(at);
    return node.lazy ? enough() || more() : more() || enough();
  }

  #constant(text: string, at: number): boolean {
    const given = this.#text.slice(at, at + text.length);
    return this.#flags.ignoreCase ? given.toLowerCase() === text.toLowerCase() : given === text;
  }

  #one(node: RegexNode, char: string): boolean {
    if (this.#oneCase(node, char)) return true;
    if (!this.#flags.ignoreCase) return false;
    return this.#oneCase(node, char.toLowerCase()) || this.#oneCase(node, char.toUpperCase());
  }

  #oneCase(node: RegexNode, char: string): boolean {
    if (node.type === "dot") return this.#flags.dotAll || char !== "\n";
    if (node.type === "escape") return escapeMatches(node.name, char);
    if (node.type !== "class") return false;
    return node.items.some((item) => itemMatches(item, char)) !== node.negated;
  }
}
