// CWE-22: a name from outside that becomes a part of a path must not lead out of the folder that the
// program puts in front of it: a path with `..` is refused before it is used. Where the whole path comes from outside, whatever folder we chose would be a design decision.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { guardLines, leaveFor } from "../leave.ts";
import { argumentsOfCall, bareC, type CProgram, calledName } from "../program.ts";
import { type CCodemod, type CRewrite, type CSite, callAt, cEdits, needsDesign } from "../rewrite.ts";
import {
  functionAround,
  isRepeatable,
  linesBefore,
  runsWithItsStatement,
  statementAround,
} from "../statements.ts";

/** See the file's head. */
export const pathName: CCodemod = {
  name: "path-name",
  cwes: [parseCweId("CWE-22"), parseCweId("CWE-73")],
  rewrite(site) {
    const call = callAt(site.node);
    if (call === undefined) return undefined;
    for (const path of argumentsOfCall(call)) {
      if (isBuilt(site.program, path)) return guarded(site, call, path);
    }
    return needsDesign(
      "The whole path comes from outside and the program names no folder that it should stay in.",
    );
  },
};

/** Whether a path is put together from a folder that the program names, and from names that come from elsewhere. */
function isBuilt(program: CProgram, path: SyntaxNode): boolean {
  const variable = bareC(path);
  if (variable === undefined || !/^(identifier|field_expression)$/.test(variable.type)) return false;
  return [...(functionAround(path)?.descendants() ?? [])].some((node) => {
    const isBefore = node.type === "call_expression" && node.end <= path.start;
    return isBefore && writesTo(node, variable.text) && namesIn(program, node, variable).length > 0;
  });
}

function writesTo(call: SyntaxNode, name: string): boolean {
  const [to] = argumentsOfCall(call);
  const isBuilder = /^(s|sn)printf$|^str(n?cpy|n?cat|lcpy|lcat)$/.test(calledName(call));
  return (
    isBuilder &&
    (to?.text === name ||
      to?.text.startsWith(`${name} +`) === true ||
      to?.text.startsWith(`&${name}[`) === true)
  );
}

/** Names behind literal text; nothing where a name comes first, as then it is the whole path. */
function namesIn(program: CProgram, call: SyntaxNode, path: SyntaxNode): SyntaxNode[] {
  const all = argumentsOfCall(call);
  const name = calledName(call);
  if (/cat$/.test(name) || (all[0]?.text !== path.text && /cpy$/.test(name))) {
    return startsWithFolder(program, path, call) ? open(program, all.slice(1, 2)) : [];
  }
  if (/cpy$/.test(name)) return [];
  const place = name === "sprintf" ? 1 : 2;
  const format = all[place];
  if (format?.type !== "string_literal" && format?.type !== "concatenated_string") return [];
  const given = all.slice(place + 1);
  const isTail = all[0]?.text !== path.text;
  const first = /^"%(\.\*)?s/.test(format.text) && !isTail ? given[0] : undefined;
  const isFolder = first === undefined || fixedText(program, first) || given.length > 1;
  return isFolder ? open(program, first === undefined ? given : given.slice(1)) : [];
}

/** `char path[64] = "letters/"`, or `strcpy(path, BASE)` before. */
function startsWithFolder(program: CProgram, path: SyntaxNode, before: SyntaxNode): boolean {
  for (const node of functionAround(path)?.descendants() ?? []) {
    if (node.end > before.start) continue;
    if (
      node.type === "init_declarator" &&
      (node.child("declarator")?.text ?? "").startsWith(`${path.text}[`)
    ) {
      return (node.child("value")?.text.length ?? 0) > 2;
    }
    if (node.type !== "call_expression" || !writesTo(node, path.text)) continue;
    const from = argumentsOfCall(node)[/printf$/.test(calledName(node)) ? 2 : 1];
    if (from !== undefined && fixedText(program, from)) return true;
  }
  return false;
}

/** Arguments that are text, and not the same text in every run. */
function open(program: CProgram, given: readonly SyntaxNode[]): SyntaxNode[] {
  return given.filter((node) => {
    const type = program.typeOf(node);
    const isText = (type.k === "array" || type.k === "pointer") && !fixedText(program, node);
    return isText && isRepeatable(node);
  });
}

/** A literal, or a macro or constant that is one. */
function fixedText(program: CProgram, node: SyntaxNode): boolean {
  if (/^(string_literal|concatenated_string)$/.test(node.type)) return true;
  if (node.type !== "identifier") return false;
  if (/^(string_literal|concatenated_string)$/.test(program.definitions.macroBody(node.text)?.type ?? ""))
    return true;
  return program.definitions.globals.get(node.text)?.value?.type === "string_literal";
}

/** The path is looked at as a whole, right before its use: two harmless names can be `..` together. */
function guarded({ program }: CSite, call: SyntaxNode, path: SyntaxNode): CRewrite | undefined {
  const statement = statementAround(call);
  if (statement === undefined || !runsWithItsStatement(call) || !program.claim(path)) return undefined;
  const leave = leaveFor(program, { at: statement, skippable: true });
  if (leave === undefined) return undefined;
  const lines = guardLines(`strstr(${path.text}, "..") != NULL`, leave);
  return cEdits([linesBefore(program, statement, lines)], ["string.h", ...leave.headers]);
}
