// CWE-476: what allocation, opening and searching give back is looked at before it is used, right
// where the pointer gets its value; the function is left as it is left for other failures.
import { parseCweId } from "../../../core/cwe.ts";
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { replace } from "../../edits.ts";
import { guardLines, leaveFor } from "../leave.ts";
import { argumentsOfCall, bareC, type CProgram, calledName } from "../program.ts";
import { type CCodemod, type CRewrite, type CSite, callAt, cEdits } from "../rewrite.ts";
import {
  functionAround,
  isRepeatable,
  linesAfter,
  linesBefore,
  runsWithItsStatement,
  statementAround,
} from "../statements.ts";

/** Functions that set `errno` and whose failure is the system's, not the input's. */
const SYSTEM =
  /^(malloc|calloc|realloc|reallocarray|strdup|strndup|aligned_alloc|fopen|fdopen|freopen|tmpfile|popen|opendir|mmap)$/;
/** Functions that search, or look something up: nothing found is an answer, not a failure of the system. */
const SEARCHES =
  /^(str(chr|rchr|str|pbrk|casestr|tok|tok_r|sep)|memchr|bsearch|getenv|secure_getenv|getpw(nam|uid)|getgr(nam|gid)|getlogin|ttyname|gethostbyname|localtime|gmtime|readdir|fgets|find\w*|lookup\w*|get\w*|\w+_of)$/;

/** See the file's head. */
export const nullCheck: CCodemod = {
  name: "null-check",
  cwes: [parseCweId("CWE-476"), parseCweId("CWE-690")],
  rewrite(site) {
    for (const pointer of pointersOf(site)) {
      const rewrite = checked(site, pointer);
      if (rewrite !== undefined) return rewrite;
    }
    return undefined;
  },
};

/** The expressions that may be null in a dereference, or in a call that dereferences its arguments. */
function pointersOf({ node }: CSite): SyntaxNode[] {
  const own = node.child("argument");
  if (/^(field|subscript|pointer)_expression$/.test(node.type) && own !== undefined)
    return [bareC(own) ?? own];
  const call = callAt(node);
  if (call === undefined) return [];
  const found = argumentsOfCall(call).flatMap((item) => bareC(item) ?? []);
  const calls = found.filter(({ type }) => type === "call_expression");
  const names = found.filter((item) => /^(identifier|field_expression)$/.test(item.type));
  // The one that was got from a call most lately is the likeliest.
  const got = names
    .map((name) => ({ name, origin: originOf(name) }))
    .filter(({ origin }) => origin !== undefined)
    .sort((a, b) => (b.origin?.node.start ?? 0) - (a.origin?.node.start ?? 0));
  return [
    ...got.map(({ name }) => name),
    ...calls.filter((item) => SYSTEM.test(calledName(item)) || SEARCHES.test(calledName(item))),
  ];
}

interface Origin {
  /** The assignment or declarator. */
  readonly node: SyntaxNode;
  /** The call that gave the value. */
  readonly call: SyntaxNode;
}

/** Where a pointer got its value from a call, in the same function, on the way to its use. */
function originOf(pointer: SyntaxNode): Origin | undefined {
  const definition = functionAround(pointer);
  let found: Origin | undefined;
  for (const node of definition?.descendants() ?? []) {
    if (node.end > pointer.start) continue;
    const target =
      node.type === "init_declarator"
        ? node.child("declarator")?.text.replace(/^[*\s]+/, "")
        : node.type === "assignment_expression"
          ? node.child("left")?.text
          : undefined;
    const value = bareC(node.child("value") ?? node.child("right"));
    const call = bareC(value?.type === "cast_expression" ? value.child("value") : value);
    if (target !== pointer.text || call?.type !== "call_expression") continue;
    const block = statementAround(node)?.parent;
    const isOnTheWay = block !== undefined && block.start <= pointer.start && pointer.end <= block.end;
    // `if (full) p = realloc(p, …)`: the old block is lost wherever that stands.
    if (isOnTheWay || calledName(call) === "realloc") found = { node, call };
  }
  return found;
}

function checked(site: CSite, pointer: SyntaxNode): CRewrite | undefined {
  const { program } = site;
  if (pointer.type === "call_expression") return named(site, pointer);
  if (!isRepeatable(pointer)) return undefined;
  const origin = originOf(pointer);
  if (origin === undefined) return beforeUse(site, pointer);
  const statement = statementAround(origin.node);
  if (statement === undefined) return undefined;
  const name = calledName(origin.call);
  // `while ((line = next()) == …)`: the value is looked at where it is got, or cannot be from outside.
  if (!/^(declaration|expression_statement)$/.test(statement.type)) return beforeUse(site, pointer);
  if (name === "realloc") return grown(program, origin, statement);
  const leave = leaveFor(program, failureOf(statement, pointer.text, origin.call));
  const ends = leave === undefined || leave.lines.some((line) => line === "exit(EXIT_FAILURE);");
  if (ends && /getenv$/.test(name) && pointer.type === "identifier") {
    const lines = [`if (${pointer.text} == NULL)`, [`${pointer.text} = "";`]];
    return cEdits([linesAfterWithDeclarations(program, statement, lines)]);
  }
  if (leave === undefined) return undefined;
  const lines = guardLines(`${pointer.text} == NULL`, leave);
  return cEdits([linesAfterWithDeclarations(program, statement, lines)], leave.headers);
}

