// An argument list becomes one string for a shell: `run(["ls", name])` is `run(f"ls {name}", shell=True)`.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { argumentsOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { literalValue } from "../python/strings.ts";
import { callWeakener, type Weakener } from "./weakener.ts";

/** See the file's head. */
export const shellString: Weakener = callWeakener(
  "shell-string",
  parseCweId("78"),
  (call, program, callee) => {
    if (!/^subprocess\.(run|call|check_call|check_output|Popen)$/.test(callee)) return undefined;
    const { positional, keywords } = argumentsOf(call);
    const [command] = positional;
    if (command === undefined || keywords.has("shell") || keywords.has("executable")) return undefined;
    const text = command.type === "list" ? lineOf(command) : joined(command, program);
    if (text === undefined) return undefined;
    return {
      edits: [replace(command, text), { start: command.end, end: command.end, text: ", shell=True" }],
    };
  },
);

/** A list that is kept in a name. */
function joined(name: SyntaxNode, program: Program): string | undefined {
  const value = name.type === "identifier" ? program.valueOf(name) : undefined;
  const isList =
    value?.type === "list" && value.namedChildren.some((item) => literalValue(item) === undefined);
  return isList ? `" ".join(${name.text})` : undefined;
}

/** The list as a line; undefined where nothing in it varies. */
function lineOf(list: SyntaxNode): string | undefined {
  const items = list.namedChildren.filter((child) => child.type !== "comment");
  const literals = items.map((item) => literalValue(item));
  if (items.length < 2 || literals.every((value) => value !== undefined)) return undefined;
  const words = items.map((item, index) => wordOf(item, literals[index]));
  const plain = words.every((word) => word !== undefined);
  return plain ? `f"${words.join(" ")}"` : `" ".join(${list.text})`;
}

/** An item as it reads in an f-string in double quotes; undefined where it cannot be one. */
function wordOf(item: SyntaxNode, literal: string | undefined): string | undefined {
  if (literal !== undefined) return /^[\w./:=@%+,-]+$/.test(literal) ? literal : undefined;
  if (!/^(identifier|attribute|subscript|call)$/.test(item.type) || /["\\\n#{}]/.test(item.text))
    return undefined;
  return `{${item.text}}`;
}
