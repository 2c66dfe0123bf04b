// Blocks between fences in a model's answer, as Markdown reads them (https://spec.commonmark.org/0.31.2/#fenced-code-blocks),
// with their places, so that a block can be replaced in the answer.
import type { Language } from "../core/language.ts";

const fenceNames = {
  python: ["python", "py", "python3", "py3", "python2", "ipython"],
  c: ["c", "h", "cpp", "c++", "cc", "cxx", "hpp"],
} as const satisfies Record<Language, readonly string[]>;

/** What a language is called behind a fence. */
export function fenceNamesOf(language: Language): readonly string[] {
  return fenceNames[language];
}

/** A block of an answer. */
export interface FencedBlock {
  /** The language's name after the fence, in lower case; empty where there is none. */
  readonly name: string;
  /** What stands in it, without the fence's own indentation; line ends are those of the answer. */
  readonly text: string;
  /** Whether a fence ended it. */
  readonly closed: boolean;
  /** The fence's own indentation. */
  readonly indent: string;
  /** First code unit of the first line in it. */
  readonly start: number;
  /** Code unit behind the last line in it, its line end not included. */
  readonly end: number;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;

interface OpenBlock {
  readonly indent: string;
  readonly fence: string;
  readonly name: string;
  readonly start: number;
}

/** The blocks of an answer, in order; the closing fence is at least as long as the opening one. */
export function fencedBlocks(text: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: OpenBlock | undefined;
  let at = 0;
  for (const line of text.split("\n")) {
    const [, indent = "", fence = "", name = ""] = FENCE.exec(line) ?? [];
    const next = at + line.length + 1;
    if (open === undefined) {
      if (fence !== "") open = { indent, fence, name: name.toLowerCase(), start: next };
    } else if (fence !== "" && name === "" && fence.startsWith(open.fence)) {
      blocks.push(blockOf(text, open, at - 1, true));
      open = undefined;
    }
    at = next;
  }
  if (open !== undefined) blocks.push(blockOf(text, open, text.length, false));
  return blocks;
}

function blockOf(
  text: string,
  { indent, name, start }: OpenBlock,
  end: number,
  closed: boolean,
): FencedBlock {
  // An empty block: its end would lie before its start.
  const inner = text.slice(start, Math.max(start, end));
  return { name, text: withoutIndent(inner, indent), closed, indent, start, end: start + inner.length };
}

/** Lists indent their blocks: the fence's own indentation is not the program's. */
function withoutIndent(text: string, indent: string): string {
  if (indent === "") return text;
  return text
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n");
}
