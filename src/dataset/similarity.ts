// Near-duplicates by shingles: two programs are near when the Jaccard index of their sets of
// 5-token shingles reaches a threshold (0.7 in the measurements of the authors' data). MinHash with
// locality-sensitive hashing finds candidates; the exact index decides.

const SHINGLE = 5;
// 32 bands of 4 rows: of pairs with an index of 0.7 one in 5,000 is missed, with 0.9 none that could be measured.
const BANDS = 32;
const ROWS = 4;

/** Tokens of a program: words, numbers and single marks; space does not count. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Hashes of a program's shingles. A program shorter than a shingle is one shingle. */
export function shinglesOf(text: string): Set<number> {
  const tokens = tokensOf(text);
  const hashes = tokens.map(hash32);
  const shingles = new Set<number>();
  for (let i = 0; i === 0 || i + SHINGLE <= tokens.length; i++) {
    let shingle = 0;
    for (let j = i; j < Math.min(i + SHINGLE, hashes.length); j++) {
      shingle = scrambled((Math.imul(shingle, 31) + (hashes[j] ?? 0)) >>> 0);
    }
    shingles.add(shingle);
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

/** Finds, among the programs added so far, those near to a new one. */
export class NearDuplicateIndex {
  readonly #threshold: number;
  /** Shingles in ascending order: a tenth of what sets take. */
  readonly #shingles: Uint32Array[] = [];
  readonly #bands: Map<number, number[]>[] = Array.from({ length: BANDS }, () => new Map());

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** Numbers (in order of adding) of the programs that are near to `text`. */
  near(text: string): number[] {
    const shingles = sortedShingles(text);
    const candidates = new Set<number>();
    for (const [band, key] of bandKeys(shingles).entries()) {
      for (const number of this.#bands[band]?.get(key) ?? []) candidates.add(number);
    }
    return [...candidates].filter((number) => this.#isNear(shingles, number)).sort((a, b) => a - b);
  }

  /** Adds a program; returns its number. */
  add(text: string): number {
    const shingles = sortedShingles(text);
    const number = this.#shingles.push(shingles) - 1;
    for (const [band, key] of bandKeys(shingles).entries()) {
      const buckets = this.#bands[band];
      const bucket = buckets?.get(key);
      if (bucket === undefined) buckets?.set(key, [number]);
      else bucket.push(number);
    }
    return number;
  }

  #isNear(shingles: Uint32Array, number: number): boolean {
    const other = this.#shingles[number];
    if (other === undefined) return false;
    // The index cannot be larger than the smaller size over the larger one.
    const [less, more] = shingles.length < other.length ? [shingles, other] : [other, shingles];
    if (less.length < this.#threshold * more.length) return false;
    const shared = sharedCount(less, more);
    return shared >= this.#threshold * (less.length + more.length - shared);
  }
}

function sortedShingles(text: string): Uint32Array {
  return Uint32Array.from(shinglesOf(text)).sort();
}

/** How many numbers two ascending arrays share. */
function sharedCount(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i] ?? 0;
    const right = b[j] ?? 0;
    if (left === right) shared++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return shared;
}

function bandKeys(shingles: Uint32Array): number[] {
  const signature = new Uint32Array(BANDS * ROWS).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < signature.length; i++) {
      const mixed = mix(shingle, i);
      if (mixed < (signature[i] ?? 0)) signature[i] = mixed;
    }
  }
  return Array.from({ length: BANDS }, (_, band) => {
    let key = 0;
    for (let row = 0; row < ROWS; row++) {
      key = scrambled((Math.imul(key, 31) + (signature[band * ROWS + row] ?? 0)) >>> 0);
    }
    return key;
  });
}

/** One of a family of hash functions on 32-bit numbers. */
function mix(value: number, salt: number): number {
  return scrambled((value ^ Math.imul(salt + 1, 0x9e3779b1)) >>> 0);
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the result. */
function scrambled(value: number): number {
  const h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const g = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (g ^ (g >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 code units. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return scrambled(hash >>> 0);
}
