// Patterns that can take polynomial or exponential time. A pattern is unrolled into sequences of
// single-character steps; two loops that can both eat the same text, with only that text between
// them, give quadratic time, a loop in a loop exponential time. Bounded, and told to say no in doubt.
import { escapeMatches, itemMatches } from "./chars.ts";
import { isAmbiguousCode, type Word } from "./decodable.ts";
import type { RegexNode } from "./parse.ts";

/** How a pattern behaves. */
export type Growth = "linear" | "polynomial" | "exponential";

/** A step: a set of characters, how often. */
interface Step {
  readonly set: CharSet;
  readonly min: number;
  readonly loops: boolean;
  /** Matches no character: `$`. */
  readonly anchor: boolean;
}

/** Characters 0 to 127, and 128 for all others. */
type CharSet = Uint8Array;

const SIZE = 129;
const MAX_SEQUENCES = 24;
const MAX_STEPS = 60;
const FULL: CharSet = new Uint8Array(SIZE).fill(1);

/** How long a pattern may take, tried at the start of a text only or anywhere in it. */
export function growthOf(root: RegexNode, how: { anywhere: boolean }): Growth {
  if (hasExponentialLoop(root, 0)) return "exponential";
  return unroll(root).some((steps) => isPolynomial(steps, how.anywhere)) ? "polynomial" : "linear";
}

function isPolynomial(steps: readonly Step[], anywhere: boolean): boolean {
  const [first] = steps;
  const isStart = first?.anchor === true && first.min === 1;
  const start: Step = { set: FULL, min: 0, loops: true, anchor: false };
  const all = anywhere && !isStart ? [start, ...steps] : [...steps];
  for (let i = 0; i < all.length; i++) {
    if (all[i]?.loops !== true) continue;
    for (let j = i + 1; j < all.length; j++) {
      if (all[j]?.loops === true && isPumped(all, i, j) && canFail(all, j)) return true;
    }
  }
  return false;
}

/** Whether both loops can eat a text that also matches what is between them. */
function isPumped(steps: readonly Step[], i: number, j: number): boolean {
  const from = steps[i];
  const to = steps[j];
  if (from === undefined || to === undefined) return false;
  const both = intersect(from.set, to.set);
  if (isEmpty(both)) return false;
  return steps
    .slice(i + 1, j)
    .every((step) => step.min === 0 || (!step.anchor && !isEmpty(intersect(step.set, both))));
}

/** Whether what follows can fail on a text of what was pumped. */
function canFail(steps: readonly Step[], j: number): boolean {
  const loop = steps[j];
  const rest = steps.slice(j + 1).filter(({ min }) => min > 0);
  const [next] = rest;
  if (loop === undefined || next === undefined) return false;
  if (next.anchor) return true;
  return (
    rest.some((step) => !step.anchor && !isSubset(loop.set, step.set)) || rest.some(({ anchor }) => anchor)
  );
}

/** A repeated group in which a loop can take the whole round, or two options begin alike. */
function hasExponentialLoop(node: RegexNode, depth: number): boolean {
  if (depth > 30) return false;
  switch (node.type) {
    case "sequence": {
      const last = node.parts.findLastIndex(isRequired);
      return node.parts.some((part, index) => {
        if (hasExponentialLoop(part, depth + 1)) return true;
        // What follows a loop can fail where something in it is required.
        return part.type === "repeat" && part.max > 20 && index < last && isAmbiguous(part.inner);
      });
    }
    case "choice":
      return node.options.some((option) => hasExponentialLoop(option, depth + 1));
    case "group":
    case "repeat":
      return hasExponentialLoop(node.inner, depth + 1);
    default:
      return false;
  }
}

function isAmbiguous(inner: RegexNode): boolean {
  const sequences = unroll(inner).filter((steps) => steps.length > 0);
  const whole = sequences.some((steps) =>
    steps.some(
      (loop, at) => loop.loops && steps.every((other, index) => index === at || canJoin(other, loop)),
    ),
  );
  if (whole || isAmbiguousCode(sequences.flatMap(wordOf))) return true;
  return sequences.some((a, i) =>
    sequences.slice(i + 1).some((b) => {
      const [x, y] = [a[0], b[0]];
      if (a.length !== 1 || b.length !== 1 || x === undefined || y === undefined) return false;
      return !x.anchor && !y.anchor && !isEmpty(intersect(x.set, y.set));
    }),
  );
}

