// The fix is of a kind that holds, for C. The oracle takes a number that was "held against
// something" for checked; here the something must be the right one, and asked at the right time.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { failed, notApplicable, passed } from "../../gates/gate.ts";
import { newNodes } from "../../gates/tokens.ts";
import { argumentsOfCall, bareC, calledName } from "../program.ts";
import type { CGate, CSides } from "./gate.ts";

/** A sentence when it applies, and nothing when it does not. */
type CObjection = (sides: CSides) => string | undefined;

/** See the file's head. */
export const kindC: CGate = (sides) => {
  const list = Object.hasOwn(objections, sides.cwe) ? objections[sides.cwe] : undefined;
  if (list === undefined) return notApplicable(`No objections are known for ${sides.cwe}.`);
  for (const objection of list) {
    const complaint = objection(sides);
    if (complaint !== undefined) return failed(complaint);
  }
  return passed;
};

function fresh({ before, after }: CSides, wanted: (node: SyntaxNode) => boolean): SyntaxNode[] {
  return newNodes(before.tree.root, after.tree.root, wanted);
}

function newCalls(sides: CSides, names: RegExp): SyntaxNode[] {
  return fresh(sides, (node) => node.type === "call_expression" && names.test(calledName(node)));
}

/** New comparisons, and other conditions that decide something. */
function newConditions(sides: CSides): SyntaxNode[] {
  return fresh(sides, (node) => {
    return /^(if|while|for|do)_statement$/.test(node.parent?.type ?? "") && node.field === "condition"
      ? true
      : node.type === "binary_expression" && /^([<>=!]=?)$/.test(node.child("operator")?.text ?? "");
  });
}

/** `strncpy(to, from, strlen(from))` bounds nothing, and neither does `sizeof` of a pointer. */
const boundOfSource: CObjection = (sides) => {
  for (const call of newCalls(sides, /^(strncpy|strncat|snprintf|memcpy|memmove|strlcpy|fgets)$/)) {
    const [to, second, third] = argumentsOfCall(call);
    const name = calledName(call);
    const bound = /^(snprintf|fgets)$/.test(name) ? second : third;
    const from = /^(snprintf|fgets)$/.test(name) ? undefined : second;
    if (from !== undefined && bound?.text.includes(`strlen(${from.text})`) === true) {
      return `Copies as much as the source has (${call.text}), whatever room there is.`;
    }
    const size = bound === undefined ? undefined : sizeofPart(bound);
    const held = bareC(size?.child("value") ?? size?.namedChildren[0]);
    if (to !== undefined && held?.text === to.text && sides.after.typeOf(to).k === "pointer") {
      return `${size?.text} is the size of the pointer, not of what it points to.`;
    }
  }
  return undefined;
};

function sizeofPart(bound: SyntaxNode): SyntaxNode | undefined {
  return [...bound.descendants()].find(({ type }) => type === "sizeof_expression");
}

/** `strncpy` up to the last byte leaves no zero. */
const noEnd: CObjection = (sides) => {
  for (const call of newCalls(sides, /^strncpy$/)) {
    const [to, , size] = argumentsOfCall(call);
    if (to === undefined || size === undefined) continue;
    const ends = sides.after.tree.source.slice(call.end).includes(`${to.text}[`);
    const leavesRoom =
      /-\s*1\b/.test(size.text) && /\{\s*(0|"")?\s*\}|=\s*""|memset/.test(sides.after.tree.source);
    if (!ends && !leavesRoom) return `Nothing puts a zero at the end of what ${call.text} copies.`;
  }
  return undefined;
};

