// CWE-78: hands a command its arguments as a list, so that no shell reads them; where the command
// line needs a shell (pipes, redirections), quotes each untrusted value. Either way a value that
// begins with a dash must not become an option. Running the user's own command is a design.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { rejection } from "../python/framework.ts";
import type { ImportNeed } from "../python/imports.ts";
import { insertBefore } from "../python/insert.ts";
import { leavesOf } from "../python/leaves.ts";
import { Names } from "../python/names.ts";
import { argument, argumentsOf, bare, scopeOf } from "../python/nodes.ts";
import { literalValue, type Piece, templateOf } from "../python/strings.ts";
import { isSurelyString } from "../python/types.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";
import { type ArgumentList, argumentList, quoteValues } from "./command-template.ts";
import { withoutArgument } from "./settings.ts";

/** How a call is written once its command is a list; `@` is the list, `%` the subprocess module. */
type Shape = (site: Site, call: SyntaxNode, list: string, names: Names) => Edit[] | undefined;

const shapes: Readonly<Record<string, Shape>> = {
  "os.system": (_site, call, list, names) => {
    // The status matters only where something is done with it.
    const isStatement = call.parent?.type === "expression_statement";
    return [replace(call, `${names.byModule(isStatement ? "subprocess.run" : "subprocess.call")}(${list})`)];
  },
  "os.popen": popen,
  "subprocess.getoutput": (_site, call, list, names) => {
    const run = names.byModule("subprocess.run");
    const settings = `stdout=${names.byModule("subprocess.PIPE")}, stderr=${names.byModule("subprocess.STDOUT")}, text=True`;
    return [replace(call, `${run}(${list}, ${settings}).stdout.rstrip("\\n")`)];
  },
  "asyncio.create_subprocess_shell": (_site, call, list, names) => {
    const target = call.child("function");
    const command = argument(call, 0, "cmd");
    if (target === undefined || command === undefined) return undefined;
    const spelled =
      target.type === "identifier"
        ? names.byName("asyncio.create_subprocess_exec")
        : names.byModule("asyncio.create_subprocess_exec");
    return [
      replace(target, spelled),
      replace(command, list.startsWith("[") ? list.slice(1, -1) : `*${list}`),
    ];
  },
  "subprocess.run": withoutShell,
  "subprocess.call": withoutShell,
  "subprocess.check_call": withoutShell,
  "subprocess.check_output": withoutShell,
  "subprocess.Popen": withoutShell,
};

/** Calls whose command line a shell reads at the other end: values can only be quoted. */
const REMOTE = /\.(exec_command|getstatusoutput)$/;

/** See the file's head. */
export const argumentListCodemod: Codemod = {
  name: "argument-list",
  cwes: [parseCweId("CWE-78")],
  sanitizers: ["shlex.quote", "pipes.quote"],
  rewrite(site) {
    const call = callOf(site, (name) => Object.hasOwn(shapes, name) || REMOTE.test(name));
    if (call === undefined) return undefined;
    const name = site.program.callee(call) ?? "";
    const command = commandOf(site, call);
    if (command === undefined) return undefined;
    const shape = shapes[name];
    const listed = shape === undefined || command.scripted ? undefined : asList(site, call, command, shape);
    return listed ?? asQuoted(site, command.node);
  },
};

interface Command {
  /** The expression of the command line. */
  readonly node: SyntaxNode;
  /** Whether it is the script of a `sh -c`: the shell is meant. */
  readonly scripted: boolean;
}

/** The command line in a call: the first argument, the script of `["sh", "-c", x]`, the `x` of `x.split()`. */
function commandOf(site: Site, call: SyntaxNode): Command | undefined {
  const given = argument(call, 0, "args", "command", "cmd");
  if (given === undefined) return undefined;
  const value = bare(given);
  const list = value.type === "identifier" ? site.program.valueOf(value) : value;
  if (list?.type === "list" || list?.type === "tuple") {
    const items = list.namedChildren.filter((child) => child.type !== "comment");
    const [shell, option, script] = items;
    const isShell = /^(\/\w+)*\/?(ba|da|z|k)?sh$/.test(
      shell === undefined ? "" : (literalValue(shell) ?? ""),
    );
    if (
      isShell &&
      script !== undefined &&
      /^-\w*c$/.test(option === undefined ? "" : (literalValue(option) ?? ""))
    ) {
      return { node: bare(script), scripted: true };
    }
    return items.length === 1 && shell !== undefined ? { node: bare(shell), scripted: true } : undefined;
  }
  const target = value.type === "call" ? value.child("function") : undefined;
  const object = target?.type === "attribute" ? target.child("object") : undefined;
  if (object !== undefined && target?.child("attribute")?.text === "split") {
    const isModule = site.program.callee(value) === "shlex.split";
    const split = isModule ? argument(value, 0) : object;
    return split === undefined ? undefined : { node: bare(split), scripted: false };
  }
  return { node: value, scripted: false };
}

