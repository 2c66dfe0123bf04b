// CWE-78: the program is fixed, no shell reads the values, and no value can become an option.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { argumentsOfProgram } from "../../programs.ts";
import { argument, argumentsOf, bare } from "../../python/nodes.ts";
import type { Program } from "../../python/program.ts";
import { builtTemplate, literalValue } from "../../python/strings.ts";
import { TaintView } from "../../python/taint.ts";
import type { RepairSides } from "../gate.ts";
import { newNodes } from "../tokens.ts";
import { lastName, newCalls, type Objection } from "./objection.ts";

/** A value that begins with a dash is an option, unless `--`, an option before it, or a check says otherwise. */
const leadingDash: Objection = (sides) => {
  const untrusted = untrustedTexts(sides);
  for (const words of newCommands(sides)) {
    const value = openValue(sides.after, words, untrusted);
    if (value !== undefined) return `${value.text} may begin with a dash and be read as an option.`;
  }
  return undefined;
};

/** Says whether a word holds something untrusted: text that was so before, or that was not there. */
function untrustedTexts({ before, report }: RepairSides): (word: SyntaxNode) => boolean {
  const taint = new TaintView(before, report);
  const known = new Map<string, boolean>();
  for (const node of before.tree.root.descendants()) {
    if (!/^(identifier|attribute|subscript|call)$/.test(node.type)) continue;
    known.set(node.text, known.get(node.text) === true || taint.isTainted(node));
  }
  const isUntrusted = (node: SyntaxNode): boolean => {
    if (/^(identifier|attribute|subscript|call)$/.test(node.type)) {
      const verdict = known.get(node.text);
      if (verdict !== undefined) return verdict;
      if (node.type === "identifier") return true;
    }
    const parts =
      node.type === "call" ? node.children.filter(({ field }) => field === "arguments") : node.namedChildren;
    return parts.some(isUntrusted);
  };
  return isUntrusted;
}

/** Argument lists that are new: displays handed to subprocess, arguments of `create_subprocess_exec`. */
function newCommands(sides: RepairSides): SyntaxNode[][] {
  const { before, after } = sides;
  const lists = newNodes(
    before.tree.root,
    after.tree.root,
    ({ type }) => type === "list" || type === "tuple",
  );
  const displays = lists
    .filter((list) => isCommand(after, list))
    .map((list) => list.namedChildren.filter((child) => child.type !== "comment"));
  const calls = newCalls(sides).filter((call) => lastName(call) === "create_subprocess_exec");
  return [...displays, ...calls.map((call) => [...argumentsOf(call).positional])];
}

/** Whether a list is what a process is started with: its first word is a literal and it reaches subprocess. */
function isCommand(program: Program, list: SyntaxNode): boolean {
  const holder = list.parent?.type === "argument_list" ? list.parent.parent : undefined;
  if (holder !== undefined) return /^(run|call|check_call|check_output|Popen)$/.test(lastName(holder));
  const target = list.parent?.type === "assignment" ? list.parent.child("left") : undefined;
  if (target?.type !== "identifier") return false;
  const { source } = program.tree;
  return new RegExp(`\\b(run|call|check_call|check_output|Popen)\\(\\s*${target.text}\\b`).test(source);
}

function openValue(
  program: Program,
  words: readonly SyntaxNode[],
  isUntrusted: (word: SyntaxNode) => boolean,
): SyntaxNode | undefined {
  const { withValue } = argumentsOfProgram(words[0] === undefined ? "" : (literalValue(words[0]) ?? ""));
  let ended = false;
  for (const [index, word] of words.entries()) {
    const text = literalValue(word);
    if (text === "--") ended = true;
    if (index === 0 || text !== undefined || ended || startsWithText(program, word)) continue;
    const previous = words[index - 1];
    const option = previous === undefined ? undefined : literalValue(previous);
    if (option !== undefined && withValue.has(option)) continue;
    if (option !== undefined && /^-\w{2,}$/.test(option) && withValue.has(`-${option.at(-1)}`)) continue;
    if (isUntrusted(word) && !isConstant(program, word) && !isChecked(program, word)) return word;
  }
  return undefined;
}

function startsWithText(program: Program, word: SyntaxNode): boolean {
  const [first] = builtTemplate(word) ?? [];
  if (first?.kind === "value") return isConstant(program, first.node);
  // `--level=` in front of a value fixes the option; dashes alone leave it open.
  return first !== undefined && !/^-*$/.test(first.value);
}

/** Numbers, module constants and their like cannot be chosen from outside. */
function isConstant(program: Program, word: SyntaxNode): boolean {
  const node = bare(word);
  if (node.type === "call" && node.child("function")?.text === "str") {
    const inner = argument(node, 0);
    return inner !== undefined && (isConstant(program, inner) || /^(int|len)\(/.test(inner.text));
  }
  if (/^[A-Z][A-Z0-9_]*$/.test(node.text) || /^(sys\.executable|os\.getcwd\(\))$/.test(node.text))
    return true;
  if (node.type !== "identifier") return false;
  const found = program.reaching(node);
  return (
    found.length > 0 &&
    found.every(({ value }) => {
      return (
        value !== undefined &&
        (literalValue(value) !== undefined || /^(int|len|os\.path\.(realpath|abspath))\(/.test(value.text))
      );
    })
  );
}

/** `if host.startswith("-")`, a pattern, or a conversion, somewhere before. */
function isChecked(program: Program, word: SyntaxNode): boolean {
  const { source } = program.tree;
  const name = escapeForRegExp(word.text);
  const check = new RegExp(
    `\\b${name}\\)?\\.startswith\\(\\(?["']-|(fullmatch|match)\\([^\\n]*\\b${name}\\b|\\b${name}\\)?\\.(isalnum|isdigit|isidentifier)\\(|\\b${name} (not )?in \\w|ip_address\\([^\\n]*\\b${name}\\b`,
  );
  return check.test(source);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Quoting by hand, or taking single characters away, is not quoting. */
const handMadeQuoting: Objection = (sides) => {
  const call = newCalls(sides).find((node) => {
    const text = argument(node, 0);
    return lastName(node) === "replace" && text !== undefined && /^["'][;|&`$ ]["']$/.test(text.text);
  });
  return call === undefined
    ? undefined
    : "Takes single characters out instead of quoting or leaving the shell out.";
};

/** See the file's head. */
export const commandObjections: readonly Objection[] = [leadingDash, handMadeQuoting];
