// Numbers as sums of symbols: `4*n + 3`. Two of them can be subtracted without knowing the symbols,
// which is how a length is held against the size that it was allocated for.

/** Where untrusted data came from, and on which way. */
export interface Taint {
  /** Threat model that the source belongs to. */
  readonly label: string;
  /** Steps, the last first. */
  readonly step: TaintStep;
  /** Kinds of sink to which it can do no more harm. */
  readonly cleared: ReadonlySet<string>;
}

/** One step of a way, linked to the one before. */
export interface TaintStep {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly previous: TaintStep | undefined;
}

/** A number that is not known. */
export interface Sym {
  readonly id: number;
  /** Least and greatest value by its type or making. */
  readonly lo: number;
  readonly hi: number;
  /** Whether the range comes from how it was made (`x % 10`), not from its type. */
  readonly exact: boolean;
  readonly taint: Taint | undefined;
  /** Whether it stands for values of several paths. */
  readonly joined: boolean;
  /** The first of the symbols that stood for the same variable, one after the other. */
  readonly line: number;
  /** Whether it grows in a loop, as far as is known without end. */
  readonly grown: boolean;
  /** `length` of a text that nothing bounds, `parameter` of a function that is entered from outside. */
  readonly kind: "length" | "parameter" | "other";
}

/** A sum of symbols with factors, and a constant; terms are sorted by symbol. */
export interface Lin {
  readonly k: number;
  readonly terms: readonly Term[];
}
/** A symbol with its factor. */
export interface Term {
  readonly sym: Sym;
  readonly c: number;
}

/** A constant. */
export function constant(k: number): Lin {
  return k === 0 ? ZERO : { k, terms: [] };
}
/** Nothing. */
export const ZERO: Lin = { k: 0, terms: [] };

/** A symbol alone. */
export function symbolic(sym: Sym): Lin {
  return { k: 0, terms: [{ sym, c: 1 }] };
}

/** The sum `a + factor*b`; undefined where it has too many symbols to be of use. */
export function addScaled(a: Lin, b: Lin, factor: number): Lin | undefined {
  if (b.terms.length === 0) return { k: a.k + factor * b.k, terms: a.terms };
  const terms: Term[] = [];
  let i = 0;
  let j = 0;
  while (i < a.terms.length || j < b.terms.length) {
    const left = a.terms[i];
    const right = b.terms[j];
    if (right === undefined || (left !== undefined && left.sym.id < right.sym.id)) {
      if (left !== undefined) terms.push(left);
      i++;
    } else if (left === undefined || right.sym.id < left.sym.id) {
      terms.push({ sym: right.sym, c: factor * right.c });
      j++;
    } else {
      const c = left.c + factor * right.c;
      if (c !== 0) terms.push({ sym: left.sym, c });
      i++;
      j++;
    }
  }
  return terms.length > MOST_TERMS ? undefined : { k: a.k + factor * b.k, terms };
}

const MOST_TERMS = 6;

/** The sum. */
export function plus(a: Lin, b: Lin): Lin | undefined {
  return addScaled(a, b, 1);
}
/** The difference. */
export function minus(a: Lin, b: Lin): Lin | undefined {
  return addScaled(a, b, -1);
}
/** The product with a constant. */
export function times(a: Lin, factor: number): Lin {
  if (factor === 0) return ZERO;
  return { k: a.k * factor, terms: a.terms.map(({ sym, c }) => ({ sym, c: c * factor })) };
}

/** The value of a constant; undefined for anything with a symbol. */
export function constantOf(lin: Lin | undefined): number | undefined {
  return lin?.terms.length === 0 ? lin.k : undefined;
}

/** Whether two sums are the same. */
export function sameLin(a: Lin, b: Lin): boolean {
  return (
    a === b ||
    (a.k === b.k &&
      a.terms.length === b.terms.length &&
      a.terms.every(({ sym, c }, i) => b.terms[i]?.sym === sym && b.terms[i]?.c === c))
  );
}

/** A text that is the same for the same sum. */
export function keyOfLin(lin: Lin): string {
  return `${lin.terms.map(({ sym, c }) => `${c}s${sym.id}`).join("+")}+${lin.k}`;
}

/** The taint of a sum: that of any symbol in it. */
export function taintOfLin(lin: Lin): Taint | undefined {
  for (const { sym } of lin.terms) if (sym.taint !== undefined) return sym.taint;
  return undefined;
}