function asList(site: Site, call: SyntaxNode, { node }: Command, shape: Shape): Rewrite | undefined {
  const { program } = site;
  const definition = node.type === "identifier" ? program.valueOf(node) : undefined;
  // A command line that is also shown or logged stays a text; only its values get quoted.
  const single = definition === undefined || program.usesIn(scopeOf(node), node.text).length === 1;
  if (!single) return undefined;
  if (definition !== undefined && scopeOf(definition) !== scopeOf(node)) return undefined;
  const source = definition ?? node;
  const template = templateOf(source, program.literalOf);
  // A single value may still be put together elsewhere: in a loop's list, in a function.
  if (template.length === 1 && template[0]?.kind === "value") return undefined;
  const list = argumentList(site, template);
  if (list === "untrusted-program") return userCommand();
  if (typeof list === "string") return undefined;
  const names = new Names(program);
  const spelled = `[${list.words.join(", ")}]`;
  const changed = shape(site, call, definition === undefined ? spelled : node.text, names);
  if (changed === undefined) return undefined;
  const guard = dashChecks(site, list, source);
  if (guard === undefined) return undefined;
  const made = definition === undefined ? [] : [replace(definition, spelled)];
  return edits([...guard.edits, ...made, ...changed], {
    imports: [...names.needs, ...guard.imports],
    drops: ["os", "os.system", "os.popen", "shlex"],
  });
}

function asQuoted(site: Site, command: SyntaxNode): Rewrite | undefined {
  const leaves = leavesOf(command, { program: site.program, taint: site.taint });
  if (leaves.length === 0) return undefined;
  const whole = leaves.find(({ template }) => template.length === 0);
  if (whole !== undefined) return isPutTogether(site, whole.node) ? undefined : userCommand();
  const names = new Names(site.program);
  const quote = names.byModule("shlex.quote");
  const nodes = new Set(leaves.map((leaf) => leaf.node));
  const out: Edit[] = [];
  const imports: ImportNeed[] = [];
  for (const template of new Set<readonly Piece[]>(leaves.map((leaf) => leaf.template))) {
    const quoting = quoteValues(site, { template, leaves: nodes }, quote);
    if (quoting === "untrusted-program") return userCommand();
    const first = template.find((piece) => piece.kind === "value");
    const guard =
      quoting === undefined || first?.kind !== "value" ? undefined : dashChecks(site, quoting, first.node);
    if (quoting === undefined || guard === undefined) return undefined;
    out.push(...guard.edits, ...quoting.edits);
    imports.push(...guard.imports);
  }
  return edits(out, { imports: [...names.needs, ...imports] });
}

/** Whether a value is text that the program puts together in a way that templates do not show. */
function isPutTogether({ program }: Site, node: SyntaxNode): boolean {
  const value = program.valueOf(node) ?? node;
  const method = value.type === "call" ? value.child("function")?.child("attribute")?.text : undefined;
  return /^(replace|join|format|substitute|safe_substitute)$/.test(method ?? "");
}

function userCommand(): Rewrite {
  return needsDesign(
    "The program runs a command that comes from outside: which commands it may run is a design decision.",
  );
}

/** `if host.startswith("-"): abort(400)` before the command is put together. */
function dashChecks(
  site: Site,
  { unguarded }: Pick<ArgumentList, "unguarded">,
  at: SyntaxNode,
): { edits: Edit[]; imports: readonly ImportNeed[] } | undefined {
  if (unguarded.length === 0) return { edits: [], imports: [] };
  const { program } = site;
  const texts = [...new Map(unguarded.map((node) => [node.text, node])).values()];
  const refusal = rejection(program, at, "bad-request", "value must not begin with a dash");
  const tests = texts.map((node) => {
    return `${isSurelyString(program, node) ? node.text : `str(${node.text})`}.startswith("-")`;
  });
  const edit = insertBefore(program, at, [`if ${tests.join(" or ")}:`, [refusal.statement]]);
  return edit === undefined ? undefined : { edits: [edit], imports: refusal.imports };
}

function popen(_site: Site, call: SyntaxNode, list: string, names: Names): Edit[] {
  if (call.parent?.type === "expression_statement") {
    // Nobody reads the pipe, so there is none to fill up.
    const start = names.byModule("subprocess.Popen");
    return [replace(call, `${start}(${list}, stdout=${names.byModule("subprocess.DEVNULL")})`)];
  }
  const pipe = names.byModule("subprocess.PIPE");
  const method = call.parent?.type === "attribute" ? call.parent.child("attribute")?.text : undefined;
  const outer = call.parent?.parent;
  const isCall = outer?.type === "call" && argumentsOf(outer).positional.length === 0;
  if (method === "read" && isCall) {
    return [replace(outer, `${names.byModule("subprocess.run")}(${list}, stdout=${pipe}, text=True).stdout`)];
  }
  if (method === "readlines" && isCall) {
    const run = names.byModule("subprocess.run");
    return [replace(outer, `${run}(${list}, stdout=${pipe}, text=True).stdout.splitlines(keepends=True)`)];
  }
  return [replace(call, `${names.byModule("subprocess.Popen")}(${list}, stdout=${pipe}, text=True).stdout`)];
}

function withoutShell(_site: Site, call: SyntaxNode, list: string): Edit[] | undefined {
  const { keywords, list: all } = argumentsOf(call);
  const command = argument(call, 0, "args");
  if (command === undefined || all === undefined || keywords.has("executable")) return undefined;
  const shell = keywords.get("shell");
  return [replace(command, list), ...(shell === undefined ? [] : [withoutArgument(all, shell)])];
}
