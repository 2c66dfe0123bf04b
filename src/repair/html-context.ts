// Where in HTML a value stands, judged by the literal text before it. Escaping fits element
// content and quoted attributes; scripts, styles, unquoted attributes and the start of a link
// need something else.

/** A place in HTML. */
export type HtmlContext =
  | "text"
  | "quoted-attribute"
  | "unquoted-attribute"
  | "link"
  | "script"
  | "style"
  | "tag"
  | "handler";

/** Contexts in which HTML escaping makes a value harmless. */
export const escapable: ReadonlySet<HtmlContext> = new Set(["text", "quoted-attribute"]);

const LINKS = /^(href|src|action|formaction|data|poster|xlink:href)$/i;

/** The context after the literal text (`\0` stands for values in between). */
export function htmlContext(before: string): HtmlContext {
  const lower = before.toLowerCase();
  if (isInside(lower, "script")) return "script";
  if (isInside(lower, "style")) return "style";
  const tag = openTag(before);
  if (tag === undefined) return "text";
  const attribute = openAttribute(tag);
  if (attribute === undefined) return "tag";
  if (/^on/i.test(attribute.name)) return "handler";
  if (attribute.quote === "") return "unquoted-attribute";
  if (/^style$/i.test(attribute.name)) return "style";
  return LINKS.test(attribute.name) && attribute.value === "" ? "link" : "quoted-attribute";
}

function isInside(lower: string, element: string): boolean {
  const open = lower.lastIndexOf(`<${element}`);
  if (open < 0 || lower.lastIndexOf(`</${element}`) > open) return false;
  return lower.indexOf(">", open) >= 0;
}

/** The text of the tag that is still open, from its `<`. */
function openTag(before: string): string | undefined {
  let start = -1;
  let quote = "";
  for (let index = 0; index < before.length; index++) {
    const char = before.charAt(index);
    if (start < 0) {
      if (char === "<" && /[a-zA-Z/!]/.test(before.charAt(index + 1))) start = index;
    } else if (quote !== "") {
      // `>` in a quoted value closes no tag.
      if (char === quote) quote = "";
    } else if (/["']/.test(char) && /=\s*$/.test(before.slice(start, index))) {
      quote = char;
    } else if (char === ">") {
      start = -1;
    }
  }
  return start < 0 ? undefined : before.slice(start);
}

function openAttribute(tag: string): { name: string; quote: string; value: string } | undefined {
  const match = /([\w:.-]+)\s*=\s*(?:(["'])((?:(?!\2)[\s\S])*)|([^\s"'>]*))$/.exec(tag);
  if (match === null) return undefined;
  return { name: match[1] ?? "", quote: match[2] ?? "", value: match[3] ?? match[4] ?? "" };
}
