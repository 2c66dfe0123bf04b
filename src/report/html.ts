// Pages are built from this template tag and from nothing else: whatever is put into a template
// is escaped unless it is markup made by the tag. What a model wrote can only ever be text.

/** Markup that is safe to put on a page. Made only in this file. */
export class Html {
  readonly #markup: string;

  constructor(markup: string, token: symbol) {
    if (token !== TOKEN) throw new Error("Html is made by the html tag only.");
    this.#markup = markup;
  }

  /** The markup. */
  toString(): string {
    return this.#markup;
  }
}

const TOKEN = Symbol("html");

/** What may stand in a template. Nothing is shown for undefined, null and false. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

/**
 * Builds markup.
 *
 * @example
 * html`<td class="${name}">${program}</td>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  let markup = strings[0] ?? "";
  for (const [place, value] of values.entries()) markup += render(value) + (strings[place + 1] ?? "");
  return new Html(markup, TOKEN);
}

/** Markup that our own code made as text: the style sheet. Never anything from a file. */
export function ownMarkup(markup: string): Html {
  return new Html(markup, TOKEN);
}

function render(content: Content): string {
  if (content === undefined || content === null || content === false) return "";
  if (content instanceof Html) return content.toString();
  if (typeof content === "string") return escapeHtml(content);
  if (typeof content === "number") return String(content);
  return content.map(render).join("");
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for elements and quoted attributes; control characters are shown as their symbols. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
    .replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Control characters but for tab and line feed, directional overrides (Trojan Source), lone surrogates. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
