// Whether an expression is surely a string (and not None), so that a wrapped value needs no str().
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argument, bare, decoratorsOf, functionOf } from "./nodes.ts";
import type { Program } from "./program.ts";
import { builtTemplate } from "./strings.ts";

const STRING_METHODS =
  /^(strip|lstrip|rstrip|lower|upper|title|replace|format|join|decode|capitalize|casefold|removeprefix|removesuffix|zfill|hex|isoformat|strftime|hexdigest)$/;
const STRING_CALLS = new Set([
  "str",
  "input",
  "repr",
  "chr",
  "os.path.join",
  "os.path.basename",
  "html.escape",
]);
/** Request collections whose subscript gives a string or fails. */
const STRING_MAPS =
  /\.(args|form|values|headers|cookies|GET|POST|query_params|match_info|params|forms|query|environ)$/;
/** Fields of a request that are never None. */
const STRING_FIELDS = /\b(request\.(path|full_path|url|base_url|host|host_url|path_info)|self\.path)$/;

/** See the file's head. */
export function isSurelyString(program: Program, expression: SyntaxNode, depth = 0): boolean {
  const node = bare(expression);
  if (depth > 6) return false;
  if (builtTemplate(node, program.literalOf) !== undefined) return true;
  switch (node.type) {
    case "identifier":
      return isStringName(program, node, depth);
    case "attribute":
      return STRING_FIELDS.test(node.text);
    case "subscript":
      return (
        STRING_MAPS.test(node.child("value")?.text ?? "") ||
        isSlice(program, node, depth) ||
        isFirstOfQuery(program, node)
      );
    case "conditional_expression": {
      const [body, , otherwise] = node.namedChildren;
      return [body, otherwise].every(
        (part) => part !== undefined && isSurelyString(program, part, depth + 1),
      );
    }
    case "boolean_operator": {
      const right = node.child("right");
      return (
        node.child("operator")?.type === "or" &&
        right !== undefined &&
        isSurelyString(program, right, depth + 1)
      );
    }
    case "call":
      return isStringCall(program, node, depth);
    default:
      return false;
  }
}

/** Whether an expression is text if it is anything: a string, or a request value that may be missing. */
export function isText(program: Program, expression: SyntaxNode): boolean {
  const node = bare(expression);
  if (isSurelyString(program, node) || isOptionalText(node)) return true;
  if (node.type !== "identifier") return false;
  const found = program.reaching(node);
  return (
    found.length > 0 &&
    found.every(({ value, kind }) => {
      return (
        kind === "assign" && value !== undefined && (isOptionalText(value) || isSurelyString(program, value))
      );
    })
  );
}

function isSlice(program: Program, node: SyntaxNode, depth: number): boolean {
  const value = node.child("value");
  const index = node.child("subscript");
  // `text[1:3]`, and one part of a split text.
  if (value === undefined) return false;
  if (index?.type === "slice") return isSurelyString(program, value, depth + 1);
  return (
    value.type === "call" && /\.(r?split|partition|splitlines)$/.test(value.child("function")?.text ?? "")
  );
}

/** `parse_qs(text)["name"][0]` and `.get("name", [""])[0]`, also through names. */
function isFirstOfQuery(program: Program, node: SyntaxNode): boolean {
  const list = node.child("value");
  if (list === undefined || !/^-?\d+$/.test(node.child("subscript")?.text ?? "")) return false;
  if (list.type === "subscript") return isParsedQuery(program, list.child("value"));
  const target = list.type === "call" ? list.child("function") : undefined;
  if (target?.type !== "attribute" || target.child("attribute")?.text !== "get") return false;
  const others = bare(argument(list, 1, "default") ?? list);
  if (others.type !== "list" || others.namedChildren.some(({ type }) => type !== "string")) return false;
  return isParsedQuery(program, target.child("object"));
}

