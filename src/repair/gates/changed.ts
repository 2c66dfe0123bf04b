// The repair changes code: comments, layout and docstrings are no repair.
import { failed, passed, type StaticGate } from "./gate.ts";
import { tokensOf } from "./tokens.ts";

/** See the file's head. */
export const changed: StaticGate = ({ before, after }) => {
  const tokens = (side: typeof before): string => JSON.stringify(tokensOf(side.tree.root));
  return tokens(before) === tokens(after)
    ? failed("Nothing but comments or layout differs from the vulnerable program.")
    : passed;
};
