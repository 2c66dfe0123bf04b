// Near-duplicates by shingles: two programs are near when the Jaccard index of their sets of
// 5-token shingles reaches a threshold (0.7 in the measurements of the authors' data). MinHash with
// locality-sensitive hashing finds candidates; the exact index decides.
import { createHash } from "node:crypto";

const SHINGLE = 5;
const BANDS = 32;
const ROWS = 4;

/** Tokens of a program: words, numbers and single marks; space does not count. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Hashes of a program's shingles. A program shorter than a shingle is one shingle. */
export function shinglesOf(text: string): Set<number> {
  const tokens = tokensOf(text);
  const shingles = new Set<number>();
  for (let i = 0; i === 0 || i + SHINGLE <= tokens.length; i++) {
    shingles.add(hash32(tokens.slice(i, i + SHINGLE).join(" ")));
  }
  return shingles;
}

/** Size of the intersection over size of the union; 1 for two empty sets. */
export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let shared = 0;
  for (const item of a) if (b.has(item)) shared++;
  const union = a.size + b.size - shared;
  return union === 0 ? 1 : shared / union;
}

/** Share of `part` that lies in `whole`: 1 when all of it does. */
export function containment(part: ReadonlySet<number>, whole: ReadonlySet<number>): number {
  if (part.size === 0) return 0;
  let shared = 0;
  for (const item of part) if (whole.has(item)) shared++;
  return shared / part.size;
}

/** Finds, among the programs added so far, those near to a new one. */
export class NearDuplicateIndex {
  readonly #threshold: number;
  readonly #shingles: ReadonlySet<number>[] = [];
  readonly #buckets = new Map<string, number[]>();

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Numbers (in order of adding) of the programs that are near to `text`. */
  near(text: string): number[] {
    const shingles = shinglesOf(text);
    const candidates = new Set(bandKeys(shingles).flatMap((key) => this.#buckets.get(key) ?? []));
    return [...candidates]
      .filter((i) => jaccard(shingles, this.#shingles[i] ?? new Set()) >= this.#threshold)
      .sort((a, b) => a - b);
  }

  /** Adds a program; returns its number. */
  add(text: string): number {
    const shingles = shinglesOf(text);
    const number = this.#shingles.push(shingles) - 1;
    for (const key of bandKeys(shingles)) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) this.#buckets.set(key, [number]);
      else bucket.push(number);
    }
    return number;
  }
}

function bandKeys(shingles: ReadonlySet<number>): string[] {
  const signature = minHash(shingles);
  return Array.from({ length: BANDS }, (_, band) => {
    const rows = signature.slice(band * ROWS, (band + 1) * ROWS);
    return `${band}:${rows.join(",")}`;
  });
}

function minHash(shingles: ReadonlySet<number>): number[] {
  const signature = new Array<number>(BANDS * ROWS).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < signature.length; i++) {
      const mixed = mix(shingle, i);
      if (mixed < (signature[i] ?? 0)) signature[i] = mixed;
    }
  }
  return signature;
}

/** One of a family of hash functions on 32-bit numbers (the finaliser of MurmurHash3, salted). */
function mix(value: number, salt: number): number {
  let h = (value ^ Math.imul(salt + 1, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hash32(text: string): number {
  return createHash("sha1").update(text).digest().readUInt32LE(0);
}
