// Checks that turn a value away, taken out: whether a path stays in its folder, whether an address
// is one of ours.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { Edit } from "../edits.ts";
import { sharesLine } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { mentionsAround, type Weakener, type Weakening } from "./weakener.ts";

interface Row {
  readonly name: string;
  readonly cwe: string;
  /** What the condition says. */
  readonly condition: RegExp;
  /** What the function around must mention: elsewhere the value harms nothing. */
  readonly near: RegExp;
}

const rows: readonly Row[] = [
  {
    name: "no-containment",
    cwe: "22",
    condition:
      /commonpath|commonprefix|is_relative_to|relative_to|isabs|["']\.\.|pardir|\.startswith\([^)]*(root|base|dir|path|folder|sep|["']\/)/i,
    near: /open\(|\bos\.(remove|unlink|rename|stat|listdir|mkdir|makedirs)|shutil\.|send_file|\.(read|write)_(text|bytes)/,
  },
  {
    name: "any-target",
    cwe: "601",
    condition:
      /url_has_allowed|is_safe_url|netloc|hostname|\.scheme\b|is_same_domain|startswith\(["'](\/|http)/,
    near: /redirect|Location/,
  },
  {
    name: "any-address",
    cwe: "918",
    condition: /netloc|hostname|\.scheme\b|is_private|is_loopback|ip_address/,
    near: /requests?\.|urlopen|httpx|client\./,
  },
  {
    name: "any-command",
    cwe: "78",
    condition: /isalnum|isidentifier|fullmatch|re\.match|not in [A-Z_]{3,}|startswith\(["']-/,
    near: /subprocess|os\.(system|popen)/,
  },
  {
    name: "any-pattern",
    cwe: "89",
    condition: /isalnum|isidentifier|fullmatch|re\.match|not in [A-Z_]{3,}|isdigit/,
    near: /\.execute\(/,
  },
];

const LEAVES = /^(raise_statement|return_statement|continue_statement|expression_statement)$/;

/** See the file's head. */
export const guardWeakeners: readonly Weakener[] = rows.map(({ name, cwe, condition, near }) => ({
  name,
  cwe: parseCweId(cwe),
  weaken: (program: Program) =>
    guardsOf(program).flatMap((guard): Weakening[] => {
      const checks = condition.test(guard.child("condition")?.text ?? "") && mentionsAround(guard, near);
      const edit = checks ? removal(guard, program) : undefined;
      return edit === undefined ? [] : [{ at: guard, edits: [edit] }];
    }),
}));

/** `if …: raise …` without another branch. */
function guardsOf(program: Program): SyntaxNode[] {
  return [...program.tree.root.descendants()].filter((node) => {
    if (node.type !== "if_statement" || node.child("alternative") !== undefined) return false;
    const body = node.child("consequence")?.namedChildren.filter(({ type }) => type !== "comment") ?? [];
    const last = body.at(-1);
    if (last === undefined || body.length > 3 || !LEAVES.test(last.type)) return false;
    return last.type !== "expression_statement" || /^\w*\.?(abort|exit|send_error|fail)\(/.test(last.text);
  });
}

function removal(guard: SyntaxNode, program: Program): Edit | undefined {
  const { source } = program.tree;
  if (sharesLine(program.tree, guard)) return undefined;
  const siblings = guard.parent?.namedChildren.filter(({ type }) => type !== "comment") ?? [];
  if (siblings.length < 2) return { start: guard.start, end: guard.end, text: "pass" };
  const from = source.lastIndexOf("\n", guard.start - 1) + 1;
  const newline = source.indexOf("\n", guard.end);
  return { start: from, end: newline < 0 ? source.length : newline + 1, text: "" };
}
