// From a SARIF region to ours: missing ends are filled in from the text, columns counted in code points
// are turned into UTF-16 code units, and a place that the text does not have is no place.
import type { Region } from "../core/finding.ts";
import { LineIndex } from "../util/text.ts";
import type { LogRegion } from "./sarif-schema.ts";

/** How columns are counted; bytes are what tools count outside SARIF. */
export type ColumnKind = "utf16CodeUnits" | "unicodeCodePoints" | "utf8Bytes";

/** A program's lines, as regions need them; built once a text. */
export class RegionReader {
  readonly #text: string;
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#text = text;
    this.#lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  /** The region in our terms, or undefined where the program has no such place. */
  read(region: LogRegion, kind: ColumnKind): Region | undefined {
    const { startLine, startColumn = 1 } = region;
    if (startLine === undefined) return this.#byOffset(region, kind);
    const endLine = region.endLine ?? startLine;
    const [first, last] = [this.#lines[startLine - 1], this.#lines[endLine - 1]];
    if (first === undefined || last === undefined || endLine < startLine) return undefined;
    const from = column(first, startColumn, kind);
    const to = region.endColumn === undefined ? last.length + 1 : column(last, region.endColumn, kind);
    if (endLine === startLine && to < from) return undefined;
    return { startLine, startColumn: from, endLine, endColumn: to };
  }

  /** A region that is given by characters from the beginning. */
  #byOffset({ charOffset = -1, charLength = 0 }: LogRegion, kind: ColumnKind): Region | undefined {
    if (charOffset < 0) return undefined;
    const start = units(this.#text, charOffset, kind);
    const end = units(this.#text, charOffset + charLength, kind);
    if (start === undefined || end === undefined) return undefined;
    return new LineIndex(this.#text).region(start, end);
  }
}

/** A column in code units; one beyond the line is the line's end. */
function column(line: string, count: number, kind: ColumnKind): number {
  return (units(line, count - 1, kind) ?? line.length) + 1;
}

/** How many code units the first `count` characters take; undefined where there are not so many. */
function units(text: string, count: number, kind: ColumnKind): number | undefined {
  if (kind === "utf16CodeUnits") return count <= text.length ? count : undefined;
  let offset = 0;
  for (let passed = 0; passed < count; ) {
    const point = text.codePointAt(offset);
    if (point === undefined) return undefined;
    passed += kind === "utf8Bytes" ? bytesOf(point) : 1;
    offset += point > 0xffff ? 2 : 1;
  }
  return offset;
}

function bytesOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
