// CWE-22: the canonical path is compared with the canonical base by whole components.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { argument, argumentsOf, bare } from "../../python/nodes.ts";
import { literalValue } from "../../python/strings.ts";
import { lastName, methodOf, newCalls, type Objection } from "./objection.ts";

const MEASURES =
  /^(commonpath|is_relative_to|relative_to|secure_filename|safe_join|send_from_directory|basename|full_match)$/;
const CANONICAL = /^(realpath|resolve|abspath|normpath)$/;

/** `path.startswith(base)` lets `/safe-evil` in for `/safe`. */
const prefixComparison: Objection = (sides) => {
  for (const call of newCalls(sides)) {
    if (methodOf(call) !== "startswith") continue;
    const prefix = argument(call, 0);
    if (prefix !== undefined && !endsWithSeparator(prefix)) {
      return `Compares a path by its beginning (${call.text}): a neighbour such as /base-other passes too.`;
    }
  }
  return undefined;
};

function endsWithSeparator(prefix: SyntaxNode): boolean {
  const text = literalValue(prefix);
  // Single characters such as "/" and "." ask about the spelling, not about the folder.
  if (text !== undefined) return /[/\\]$/.test(text) || /^[-./~\\]{1,2}$/.test(text);
  if (/^f?["'].*[/\\]["']$/s.test(prefix.text)) return true;
  const last = prefix.type === "binary_operator" ? prefix.child("right") : undefined;
  return (
    last !== undefined &&
    (/^(os\.sep|os\.path\.sep)$/.test(last.text) || literalValue(last)?.endsWith("/") === true)
  );
}

/** `os.path.commonprefix` compares characters, too. */
const commonPrefix: Objection = (sides) => {
  const call = newCalls(sides).find((node) => lastName(node) === "commonprefix");
  return call === undefined ? undefined : "os.path.commonprefix compares characters, not path components.";
};

/** Something must have come that holds: a containment check, one component, an archive filter. */
const noMeasure: Objection = (sides) => {
  const calls = newCalls(sides);
  const holds = calls.some((call) => {
    return (
      MEASURES.test(lastName(call)) ||
      methodOf(call) === "startswith" ||
      argumentsOf(call).keywords.has("filter")
    );
  });
  const patterns = calls.some((call) =>
    /^(fullmatch|isalnum|isdigit|isidentifier|int|UUID)$/.test(lastName(call)),
  );
  return holds || patterns
    ? undefined
    : "Neither contains the path in a folder nor reduces it to one component.";
};

/** A containment check of a path whose dots and links are not resolved. */
const uncanonical: Objection = (sides) => {
  const { after } = sides;
  for (const call of newCalls(sides)) {
    if (!/^(commonpath|is_relative_to|relative_to)$/.test(lastName(call))) continue;
    for (const part of comparedParts(call)) {
      const values = part.type === "identifier" ? after.reaching(part).map(({ value }) => value) : [part];
      if (values.length > 0 && !values.some((value) => value !== undefined && isCanonical(value))) {
        return `Compares ${part.text} before its dots and links are resolved.`;
      }
    }
  }
  return undefined;
};

function comparedParts(call: SyntaxNode): SyntaxNode[] {
  const first = argument(call, 0);
  if (lastName(call) !== "commonpath") {
    const object = call.child("function")?.child("object");
    return [object, first].flatMap((part) => (part === undefined ? [] : [unwrapped(part)]));
  }
  return (first?.namedChildren ?? []).map(unwrapped);
}

/** `str(path)` is the path. */
function unwrapped(part: SyntaxNode): SyntaxNode {
  const node = bare(part);
  const inner =
    node.type === "call" && node.child("function")?.text === "str" ? argument(node, 0) : undefined;
  return inner === undefined ? node : bare(inner);
}

function isCanonical(value: SyntaxNode): boolean {
  return [...value.descendants()].some((node) => node.type === "call" && CANONICAL.test(lastName(node)));
}

/** The measure is there, but its answer decides nothing. */
const ignoredAnswer: Objection = (sides) => {
  for (const call of newCalls(sides)) {
    if (
      /^(commonpath|is_relative_to)$/.test(lastName(call)) &&
      call.parent?.type === "expression_statement"
    ) {
      return `Nothing comes of the answer of ${lastName(call)}.`;
    }
  }
  return undefined;
};

/** See the file's head. */
export const pathObjections: readonly Objection[] = [
  prefixComparison,
  commonPrefix,
  noMeasure,
  uncanonical,
  ignoredAnswer,
];
