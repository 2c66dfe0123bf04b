// printf and scanf formats: which argument each conversion takes, and how much it writes.

/** One conversion of a format. */
export interface Conversion {
  /** The letter: `d`, `s`, `[` … */
  readonly letter: string;
  /** A width that is written out. */
  readonly width: number | undefined;
  /** A precision that is written out. */
  readonly precision: number | undefined;
  /** Whether width or precision come from arguments. */
  readonly stars: number;
  /** Whether the precision comes from an argument. */
  readonly precisionFromArgument: boolean;
  /** Length modifier, as `l` or `hh`. */
  readonly modifier: string;
  /** scanf: read, but kept nowhere. */
  readonly suppressed: boolean;
  /** scanf: the characters that it takes, as written between the brackets. */
  readonly set?: string;
  /** scanf: memory is allocated for it. */
  readonly allocated: boolean;
}

/** A format taken apart: its conversions, and how many characters stand between them. */
export interface Format {
  readonly conversions: readonly Conversion[];
  readonly literal: number;
}

const PRINT =
  /%(?<flags>[-+ #0']*)(?<width>\*|\d+)?(?:\.(?<precision>\*|-?\d*))?(?<modifier>hh|h|ll|l|q|L|j|z|t|I64)?(?<letter>[a-zA-Z%])/g;
const SCAN =
  /%(?<star>\*)?(?<width>\d+)?(?<alloc>m)?(?<modifier>hh|h|ll|l|q|L|j|z|t)?(?<letter>\[\^?\]?[^\]]*\]|[a-zA-Z%])/g;

/** Reads a format of printf. */
export function readPrintFormat(text: string): Format {
  const conversions: Conversion[] = [];
  let literal = text.length;
  for (const { 0: whole, groups } of text.matchAll(PRINT)) {
    literal -= whole.length;
    const { width, precision, modifier = "", letter = "" } = groups ?? {};
    if (letter === "%") {
      literal += 1;
      continue;
    }
    conversions.push({
      letter,
      width: width === undefined || width === "*" ? undefined : Number(width),
      precision: precision === undefined || precision === "*" ? undefined : Number(precision),
      stars: Number(width === "*") + Number(precision === "*"),
      precisionFromArgument: precision === "*",
      modifier,
      suppressed: false,
      allocated: false,
    });
  }
  return { conversions, literal };
}

/** Reads a format of scanf. */
export function readScanFormat(text: string): Conversion[] {
  const conversions: Conversion[] = [];
  for (const { groups } of text.matchAll(SCAN)) {
    const { star, width, alloc, modifier = "", letter = "" } = groups ?? {};
    if (letter === "%") continue;
    conversions.push({
      letter: letter.startsWith("[") ? "[" : letter,
      width: width === undefined ? undefined : Number(width),
      precision: undefined,
      stars: 0,
      precisionFromArgument: false,
      modifier,
      suppressed: star !== undefined,
      allocated: alloc !== undefined,
      ...(letter.startsWith("[") ? { set: letter.slice(1, -1) } : {}),
    });
  }
  return conversions;
}

/** Greatest number of characters that a number in a range takes. */
export function digitsOf(letter: string, range: { lo: number; hi: number }): number {
  const width = (value: number): number => {
    const size = Math.abs(value);
    const base = /[xXp]/.test(letter) ? 16 : letter === "o" ? 8 : 10;
    const digits = size < 1 ? 1 : Math.floor(Math.log(size) / Math.log(base) + 1e-9) + 1;
    return digits + (value < 0 ? 1 : 0);
  };
  if (!Number.isFinite(range.lo) || !Number.isFinite(range.hi)) return 20;
  return Math.max(width(range.lo), width(range.hi));
}
