// CWE-94: reads data with ast.literal_eval instead of evaluating code. A calculator keeps its
// arithmetic through a small evaluator of its own. Running the user's program is a design.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { insertHelper, type Lines } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { argument, argumentsOf, bare, functionOf } from "../python/nodes.ts";
import { templateOf } from "../python/strings.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";
import { assignedCode } from "./assignment-code.ts";

/** Words by which programs say that they compute. */
/** Whoever promises Python must run Python. */
const PYTHON = /\bpython\s+(expression|code|script|program|statement)s?\b/i;
const ARITHMETIC = /calc|equation|formula|arithmetic|math|comput|expression|\bexpr\b/i;

/** Calls that run code and have no counterpart that only reads data. */
const CODE = new Set([
  "exec",
  "compile",
  "execfile",
  "code.InteractiveInterpreter.runsource",
  "importlib.import_module",
  "__import__",
  "runpy.run_path",
]);

/** See the file's head. */
export const literalEvaluation: Codemod = {
  name: "literal-evaluation",
  cwes: [parseCweId("CWE-94"), parseCweId("CWE-95")],
  sanitizers: ["ast.literal_eval"],
  rewrite(site) {
    const call = callOf(site, (name) => isEvaluation(name) || CODE.has(name));
    if (call === undefined) return undefined;
    const name = site.program.callee(call) ?? "";
    if (!isEvaluation(name)) return (name === "exec" ? assignedCode(site, call) : undefined) ?? userCode();
    const code = argument(call, 0, "expression", "source");
    if (code === undefined) return undefined;
    const { positional, keywords } = argumentsOf(call);
    if (PYTHON.test(wholeFunction(site, call))) return userCode();
    const arithmetic = isCalculator(site, call, code);
    // Names handed to eval are names that the expressions may use.
    const scoped = positional.length + keywords.size > 1 && !isEmptyScope(positional.slice(1));
    if (scoped)
      return needsDesign(
        "The expressions may use names that the program hands over: they need a language of their own.",
      );
    const text = literalText(site, code);
    if (/[A-Za-z_]\w*\s*\(|\blambda\b|\bimport\b|\.[A-Za-z_]/.test(text)) return userCode();
    return arithmetic || /[-+*/%<>=]/.test(text)
      ? byEvaluator(site, call, code)
      : byLiteral(site, call, code);
  },
};

function isEvaluation(name: string): boolean {
  return name === "eval" || name === "builtins.eval";
}

function userCode(): Rewrite {
  return needsDesign("The program runs code that comes from outside: what it may do is a design decision.");
}

function isEmptyScope(scopes: readonly SyntaxNode[]): boolean {
  return scopes.every(({ text }) => /^\{\s*\}$|^None$|__builtins__/.test(text));
}

/** Literal text around the values in the code. */
function literalText(site: Site, code: SyntaxNode): string {
  const source = code.type === "identifier" ? (site.program.valueOf(code) ?? code) : code;
  const template = templateOf(bare(source), site.program.literalOf);
  return template.map((piece) => (piece.kind === "text" ? piece.value : " ")).join("");
}

/** Whether names, routes or comments of the function say that it computes. */
function isCalculator(site: Site, call: SyntaxNode, code: SyntaxNode): boolean {
  const source = code.type === "identifier" ? site.program.reaching(code).map(({ node }) => node.text) : [];
  const words = [...source, code.text, wholeFunction(site, call)].join("\n");
  return ARITHMETIC.test(words.replace(/\bregular expressions?\b/gi, ""));
}

/** The function around a call, with its decorators; else the program. */
function wholeFunction(site: Site, call: SyntaxNode): string {
  const scope = functionOf(call);
  const whole = scope?.parent?.type === "decorated_definition" ? scope.parent : scope;
  return whole?.text ?? site.program.tree.source;
}

function byLiteral(site: Site, call: SyntaxNode, code: SyntaxNode): Rewrite | undefined {
  const names = new Names(site.program);
  return edits([replace(call, `${names.byModule("ast.literal_eval")}(${code.text})`)], {
    imports: names.needs,
  });
}

function byEvaluator(site: Site, call: SyntaxNode, code: SyntaxNode): Rewrite | undefined {
  const { program } = site;
  const names = new Names(program);
  const name = program.freshName(program.tree.root, "evaluate_arithmetic", "compute_arithmetic");
  const helper = insertHelper(
    program,
    call,
    evaluator(name, program.freshName(program.tree.root, "OPERATORS"), names),
  );
  if (helper === undefined) return undefined;
  return edits([helper, replace(call, `${name}(${code.text})`)], { imports: names.needs });
}

/** The evaluator: numbers, the four operations, remainders, signs, bounded powers; nothing else. */
function evaluator(name: string, table: string, names: Names): Lines {
  const ast = names.byModule("ast.parse").slice(0, -".parse".length);
  const operator = names.byModule("operator.add").slice(0, -".add".length);
  return [
    `${table} = {`,
    [
      `${ast}.Add: ${operator}.add,`,
      `${ast}.Sub: ${operator}.sub,`,
      `${ast}.Mult: ${operator}.mul,`,
      `${ast}.Div: ${operator}.truediv,`,
      `${ast}.FloorDiv: ${operator}.floordiv,`,
      `${ast}.Mod: ${operator}.mod,`,
      `${ast}.Pow: ${operator}.pow,`,
      `${ast}.UAdd: ${operator}.pos,`,
      `${ast}.USub: ${operator}.neg,`,
    ],
    "}",
    "",
    "",
    `def ${name}(text):`,
    [
      '"""Compute numbers with arithmetic operators; refuse anything else."""',
      "",
      "def compute(node):",
      [
        `if isinstance(node, ${ast}.Constant) and type(node.value) in (int, float):`,
        ["return node.value"],
        `if isinstance(node, ${ast}.UnaryOp) and type(node.op) in ${table}:`,
        [`return ${table}[type(node.op)](compute(node.operand))`],
        `if isinstance(node, ${ast}.BinOp) and type(node.op) in ${table}:`,
        [
          "left, right = compute(node.left), compute(node.right)",
          `if isinstance(node.op, ${ast}.Pow) and (abs(left) > 1000 or abs(right) > 100):`,
          ['raise ValueError("number too large")'],
          `return ${table}[type(node.op)](left, right)`,
        ],
        'raise ValueError("only arithmetic is allowed")',
      ],
      "",
      `return compute(${ast}.parse(text.strip(), mode="eval").body)`,
    ],
  ];
}
