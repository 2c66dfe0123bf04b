// Text edits on offsets (UTF-16 code units): collected against one version of a text, checked for
// overlap, applied together, so that everything outside them stays byte for byte as it was.

/** Replaces the text between two offsets; an insertion where both are equal. */
export interface Edit {
  /** First code unit replaced. */
  readonly start: number;
  /** Code unit after the last one replaced. */
  readonly end: number;
  /** What stands there instead. */
  readonly text: string;
}

/** Orders edits by place; edits at one place keep the order in which they were made. */
export function inOrder(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Whether two edits want different things of the same text; the same edit twice is no conflict. */
export function conflict(a: Edit, b: Edit): boolean {
  if (a.start === b.start && a.end === b.end) {
    // Insertions at one place follow one another; replacements of one place must agree.
    return a.start !== a.end && a.text !== b.text;
  }
  return a.start < b.end && b.start < a.end;
}

/** Adds edits unless one of them conflicts with what is there; says whether they were added. */
export function addEdits(to: Edit[], edits: readonly Edit[]): boolean {
  if (edits.some((edit) => to.some((other) => conflict(edit, other)))) return false;
  for (const edit of edits) {
    const known = to.some((o) => o.start === edit.start && o.end === edit.end && o.text === edit.text);
    if (!known) to.push(edit);
  }
  return true;
}

/** Applies edits together; throws for edits that overlap, which is a bug of their maker. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of inOrder(edits)) {
    if (edit.start < at) throw new Error(`edits overlap at offset ${edit.start}`);
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** Puts text before and after a span, leaving the span itself open to other edits. */
export function wrap(span: { start: number; end: number }, before: string, after: string): Edit[] {
  return [
    { start: span.start, end: span.start, text: before },
    { start: span.end, end: span.end, text: after },
  ];
}

/** Replaces a span. */
export function replace(span: { start: number; end: number }, text: string): Edit {
  return { start: span.start, end: span.end, text };
}

/** New lines end as the program's lines end. */
export function withLineEnds(edits: readonly Edit[], program: string): readonly Edit[] {
  if (!/\r\n/.test(program)) return edits;
  return edits.map((edit) => ({ ...edit, text: edit.text.replace(/\r?\n/g, "\r\n") }));
}
