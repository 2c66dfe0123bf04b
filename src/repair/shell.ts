// Shell command lines as templates: literal text and placeholders, split into words by the rules
// of POSIX sh. Says whether a command line is plain words (so that an argument list means the
// same) or uses what only a shell does: pipes, redirections, variables, wildcards.

/** A piece of a command line: text, or the number of a placeholder. */
export type ShellPiece = string | number;

/** A part of a word: literal text, or a placeholder. */
export type WordPart = { readonly text: string } | { readonly placeholder: number };

/** A command line taken apart. */
export type ShellLine =
  | { readonly kind: "words"; readonly words: readonly (readonly WordPart[])[] }
  | { readonly kind: "shell"; readonly feature: string }
  | { readonly kind: "unclosed" };

/** The quotes around a placeholder: what has to be closed before a quoted value stands there. */
export type QuoteState = "" | "'" | '"';

const META = /[|&;<>()$`*?[\]~#!{}\n]/;
const META_IN_DOUBLE = /[$`!]/;

/** Splits a command line into words. */
export function shellWords(pieces: readonly ShellPiece[]): ShellLine {
  const reader = new WordReader();
  for (const piece of pieces) {
    if (typeof piece === "number") reader.placeholder(piece);
    else for (const char of piece) reader.char(char);
  }
  return reader.finish();
}

/** The quotes that are open at each placeholder. */
export function quoteStates(pieces: readonly ShellPiece[]): Map<number, QuoteState> {
  const out = new Map<number, QuoteState>();
  let quote: QuoteState = "";
  let escaped = false;
  for (const piece of pieces) {
    if (typeof piece === "number") {
      out.set(piece, quote);
      continue;
    }
    for (const char of piece) {
      if (escaped) escaped = false;
      else if (char === "\\" && quote !== "'") escaped = true;
      else if (quote === "" && (char === "'" || char === '"')) quote = char;
      else if (char === quote) quote = "";
    }
  }
  return out;
}

class WordReader {
  readonly #words: WordPart[][] = [];
  #word: WordPart[] | undefined;
  #quote: QuoteState = "";
  #escaped = false;
  #feature: string | undefined;

  placeholder(number: number): void {
    this.#open().push({ placeholder: number });
  }

  char(char: string): void {
    if (this.#escaped) {
      this.#escaped = false;
      // In double quotes a backslash stays in front of what it does not escape.
      this.#text(this.#quote === '"' && !/["\\$`]/.test(char) ? `\\${char}` : char);
    } else if (char === "\\" && this.#quote !== "'") {
      this.#escaped = true;
    } else if (this.#quote !== "") {
      this.#quoted(char);
    } else if (char === "'" || char === '"') {
      this.#quote = char;
      this.#open();
    } else if (/[ \t]/.test(char)) {
      this.#close();
    } else if (META.test(char)) {
      this.#feature ??= char;
    } else {
      this.#text(char);
    }
  }

  finish(): ShellLine {
    this.#close();
    if (this.#quote !== "" || this.#escaped) return { kind: "unclosed" };
    if (this.#feature !== undefined) return { kind: "shell", feature: this.#feature };
    const first = this.#words[0];
    // `NAME=value program`: a setting of the environment, which only a shell reads.
    const [start] = first ?? [];
    if (start !== undefined && "text" in start && /^\w+=/.test(start.text))
      return { kind: "shell", feature: "=" };
    return { kind: "words", words: this.#words };
  }

  #quoted(char: string): void {
    if (char === this.#quote) this.#quote = "";
    else if (this.#quote === '"' && META_IN_DOUBLE.test(char)) this.#feature ??= char;
    else this.#text(char);
  }

  #text(char: string): void {
    const word = this.#open();
    const last = word.at(-1);
    if (last !== undefined && "text" in last) word[word.length - 1] = { text: last.text + char };
    else word.push({ text: char });
  }

  #open(): WordPart[] {
    this.#word ??= [];
    return this.#word;
  }

  #close(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }
}
