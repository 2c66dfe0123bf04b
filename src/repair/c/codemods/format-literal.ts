// CWE-134: text from outside is printed, not used as the format.
import { parseCweId } from "../../../core/cwe.ts";
import { argumentsOfCall, calledName } from "../program.ts";
import { type CCodemod, callAt, cEdits, needsDesign } from "../rewrite.ts";

/** Where the format stands. */
const FORMAT_AT: Readonly<Record<string, number>> = {
  printf: 0,
  wprintf: 0,
  fprintf: 1,
  dprintf: 1,
  sprintf: 1,
  snprintf: 2,
  syslog: 1,
  warnx: 0,
  warn: 0,
  err: 1,
  errx: 1,
};

/** See the file's head. */
export const formatLiteral: CCodemod = {
  name: "format-literal",
  cwes: [parseCweId("CWE-134")],
  rewrite({ node }) {
    const call = callAt(node);
    const place = call === undefined ? undefined : FORMAT_AT[calledName(call)];
    if (call === undefined || place === undefined) return undefined;
    const all = argumentsOfCall(call);
    const format = all[place];
    if (format === undefined) return undefined;
    if (all.length > place + 1) {
      return needsDesign("The format comes from outside and has values to put into it.");
    }
    const literal = calledName(call) === "wprintf" ? 'L"%ls", ' : '"%s", ';
    return cEdits([{ start: format.start, end: format.start, text: literal }]);
  },
};