/** `strncat(to, from, sizeof(to))`: the size is that of what may be added. */
const wholeRoom: CObjection = (sides) => {
  const call = newCalls(sides, /^strncat$/).find((node) => {
    const size = argumentsOfCall(node)[2]?.text ?? "";
    return /^sizeof[\s(][^-]*$/.test(size);
  });
  return call === undefined ? undefined : `${call.text} may add as much as the whole buffer holds.`;
};

const UNBOUNDED = /^(gets|strcpy|strcat|sprintf|vsprintf|stpcpy)$/;

const stillUnbounded: CObjection = (sides) => {
  const [call] = newCalls(sides, UNBOUNDED);
  return call === undefined ? undefined : `${call.text} is not told how much room there is.`;
};

/** A bound must have come: a bounded call, a width, a comparison, an allocation. */
const noBound: CObjection = (sides) => {
  const bounded = newCalls(
    sides,
    /^(sn?printf|vsnprintf|strn(cpy|cat|len)|strlc(py|at)|fgets|getline|strdup|malloc|calloc|realloc|asprintf|f?scanf|sscanf|memccpy|strtol|strtoul)$/,
  );
  const sized = fresh(sides, ({ type }) => type === "sizeof_expression" || type === "array_declarator");
  return bounded.length > 0 || sized.length > 0 || newConditions(sides).length > 0
    ? undefined
    : "Nothing holds the write to the room that there is.";
};

/** `assert(p)` is gone in a release build. */
const asserted: CObjection = (sides) => {
  const asserts = newCalls(sides, /^assert$/);
  const conditions = newConditions(sides).filter((node) => node.ancestor("argument_list") === undefined);
  return asserts.length > 0 && conditions.length === 0
    ? "A check by assert is not there in a release build."
    : undefined;
};

/** The pointer must be looked at. */
const notAsked: CObjection = (sides) => {
  return newConditions(sides).length > 0 || newCalls(sides, /^x(malloc|calloc|realloc|strdup)$/).length > 0
    ? undefined
    : "Nothing asks whether the pointer is null.";
};

/** `if (a + b < a)` on signed numbers: the overflow has happened by then, and compilers drop the question. */
const askedTooLate: CObjection = (sides) => {
  for (const condition of newConditions(sides)) {
    for (const sum of condition.descendants()) {
      if (sum.type !== "binary_expression" || !/^[+*]$/.test(sum.child("operator")?.text ?? "")) continue;
      const type = sides.after.typeOf(sum);
      const parts = [sum.child("left")?.text, sum.child("right")?.text];
      const whole = condition.text.slice(condition.text.indexOf(sum.text) + sum.text.length);
      const isWrapTest = parts.some(
        (part) => part !== undefined && new RegExp(`^\\s*[<>]=?\\s*${escaped(part)}\\b`).test(whole),
      );
      if (type.k === "int" && type.signed && isWrapTest) {
        return `Asks after the overflow (${condition.text}), which for signed numbers is undefined.`;
      }
    }
  }
  return undefined;
};

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A bound, a wider type, or a checked operation must have come. */
const noLimit: CObjection = (sides) => {
  const conditions = newConditions(sides);
  const checked = newCalls(sides, /^(__builtin_\w+_overflow|ckd_\w+|calloc|reallocarray)$/);
  const casts = fresh(sides, ({ type }) => type === "cast_expression");
  const types = fresh(sides, ({ type }) => type === "declaration");
  return conditions.length + checked.length + casts.length + types.length > 0
    ? undefined
    : "Nothing holds the number against what its type can bear.";
};

/** `strncmp(path, "/safe", 5)` lets `/safe-evil` in. */
const openPrefix: CObjection = (sides) => {
  for (const call of newCalls(sides, /^strncmp$/)) {
    const literal = argumentsOfCall(call).find(({ type }) => type === "string_literal")?.text ?? "";
    const isPath = /^"\/[^"]*"$/.test(literal) && literal.length > 3;
    const asksOn = /\]\s*[!=]=\s*('\/'|'\\0')/.test(sides.after.tree.source);
    if (isPath && !literal.endsWith('/"') && !asksOn) {
      return `Compares a path by its beginning (${call.text}): a neighbour that begins alike passes too.`;
    }
  }
  return undefined;
};

/** A path must be resolved and compared, or its name refused for dots or slashes. */
const noPathMeasure: CObjection = (sides) => {
  const literals = fresh(sides, ({ type }) => type === "string_literal" || type === "char_literal");
  const asks = literals.some(({ text }) =>
    /^"(\.\.\/?|\/|\.\.|[^"]*%[^"]*\[[^/\]]*\][^"]*)"$|^'\/'$/.test(text),
  );
  const resolves = newCalls(sides, /^(realpath|canonicalize_file_name|basename|openat2?|isalnum|isdigit)$/);
  return asks || resolves.length > 0
    ? undefined
    : "Neither refuses names that lead elsewhere nor compares the resolved path with a folder.";
};

const literalFormat: CObjection = (sides) => {
  const formats = fresh(sides, ({ type, text }) => type === "string_literal" && text.includes("%"));
  const puts = newCalls(sides, /^(fputs|puts|fwrite|write|strlcpy|strncpy)$/);
  return formats.length + puts.length > 0 ? undefined : "The text from outside still is the format.";
};

const stillShell: CObjection = (sides) => {
  const [call] = newCalls(sides, /^(system|popen)$/);
  return call === undefined ? undefined : `A shell still reads the line: ${call.text}`;
};

/** Memory that nobody frees any more is used after nothing, and leaks. */
const neverFreed: CObjection = ({ before, after }) => {
  const count = (side: typeof before): number =>
    [...side.tree.root.descendants()].filter(
      (node) => node.type === "call_expression" && /(^|_)(free|destroy|release)$/.test(calledName(node)),
    ).length;
  return count(after) < count(before) ? "Something that was freed is not freed any more." : undefined;
};

const writes = [stillUnbounded, boundOfSource, noEnd, wholeRoom, noBound];

const objections: Readonly<Record<string, readonly CObjection[]>> = {
  "CWE-22": [openPrefix, noPathMeasure],
  "CWE-73": [openPrefix, noPathMeasure],
  "CWE-78": [stillShell],
  "CWE-120": writes,
  "CWE-125": writes,
  "CWE-134": [literalFormat],
  "CWE-190": [askedTooLate, noLimit],
  "CWE-191": [askedTooLate, noLimit],
  "CWE-242": [stillUnbounded, boundOfSource],
  "CWE-416": [neverFreed],
  "CWE-476": [asserted, notAsked],
  "CWE-690": [asserted, notAsked],
  "CWE-787": writes,
  "CWE-789": [askedTooLate, noLimit],
};
