// CWE-209: what went wrong goes to the log; the client gets a general message.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { insertBefore } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { statementOf } from "../python/nodes.ts";
import { literalStart } from "../python/strings.ts";
import { type Codemod, edits, type Site } from "../rewrite.ts";

const MESSAGE = "an internal error has occurred";

/** See the file's head. */
export const exceptionMessage: Codemod = {
  name: "exception-message",
  cwes: [parseCweId("CWE-209"), parseCweId("CWE-497")],
  rewrite(site) {
    const statement = statementOf(site.node);
    const clause = statement?.ancestor("except_clause");
    if (statement === undefined || clause === undefined) return undefined;
    const name = clause.child("value")?.namedChildren.at(-1)?.text;
    const told = tellingParts(statement, name);
    if (told.length === 0) return undefined;
    const names = new Names(site.program);
    const logged = logsAlready(clause)
      ? []
      : logging(site, { statement, what: whatToLog(told, name) }, names);
    if (logged === undefined) return undefined;
    return edits([...logged, ...told.map(general)], { imports: names.needs });
  },
};

/** Expressions that spell the exception or its traceback, the outermost ones. */
function tellingParts(statement: SyntaxNode, name: string | undefined): SyntaxNode[] {
  const out: SyntaxNode[] = [];
  const visit = (node: SyntaxNode): void => {
    const isCall =
      node.type === "call" && /^(str|repr)\(\s*\w+\s*\)$/.test(node.text) && node.text.includes(`(${name})`);
    const isTrace = node.type === "call" && /^traceback\.format_\w+\(/.test(node.text);
    const isName =
      node.type === "identifier" && node.text === name && node.parent?.type !== "keyword_argument";
    const isPart =
      node.type === "attribute" && /^\w+\.(args|message|msg|output|stderr|stdout)$/.test(node.text);
    if (isCall || isTrace || isName || (isPart && node.text.startsWith(`${name}.`))) {
      out.push(node.parent?.type === "subscript" && node.field === "value" ? node.parent : node);
    } else {
      for (const child of node.namedChildren) visit(child);
    }
  };
  visit(statement);
  return out;
}

/** The general message in place of an expression; in an f-string in place of the whole slot. */
function general(node: SyntaxNode): Edit {
  const { parent } = node;
  if (parent?.type !== "interpolation") return replace(node, `"${MESSAGE}"`);
  return replace(
    parent,
    parent.parent !== undefined && literalStart(parent.parent).quote !== "" ? MESSAGE : "",
  );
}

function logsAlready(clause: SyntaxNode): boolean {
  return /\.(exception|error|critical)\(/.test(clause.text);
}

/** The exception, or the traceback that was shown where it has no name. */
function whatToLog(told: readonly SyntaxNode[], name: string | undefined): string {
  const trace = told.find(({ text }) => text.startsWith("traceback.format_exc("));
  return trace?.text ?? name ?? "";
}

/**
 * As one line: the message of an exception may be made of input, and a traceback, as `logging.exception` writes it,
 * has its line breaks.
 */
function logging(
  { program }: Site,
  { statement, what }: { statement: SyntaxNode; what: string },
  names: Names,
): Edit[] | undefined {
  const line =
    what === ""
      ? `${names.byModule("logging.error")}("The request failed")`
      : `${names.byModule("logging.error")}("The request failed: %r", ${what})`;
  const before = insertBefore(program, statement, [line]);
  return before === undefined ? undefined : [before];
}