/** A way without loops and anchors as a word. */
function wordOf(steps: readonly Step[]): Word[] {
  const isPlain = steps.every(({ loops, anchor, min }) => !loops && !anchor && min === 1);
  return isPlain ? [steps.map(({ set }) => set)] : [];
}

/** Whether a step of a round is optional, or eats the same text as the round's loop. */
function canJoin(step: Step, loop: Step): boolean {
  return step.min === 0 || (!step.anchor && !isEmpty(intersect(step.set, loop.set)));
}

/** Whether every way through a part has a step that must match. */
function isRequired(part: RegexNode): boolean {
  return unroll(part).every((steps) => steps.some(({ min }) => min > 0));
}

/** All ways through a pattern as steps, up to a bound. */
function unroll(node: RegexNode): Step[][] {
  switch (node.type) {
    case "sequence":
      return unrollSequence(node.parts);
    case "choice":
      return node.options.flatMap(unroll).slice(0, MAX_SEQUENCES);
    case "group":
      return node.kind === "plain" ? unroll(node.inner) : [[]];
    case "repeat":
      return unrollRepeat(node);
    case "constant":
      return [[...node.text].map((char) => one(setOf((other) => other === char)))];
    case "caret":
      return [[{ set: new Uint8Array(SIZE), min: 1, loops: false, anchor: true }]];
    case "dollar":
      return [[{ set: new Uint8Array(SIZE), min: 1, loops: false, anchor: true }]];
    case "boundary":
    case "reference":
      return [[]];
    default:
      return [[one(setOfNode(node))]];
  }
}

function unrollSequence(parts: readonly RegexNode[]): Step[][] {
  let ways: Step[][] = [[]];
  for (const part of parts) {
    // Nothing behind is looked at any more.
    if (ways.every((way) => way.length >= MAX_STEPS)) break;
    ways = product(ways, unroll(part));
  }
  return ways;
}

function unrollRepeat(node: Extract<RegexNode, { type: "repeat" }>): Step[][] {
  const ways = unroll(node.inner);
  const isLoop = node.max > 20;
  const [single] = ways;
  if (ways.length === 1 && single?.length === 1 && single[0] !== undefined) {
    const [step] = single;
    if (step === undefined) return [[]];
    const loops = isLoop || step.loops;
    const repeated = { ...step, min: Math.min(1, node.min) * step.min, loops };
    // `x{2,}` and `x+` are an `x` and a loop.
    return [
      node.min > 0 && isLoop && step.min > 0
        ? [
            { ...step, loops: false },
            { ...repeated, min: 0 },
          ]
        : [repeated],
    ];
  }
  if (!isLoop) return node.min === 0 ? [[], ...ways] : ways;
  // A loop over more than one character: taken as a loop over all of them.
  const set = new Uint8Array(SIZE);
  for (const step of ways.flat()) {
    for (let i = 0; i < SIZE; i++) if (step.set[i] === 1) set[i] = 1;
  }
  const loop: Step = { set, min: 0, loops: ways.every((way) => way.length === 1), anchor: false };
  return node.min === 0 ? [[loop]] : ways.map((way) => [...way, loop]);
}

function product(left: readonly Step[][], right: readonly Step[][]): Step[][] {
  return left.flatMap((a) => right.map((b) => [...a, ...b].slice(0, MAX_STEPS))).slice(0, MAX_SEQUENCES);
}

function one(set: CharSet): Step {
  return { set, min: 1, loops: false, anchor: false };
}

function setOf(has: (char: string) => boolean): CharSet {
  const set = new Uint8Array(SIZE);
  for (let point = 0; point < SIZE; point++) {
    // One letter stands for all characters beyond ASCII.
    if (has(point < 128 ? String.fromCharCode(point) : "\u4e00")) set[point] = 1;
  }
  return set;
}

function setOfNode(node: RegexNode): CharSet {
  if (node.type === "dot") return setOf((char) => char !== "\n");
  if (node.type === "escape") return setOf((char) => escapeMatches(node.name, char));
  if (node.type !== "class") return new Uint8Array(SIZE);
  return setOf((char) => node.items.some((item) => itemMatches(item, char)) !== node.negated);
}

function intersect(a: CharSet, b: CharSet): CharSet {
  return a.map((has, i) => (has === 1 && b[i] === 1 ? 1 : 0));
}

function isEmpty(set: CharSet): boolean {
  return !set.includes(1);
}

function isSubset(a: CharSet, b: CharSet): boolean {
  return a.every((has, i) => has === 0 || b[i] === 1);
}
