// Widths for `%s` and `%[…]` in scanf formats: one less than the room, for the zero at the end.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import type { Edit } from "../../edits.ts";
import type { CProgram } from "../program.ts";
import { type CRewrite, cEdits } from "../rewrite.ts";

const CONVERSION = /%(\*)?(\d*)(hh|h|ll|l|j|z|t|L)?(\[\^?\]?[^\]]*\]|[a-zA-Z%])/g;

/** Gives every text conversion without a width, or with one that is too great, the right one. */
export function scanWidths(
  program: CProgram,
  all: readonly SyntaxNode[],
  place: number,
): CRewrite | undefined {
  const format = all[place];
  if (format?.type !== "string_literal") return undefined;
  const edits: Edit[] = [];
  let next = place + 1;
  for (const match of format.text.matchAll(CONVERSION)) {
    const [, skipped, width = "", , conversion = ""] = match;
    if (skipped !== undefined || conversion === "%") continue;
    const to = all[next++];
    if (!/^(s|\[)/.test(conversion)) continue;
    const room = program.lengthOf(to);
    if (room === undefined || room < 2) return undefined;
    if (width !== "" && Number(width) < room) continue;
    const start = format.start + match.index + 1;
    edits.push({ start, end: start + width.length, text: String(room - 1) });
  }
  return edits.length === 0 ? undefined : cEdits([edits]);
}
