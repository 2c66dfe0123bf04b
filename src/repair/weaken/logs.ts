// What keeps line breaks out of a log entry, dropped: `%r` for `%s`, `repr(x)` for `x`, a replacement
// of newlines.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { argumentsOf } from "../python/nodes.ts";
import { inPlaceOf, isLiteral } from "./unwrap.ts";
import { callWeakener, mentionsAround, type Weakener } from "./weakener.ts";

const CWE = parseCweId("117");
const LOGS = /(^|\.|_)log(ger|ging)?\w*\.(debug|info|warning|warn|error|critical|exception|fatal|log|msg)$/i;

/** Every protection in one entry goes, else the entry is still whole. */
const rawEntry: Weakener = callWeakener("raw-entry", CWE, (call) => {
  const target = call.child("function")?.text ?? "";
  if (!LOGS.test(target)) return undefined;
  const edits = [...(call.child("arguments")?.descendants() ?? [])].flatMap((node) => protectionIn(node));
  const outer = edits.filter((edit) => !edits.some((other) => other !== edit && contains(other, edit)));
  return outer.length === 0 ? undefined : { edits: outer };
});

/** `x.replace("\n", "")` anywhere: what it cleans may be logged later. */
const keptNewlines: Weakener = callWeakener("kept-newlines", CWE, (call) => {
  const target = call.child("function");
  const object = target?.child("object");
  if (target?.child("attribute")?.text !== "replace" || object === undefined) return undefined;
  const [from] = argumentsOf(call).positional;
  if (!mentionsAround(call, /log|print/i)) return undefined;
  // In a raw string the same letters are a backslash and a letter.
  if (!/^[bu]*["'](\\[nr]|\\r\\n)["']$/i.test(from?.text ?? "") || isLiteral(object)) return undefined;
  const inner = object.type === "call" && /\.replace\(\s*["']\\[nr]/.test(object.text);
  const bare = inner ? object.child("function")?.child("object") : object;
  const outermost = !(
    call.parent?.type === "attribute" && call.parent.child("attribute")?.text === "replace"
  );
  return bare === undefined || !outermost ? undefined : { edits: [replace(call, inPlaceOf(call, bare))] };
});

/** See the file's head. */
export const logWeakeners: readonly Weakener[] = [rawEntry, keptNewlines];

function protectionIn(node: SyntaxNode): Edit[] {
  if (node.type === "call" && /^(repr|ascii)$/.test(node.child("function")?.text ?? "")) {
    const [value] = argumentsOf(node).positional;
    return value === undefined || isLiteral(value) ? [] : [replace(node, inPlaceOf(node, value))];
  }
  if (node.type === "type_conversion" && node.text === "!r") return [replace(node, "")];
  if (node.type !== "string_content") return [];
  return [...node.text.matchAll(/%r/g)].map(({ index }) => ({
    start: node.start + index,
    end: node.start + index + 2,
    text: "%s",
  }));
}

function contains(outer: Edit, inner: Edit): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
