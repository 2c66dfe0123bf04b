// Two programs compared line by line.
import { diffLines } from "diff";

/** A line of a diff. */
export interface DiffLine {
  /** What became of it. */
  readonly kind: "same" | "removed" | "added";
  /** Its text. */
  readonly text: string;
  /** Line number before, from 1; undefined for added lines. */
  readonly before: number | undefined;
  /** Line number after, from 1; undefined for removed lines. */
  readonly after: number | undefined;
}

/** Beyond so many changed lines no reader wants the shortest diff, and finding it takes too long. */
const MOST_EDITS = 300;

/** Compares two programs line by line. */
export function diffOf(before: string, after: string): DiffLine[] {
  let left = 0;
  let right = 0;
  return partsOf(withNewline(before), withNewline(after)).flatMap((part) =>
    part.value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): DiffLine => {
        if (part.added) return { kind: "added", text, before: undefined, after: ++right };
        if (part.removed) return { kind: "removed", text, before: ++left, after: undefined };
        return { kind: "same", text, before: ++left, after: ++right };
      }),
  );
}

function partsOf(before: string, after: string): { value: string; added: boolean; removed: boolean }[] {
  const parts = diffLines(before, after, { maxEditLength: MOST_EDITS });
  return (
    parts ?? [
      { value: before, added: false, removed: true },
      { value: after, added: true, removed: false },
    ]
  );
}

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
