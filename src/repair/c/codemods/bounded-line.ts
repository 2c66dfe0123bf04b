// CWE-242: a line is read into the room that there is. `fgets` keeps the newline that `gets` drops,
// so it is cut off again.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { replace } from "../../edits.ts";
import { argumentsOfCall, type CProgram, calledName } from "../program.ts";
import { type CCodemod, callAt, cEdits } from "../rewrite.ts";
import { linesAfter, linesBefore, statementAround } from "../statements.ts";

/** See the file's head. */
export const boundedLine: CCodemod = {
  name: "bounded-line",
  cwes: [parseCweId("CWE-242"), parseCweId("CWE-676"), parseCweId("CWE-787"), parseCweId("CWE-120")],
  rewrite({ program, node }) {
    const call = callAt(node);
    if (call === undefined || calledName(call) !== "gets") return undefined;
    const [line] = argumentsOfCall(call);
    if (line === undefined || program.typeOf(line).k !== "array") return undefined;
    const statement = statementAround(call);
    if (statement === undefined) return undefined;
    const read = `fgets(${line.text}, sizeof(${line.text}), stdin)`;
    const cut = `${line.text}[strcspn(${line.text}, "\\n")] = '\\0';`;
    if (statement.type === "expression_statement" && call.parent === statement) {
      // Without a line there is an empty one, as before there was whatever the buffer held.
      const before = linesBefore(program, statement, [`if (${read} == NULL)`, [`${line.text}[0] = '\\0';`]]);
      return cEdits([before, replace(statement, cut)], ["string.h"]);
    }
    return cEdits([replace(call, read), cutAfter(program, call, cut)], ["string.h"]);
  },
};

/** The newline goes where the line is known to be there: in the loop's body, or after a check that leaves. */
function cutAfter(program: CProgram, call: SyntaxNode, cut: string): ReturnType<typeof linesAfter> {
  const loop = call.ancestor("while_statement", "for_statement", "if_statement");
  const condition = loop?.child("condition");
  const isCondition = condition !== undefined && condition.start <= call.start && call.end <= condition.end;
  if (loop === undefined || !isCondition) return undefined;
  if (loop.type === "if_statement") {
    return leavesAlways(loop.child("consequence")) && loop.child("alternative") === undefined
      ? linesAfter(program, loop, [cut])
      : undefined;
  }
  const body = loop.child("body");
  const first = body?.namedChildren.find(({ type }) => type !== "comment");
  if (body?.type !== "compound_statement" || first === undefined) return undefined;
  return linesBefore(program, first, [cut]);
}

/** Whether a branch leaves the function or the loop's turn in any case. */
export function leavesAlways(branch: SyntaxNode | undefined): boolean {
  const last = branch?.type === "compound_statement" ? branch.namedChildren.at(-1) : branch;
  return (
    /^(return|break|continue|goto)_statement$/.test(last?.type ?? "") ||
    /^(exit|_exit|abort|errx?)\(/.test(last?.text ?? "")
  );
}
