// Remembers the trees of the last programs: on its way through detection, repair and gates one text is
// parsed half a dozen times, and parsing is half of all the work. Trees are never changed, so they can be shared.
import type { ParseFunction } from "./parse.ts";
import type { SyntaxTree } from "./syntax.ts";

/** Characters of all remembered programs together; a tree takes about fifty times its text. */
const MOST_CHARACTERS = 400_000;

/** The same function with a short memory. */
export function rememberTrees(parse: ParseFunction, most = MOST_CHARACTERS): ParseFunction {
  const known = new Map<string, SyntaxTree>();
  let characters = 0;
  const forget = (text: string): void => {
    if (known.delete(text)) characters -= text.length;
  };
  return (text) => {
    const tree = known.get(text) ?? parse(text);
    // A large file is seldom seen twice, and would push out many small ones.
    if (text.length > most / 10) return tree;
    // Deleted and set again: a Map keeps the order in which its keys came.
    forget(text);
    known.set(text, tree);
    characters += text.length;
    for (const oldest of known.keys()) {
      if (characters <= most) break;
      forget(oldest);
    }
    return tree;
  };
}
