// CWE-117: line breaks leave the value; what HTML needs does not help a log.
import { argument } from "../../python/nodes.ts";
import { newNodes } from "../tokens.ts";
import { lastName, newCalls, type Objection } from "./objection.ts";

const REMOVERS =
  /^(replace|translate|splitlines|split|sub|repr|ascii|dumps|isalnum|isdigit|isprintable|fullmatch|quote|quote_plus|b64encode|encode|int|JsonFormatter|safe_log)$/;

/** The published data set "repairs" log injection by html.escape. */
const htmlEscaping: Objection = (sides) => {
  const calls = newCalls(sides);
  const escapes = calls.some((call) => /^(escape|html_escape)$/.test(lastName(call)));
  return escapes && !calls.some(removesBreaks) ? "HTML escaping leaves line breaks in the log." : undefined;
};

function removesBreaks(call: Parameters<typeof lastName>[0]): boolean {
  if (!REMOVERS.test(lastName(call))) return false;
  if (lastName(call) !== "replace") return true;
  return /\\n|\\r/.test(argument(call, 0)?.text ?? "");
}

/** Something must take line breaks out, or spell them. */
const noMeasure: Objection = (sides) => {
  if (newCalls(sides).some(removesBreaks)) return undefined;
  const conversions = newNodes(
    sides.before.tree.root,
    sides.after.tree.root,
    ({ type }) => type === "type_conversion" || type === "string",
  );
  const spelled = conversions.some(({ text }) => /^![ra]$|%r|![ra]\}/.test(text));
  return spelled ? undefined : "Nothing takes line breaks out of the logged value.";
};

/** A value that was cleaned of `\n` alone still breaks lines at `\r`. */
const onlyNewline: Objection = (sides) => {
  const texts = newCalls(sides)
    .filter((call) => lastName(call) === "replace")
    .map((call) => argument(call, 0)?.text ?? "");
  const hasNewline = texts.some((text) => text.includes("\\n"));
  return hasNewline && !texts.some((text) => text.includes("\\r"))
    ? "Carriage returns stay in the logged value."
    : undefined;
};

/** See the file's head. */
export const logObjections: readonly Objection[] = [htmlEscaping, noMeasure, onlyNewline];