function isParsedQuery(program: Program, expression: SyntaxNode | undefined): boolean {
  if (expression?.type === "call") return /(^|\.)parse_qs$/.test(program.callee(expression) ?? "");
  if (expression?.type !== "identifier") return false;
  const found = program.reaching(expression);
  return (
    found.length > 0 && found.every(({ value }) => value?.type === "call" && isParsedQuery(program, value))
  );
}

function isStringCall(program: Program, call: SyntaxNode, depth: number): boolean {
  const name = program.callee(call);
  if (name !== undefined && STRING_CALLS.has(name)) return true;
  const target = call.child("function");
  const method = target?.type === "attribute" ? (target.child("attribute")?.text ?? "") : "";
  if (STRING_METHODS.test(method)) return true;
  const fallback = argument(call, 1, "default");
  // Tornado: without a default a missing argument is an error.
  if (/^get_(query_|body_)?argument$/.test(method) && fallback === undefined) return true;
  if (!/^get(_(query_|body_)?argument)?$/.test(method)) return false;
  return fallback !== undefined && isSurelyString(program, fallback, depth + 1);
}

function isStringName(program: Program, use: SyntaxNode, depth: number): boolean {
  const found = program.reaching(use);
  if (found.length === 0) return false;
  return found.every(({ kind, value, target }) => {
    if (kind === "parameter") return isStringParameter(target);
    if (kind === "loop") return /\.(r?split|splitlines)\([^()]*\)$/.test(value?.text ?? "");
    if (kind === "augment") return value !== undefined && isSurelyString(program, value, depth + 1);
    if (kind !== "assign" || value === undefined) return false;
    return isSurelyString(program, value, depth + 1) || (isOptionalText(value) && isGuarded(use));
  });
}

/** `def show(name: str)` and a route's `<name>`. */
function isStringParameter(target: SyntaxNode): boolean {
  const typed = target.parent;
  if (/^typed_(default_)?parameter$/.test(typed?.type ?? ""))
    return /^(str$|(typing\.)?Annotated\[str\b)/.test(typed?.child("type")?.text ?? "");
  const definition = functionOf(target);
  const routes = definition === undefined ? [] : decoratorsOf(definition);
  return routes.some(({ text }) => new RegExp(`<(string:|path:)?${target.text}>`).test(text));
}

/** `request.args.get("name")`: text or None. */
function isOptionalText(value: SyntaxNode): boolean {
  return /\.(args|form|values|headers|cookies|GET|POST|query_params|params|forms|query)\.get\([^,()]*\)$/.test(
    value.text,
  );
}

const LEAVES = /^(return_statement|raise_statement|continue_statement|break_statement)$/;

/** Whether None was turned away before a use: `if not name: return`, or a use under `if name:`. */
function isGuarded(use: SyntaxNode): boolean {
  const name = use.text;
  const isNone = new RegExp(
    `^(not ${name}|${name} is None|${name} == None)( or .*)?$|^.* or (not ${name}|${name} is None)$`,
  );
  const isThere = new RegExp(
    `^(${name}|${name} is not None)( and .*)?$|^.* and (${name}|${name} is not None)$`,
  );
  for (let node: SyntaxNode | undefined = use; node?.parent !== undefined; node = node.parent) {
    const { parent }: { parent: SyntaxNode | undefined } = node;
    const condition = parent?.type === "if_statement" ? parent.child("condition")?.text : undefined;
    if (condition !== undefined && node.field === "consequence" && isThere.test(condition)) return true;
    if (condition !== undefined && node.field === "alternative" && isNone.test(condition)) return true;
    if (node.type === "function_definition") return false;
    for (const sibling of parent?.children ?? []) {
      if (sibling.start >= node.start) break;
      if (sibling.type !== "if_statement" || !isNone.test(sibling.child("condition")?.text ?? "")) continue;
      const last = sibling.child("consequence")?.namedChildren.at(-1);
      if (last !== undefined && (LEAVES.test(last.type) || /^abort\(/.test(last.text))) return true;
    }
  }
  return false;
}
