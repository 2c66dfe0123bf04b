// CWE-94: nothing evaluates code any more, under whatever name and in whatever fence.
import { newCalls, type Objection } from "./objection.ts";

const EVALUATORS = /^(builtins\.)?(eval|exec|compile)$/;

/** `eval(x, {"__builtins__": {}})` is left through the attributes of any object. */
const fenced: Objection = (sides) => {
  const call = newCalls(sides).find((node) => {
    return EVALUATORS.test(sides.after.callee(node) ?? "") || node.child("function")?.text === "eval";
  });
  return call === undefined
    ? undefined
    : `Still evaluates code, which no restriction of its names contains: ${call.text.split("\n")[0]}`;
};

/** `from builtins import eval as literal_eval`. */
const renamed: Objection = ({ after }) => {
  const alias = after.imports.names.find(
    ({ full, local }) => EVALUATORS.test(full) && full.startsWith("builtins.") && local !== "eval",
  );
  return alias === undefined ? undefined : `${alias.local} is another name for ${alias.full}.`;
};

/** See the file's head. */
export const codeObjections: readonly Objection[] = [fenced, renamed];
