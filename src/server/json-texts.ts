// The texts in a JSON document, wherever they stand in it, with a way to put others in their place.

/** A text in a document. */
export interface TextInJson {
  /** Keys and indexes on the way to it. */
  readonly path: readonly string[];
  readonly text: string;
  /** The texts beside it in the same object, by key. */
  readonly siblings: Readonly<Record<string, string>>;
  /** Puts another text there. */
  readonly replace: (text: string) => void;
}

/** A document's texts, and the document again. */
export interface JsonText {
  readonly texts: readonly TextInJson[];
  /** The document as it came, or written anew where something was replaced. */
  readonly result: () => string;
}

// Deeper ones are no arguments of a tool.
const MOST_DEPTH = 20;

/** Reads an object or array; undefined for everything else. */
export function textsInJson(document: string): JsonText | undefined {
  if (!/^\s*[[{]/.test(document)) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(document);
  } catch {
    return undefined; // no JSON: it is read as what it is
  }
  let changed = false;
  const texts: TextInJson[] = [];
  const visit = (holder: object, path: readonly string[]): void => {
    if (path.length > MOST_DEPTH) return;
    const entries: [string, unknown][] = Object.entries(holder);
    const siblings = Object.fromEntries(
      entries.flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : [])),
    );
    for (const [key, value] of entries) {
      if (typeof value === "object" && value !== null) visit(value, [...path, key]);
      if (typeof value !== "string") continue;
      const replace = (text: string): void => {
        changed = true;
        Object.assign(holder, { [key]: text });
      };
      texts.push({ path: [...path, key], text: value, siblings, replace });
    }
  };
  if (typeof root === "object" && root !== null) visit(root, []);
  return { texts, result: () => (changed ? JSON.stringify(root) : document) };
}
