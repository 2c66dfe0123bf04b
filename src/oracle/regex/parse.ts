// A small parser for Python's regular expressions (the re module's documentation is the spec):
// enough structure for checks, with neighbouring characters kept together as one constant.
// It never fails: what it does not understand it takes for the characters themselves.

/** A node of a pattern, with its offsets in the pattern's text. */
export type RegexNode =
  | { readonly type: "constant"; readonly text: string; readonly start: number; readonly end: number }
  | { readonly type: "dot" | "caret" | "dollar" | "boundary"; readonly start: number; readonly end: number }
  | { readonly type: "escape"; readonly name: string; readonly start: number; readonly end: number }
  | {
      readonly type: "class";
      readonly negated: boolean;
      readonly items: readonly ClassItem[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly type: "repeat";
      readonly inner: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly type: "group";
      readonly kind: "plain" | "look" | "negative-look";
      readonly inner: RegexNode;
      readonly start: number;
      readonly end: number;
    }
  | { readonly type: "reference"; readonly start: number; readonly end: number }
  | {
      readonly type: "sequence";
      readonly parts: readonly RegexNode[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly type: "choice";
      readonly options: readonly RegexNode[];
      readonly start: number;
      readonly end: number;
    };

/** A member of a character class. */
export type ClassItem =
  | {
      readonly type: "range";
      readonly low: number;
      readonly high: number;
      readonly text: string;
      readonly escaped: boolean;
    }
  | { readonly type: "escape"; readonly name: string };

const MAX_DEPTH = 60;

/** Parses a pattern. */
export function parseRegex(pattern: string): RegexNode {
  return new Parser(pattern).choice(0);
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  choice(depth: number): RegexNode {
    const start = this.#at;
    const options = [this.#sequence(depth)];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      options.push(this.#sequence(depth));
    }
    const [only] = options;
    if (options.length === 1 && only !== undefined) return only;
    return { type: "choice", options, start, end: this.#at };
  }

  #sequence(depth: number): RegexNode {
    const start = this.#at;
    const parts: RegexNode[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === "|" || (char === ")" && depth > 0)) break;
      append(parts, this.#quantified(this.#atom(depth)));
    }
    return { type: "sequence", parts, start, end: this.#at };
  }

  #atom(depth: number): RegexNode {
    const start = this.#at;
    const char = this.#text[this.#at] ?? "";
    this.#at++;
    switch (char) {
      case ".":
        return { type: "dot", start, end: this.#at };
      case "^":
        return { type: "caret", start, end: this.#at };
      case "$":
        return { type: "dollar", start, end: this.#at };
      case "[":
        return this.#class(start);
      case "(":
        return depth < MAX_DEPTH ? this.#group(start, depth) : constant(char, start);
      case "\\":
        return this.#escape(start);
      default:
        return constant(char, start);
    }
  }

  #group(start: number, depth: number): RegexNode {
    let kind: "plain" | "look" | "negative-look" = "plain";
    const rest = this.#text.slice(this.#at, this.#at + 80);
    const opening =
      /^\?(?:P<[^>]*>|P=[^)]*|[aiLmsux-]*:|<?[=!]|#[^)]*|>|\([^)]*\)|[aiLmsux-]+(?=\)))/.exec(rest)?.[0] ??
      "";
    this.#at += opening.length;
    if (/^\?<?=/.test(opening)) kind = "look";
    if (/^\?<?!/.test(opening)) kind = "negative-look";
    const inner = this.choice(depth + 1);
    if (this.#text[this.#at] === ")") this.#at++;
    if (opening.startsWith("?P=")) return { type: "reference", start, end: this.#at };
    return { type: "group", kind, inner, start, end: this.#at };
  }

  #escape(start: number): RegexNode {
    const rest = this.#text.slice(this.#at, this.#at + 10);
    const point = codePoint(rest);
    if (point !== undefined) {
      this.#at += point.length;
      return { type: "constant", text: String.fromCodePoint(point.value), start, end: this.#at };
    }
    const name = rest[0] ?? "\\";
    this.#at += rest === "" ? 0 : 1;
    if (/[dDsSwW]/.test(name)) return { type: "escape", name, start, end: this.#at };
    if (/[bBAZ]/.test(name)) {
      const type = name === "A" ? "caret" : name === "Z" ? "dollar" : "boundary";
      return { type, start, end: this.#at };
    }
    if (/[1-9]/.test(name)) return { type: "reference", start, end: this.#at };
    return { type: "constant", text: SIMPLE[name] ?? name, start, end: this.#at };
  }

  #class(start: number): RegexNode {
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    const items: ClassItem[] = [];
    const first = this.#at;
    while (this.#at < this.#text.length && (this.#text[this.#at] !== "]" || this.#at === first)) {
      items.push(this.#classItem());
    }
    this.#at = Math.min(this.#at + 1, this.#text.length);
    return { type: "class", negated, items, start, end: this.#at };
  }

  #classItem(): ClassItem {
    const start = this.#at;
    const low = this.#classChar();
    if (typeof low.value === "string") return { type: "escape", name: low.value };
    const next = this.#text[this.#at + 1];
    if (this.#text[this.#at] !== "-" || next === undefined || next === "]") {
      return {
        type: "range",
        low: low.value,
        high: low.value,
        text: this.#text.slice(start, this.#at),
        escaped: low.escaped,
      };
    }
    const dash = this.#at;
    this.#at++;
    const high = this.#classChar();
    if (typeof high.value === "string") {
      this.#at = dash;
      return {
        type: "range",
        low: low.value,
        high: low.value,
        text: this.#text.slice(start, dash),
        escaped: low.escaped,
      };
    }
    const text = this.#text.slice(start, this.#at);
    return { type: "range", low: low.value, high: high.value, text, escaped: low.escaped || high.escaped };
  }

  #classChar(): { value: number | string; escaped: boolean } {
    const char = this.#text.codePointAt(this.#at) ?? 0;
    this.#at += char > 0xffff ? 2 : 1;
    if (char !== 0x5c) return { value: char, escaped: false };
    const rest = this.#text.slice(this.#at, this.#at + 10);
    const point = codePoint(rest);
    if (point !== undefined) {
      this.#at += point.length;
      return { value: point.value, escaped: true };
    }
    const name = rest[0] ?? "\\";
    this.#at += rest === "" ? 0 : 1;
    if (/[dDsSwW]/.test(name)) return { value: name, escaped: true };
    return { value: (SIMPLE[name] ?? name).codePointAt(0) ?? 0, escaped: /[a-zA-Z0-9]/.test(name) };
  }

  #quantified(inner: RegexNode): RegexNode {
    const found = /^(?:([*+?])|\{(\d*)(,?)(\d*)\})([?+]?)/.exec(this.#text.slice(this.#at, this.#at + 24));
    if (found === null || found[0] === "{}" || found[0] === "{,}") return inner;
    this.#at += found[0].length;
    const [, sign, low, comma, high, mode] = found;
    const min = sign === undefined ? Number(low) : sign === "+" ? 1 : 0;
    const open = sign === undefined ? comma === "," && high === "" : sign !== "?";
    const max = open ? Number.POSITIVE_INFINITY : sign === "?" ? 1 : Number(comma === "," ? high : low);
    return { type: "repeat", inner, min, max, lazy: mode === "?", start: inner.start, end: this.#at };
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
  "0": "\0",
};

function codePoint(rest: string): { value: number; length: number } | undefined {
  const found = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  if (found === null) return undefined;
  const value = Number.parseInt(found[1] ?? found[2] ?? found[3] ?? "0", 16);
  return value <= 0x10ffff ? { value, length: found[0].length } : undefined;
}

function constant(text: string, start: number): RegexNode {
  return { type: "constant", text, start, end: start + text.length };
}

/** Adds a part; a character after a character makes one constant. */
function append(parts: RegexNode[], part: RegexNode): void {
  const last = parts.at(-1);
  if (part.type === "constant" && last?.type === "constant") {
    parts[parts.length - 1] = {
      type: "constant",
      text: last.text + part.text,
      start: last.start,
      end: part.end,
    };
  } else parts.push(part);
}

/** The nodes directly below a node. */
export function partsOf(node: RegexNode): readonly RegexNode[] {
  switch (node.type) {
    case "sequence":
      return node.parts;
    case "choice":
      return node.options;
    case "group":
    case "repeat":
      return [node.inner];
    default:
      return [];
  }
}

/** A node and all below it. */
export function* nodesOf(node: RegexNode): Generator<RegexNode> {
  yield node;
  for (const part of partsOf(node)) yield* nodesOf(part);
}
