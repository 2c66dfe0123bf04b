// Which parts of a changed line are new: each removed line is paired with the added line that it became, and
// the two are compared word by word. A line without a likeness is new as a whole and has no parts.
import { diffWordsWithSpace } from "diff";
import type { DiffLine } from "./diff-lines.ts";

/** Part of a line: offsets in UTF-16 code units, end exclusive. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** Lines that share less than this with one another are not the same line changed. */
const ALIKE = 0.5;

/** Where more lines changed together than this, a reader compares blocks and not lines. */
const MOST_LINES = 20;
const MOST_CHARACTERS = 240;

/** The changed parts of every line that has a counterpart. */
export function changedParts(lines: readonly DiffLine[]): ReadonlyMap<DiffLine, readonly Part[]> {
  const parts = new Map<DiffLine, readonly Part[]>();
  for (const { removed, added } of blocksOf(lines)) {
    if (removed.length > MOST_LINES || added.length > MOST_LINES) continue;
    let next = 0;
    for (const before of removed) {
      for (let place = next; place < added.length; place++) {
        const after = added[place];
        const pair = after === undefined ? undefined : pairOf(before.text, after.text);
        if (after === undefined || pair === undefined) continue;
        parts.set(before, pair.before).set(after, pair.after);
        next = place + 1;
        break;
      }
    }
  }
  return parts;
}

interface Block {
  readonly removed: DiffLine[];
  readonly added: DiffLine[];
}

function blocksOf(lines: readonly DiffLine[]): Block[] {
  const blocks: Block[] = [];
  let block: Block | undefined;
  for (const line of lines) {
    if (line.kind === "same") {
      block = undefined;
      continue;
    }
    if (block === undefined) {
      block = { removed: [], added: [] };
      blocks.push(block);
    }
    block[line.kind].push(line);
  }
  return blocks;
}

/** The parts that differ; undefined where the lines are not alike. */
function pairOf(before: string, after: string): { before: Part[]; after: Part[] } | undefined {
  const longer = Math.max(before.trim().length, after.trim().length);
  const shorter = Math.min(before.trim().length, after.trim().length);
  if (longer > MOST_CHARACTERS || shorter < longer * ALIKE || longer === 0) return undefined;
  const parts = { before: [] as Part[], after: [] as Part[] };
  let [left, right, shared] = [0, 0, 0];
  for (const { value, removed, added } of diffWordsWithSpace(before, after)) {
    const size = value.length;
    if (removed) parts.before.push({ start: left, end: left + size });
    else if (added) parts.after.push({ start: right, end: right + size });
    else shared += value.replaceAll(/\s/g, "").length;
    if (!added) left += size;
    if (!removed) right += size;
  }
  return shared >= longer * ALIKE ? parts : undefined;
}
