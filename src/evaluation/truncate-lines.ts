// Shortens a JSON lines file to its first lines, in place and without reading it into memory.
import { createReadStream } from "node:fs";
import { truncate } from "node:fs/promises";
import { systemErrorCode, writeError } from "../core/errors.ts";

const NEWLINE = 0x0a;

/** Keeps the first `lines` lines of a file; a file that is not there has none. */
export async function truncateLines(path: string, lines: number): Promise<void> {
  try {
    const end = await endOfLine(path, lines);
    if (end !== undefined) await truncate(path, end);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw writeError(path, error);
  }
}

/** Offset after the last byte of line number `lines`; undefined when there are no more bytes than that. */
async function endOfLine(path: string, lines: number): Promise<number | undefined> {
  if (lines === 0) return 0;
  let left = lines;
  let offset = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes: Uint8Array = chunk;
    for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) {
      left--;
      if (left === 0) return offset + i + 1;
    }
    offset += bytes.length;
  }
  return undefined;
}