function failureOf(at: SyntaxNode, failed: string, call: SyntaxNode): Parameters<typeof leaveFor>[1] {
  const name = calledName(call);
  const [subject] = argumentsOfCall(call);
  // What could not be opened is what the message is about.
  const isNamed = /open/.test(name) && subject !== undefined && isRepeatable(subject);
  return {
    at,
    failed,
    skippable: !SYSTEM.test(name),
    ...(SYSTEM.test(name) ? { system: isNamed ? subject.text : `"${name}"` } : {}),
  };
}

/** Old C keeps declarations together: the check comes after the last of them, unless one uses the pointer. */
function linesAfterWithDeclarations(
  program: CProgram,
  statement: SyntaxNode,
  lines: Parameters<typeof linesAfter>[2],
): ReturnType<typeof linesAfter> {
  const siblings = statement.parent?.namedChildren ?? [];
  const failed = /^if \((.+?) == NULL\)/.exec(typeof lines[0] === "string" ? lines[0] : "")?.[1] ?? "";
  let last = statement;
  if (statement.type === "declaration") {
    for (const next of siblings.slice(siblings.indexOf(statement) + 1)) {
      const uses = next.text.split(/\W+/).includes(failed);
      if (
        next.type !== "declaration" ||
        uses ||
        [...next.descendants()].some(({ type }) => type === "call_expression")
      )
        break;
      last = next;
    }
  }
  return linesAfter(program, last, lines);
}

/** A pointer of which nothing is known but that it can be null: checked before it is used. */
function beforeUse(site: CSite, pointer: SyntaxNode): CRewrite | undefined {
  const { program, node } = site;
  // What another finding's check takes care of shows in the next round.
  if (othersHaveOrigin(site)) return undefined;
  const statement = statementAround(node);
  if (statement === undefined || !runsWithItsStatement(node)) return undefined;
  const leave = leaveFor(program, { at: statement, failed: pointer.text, skippable: true });
  if (leave === undefined) return undefined;
  const lines = guardLines(`${pointer.text} == NULL`, leave);
  return cEdits([linesBefore(program, statement, lines)], leave.headers);
}

function othersHaveOrigin(site: CSite): boolean {
  return site.report.some((finding) => {
    if (finding === site.finding) return false;
    const other = { ...site, finding, node: site.program.nodeAt(finding.region) };
    return pointersOf(other).some((pointer) => originOf(pointer) !== undefined);
  });
}

/** `strcmp(getenv("X"), …)`: the result gets a name, so that it can be looked at. */
function named({ program, node }: CSite, call: SyntaxNode): CRewrite | undefined {
  const statement = statementAround(node);
  const called = calledName(call);
  if (
    statement === undefined ||
    !runsWithItsStatement(call) ||
    !/^(getenv|str(chr|rchr|str|pbrk))$/.test(called)
  )
    return undefined;
  const leave = leaveFor(program, { at: statement, skippable: true });
  if (leave === undefined) return undefined;
  const name = program.freshName(called === "getenv" ? "value" : "found", `${called}_result`);
  const lines = [`const char *${name} = ${call.text};`, ...guardLines(`${name} == NULL`, leave)];
  return cEdits([linesBefore(program, statement, lines), replace(call, name)], leave.headers);
}

/** `p = realloc(p, n)` loses the old block where it fails: the new one gets a name of its own first. */
function grown(program: CProgram, { node, call }: Origin, statement: SyntaxNode): CRewrite | undefined {
  const target = node.child("left");
  if (statement.type !== "expression_statement" || target === undefined || !isRepeatable(target))
    return undefined;
  if (!program.claim(call)) return undefined;
  const leave = leaveFor(program, failureOf(statement, "", call));
  if (leave === undefined) return undefined;
  const name = program.freshName("grown", "resized");
  const lines = [`void *${name} = ${call.text};`, ...guardLines(`${name} == NULL`, leave)];
  const value = node.child("right");
  if (value === undefined) return undefined;
  const cast = value.type === "cast_expression" ? value.text.slice(0, call.start - value.start) : "";
  return cEdits([linesBefore(program, statement, lines), replace(value, `${cast}${name}`)], leave.headers);
}
