// CWE-502: reads data with a loader that only makes data. YAML gets its safe loader; pickle,
// marshal and their kin become JSON on both sides of the file. Objects that only pickle can carry
// (models, frames, instances) need a design.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { type Edit, replace } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argument, argumentsOf, functionOf, scopeOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";

/** Modules of which `loads`, `load`, `dumps` and `dump` become json's. */
const BINARY = ["pickle", "cPickle", "_pickle", "marshal", "dill", "cloudpickle"] as const;

/** Calls with a safe counterpart that takes the same first argument. */
const RENAMED: Readonly<Record<string, string>> = {
  "yaml.load": "yaml.safe_load",
  "yaml.unsafe_load": "yaml.safe_load",
  "yaml.full_load": "yaml.safe_load",
  "yaml.load_all": "yaml.safe_load_all",
  "yaml.unsafe_load_all": "yaml.safe_load_all",
  "yaml.full_load_all": "yaml.safe_load_all",
  "jsonpickle.decode": "json.loads",
  "jsonpickle.loads": "json.loads",
};

const DESIGN: Readonly<Record<string, string>> = {
  "joblib.load": "A stored model can only be read by running it: it needs a signature or another format.",
  "pandas.read_pickle": "A pickled frame needs another file format on the writer's side too.",
  "shelve.open": "A shelf pickles its values: it needs another store.",
};

/** See the file's head. */
export const deserialization: Codemod = {
  name: "deserialization",
  cwes: [parseCweId("CWE-502")],
  rewrite(site) {
    const call = callOf(site, (name) => isLoader(name));
    const name = call === undefined ? undefined : loaderName(site.program, call);
    if (call === undefined || name === undefined) return undefined;
    const design = DESIGN[name];
    if (design !== undefined) return needsDesign(design);
    if (standsForInstance(site, call)) {
      return needsDesign(
        "The loaded value is an instance of a class of the program: it needs a way of its own to be stored.",
      );
    }
    if (name === "torch.load") return argumentSet(call, "weights_only", "True");
    if (name === "numpy.load") return argumentSet(call, "allow_pickle", "False");
    const renamed = RENAMED[name];
    if (renamed !== undefined) return rename(site, call, renamed, name);
    return toJson(site, call, name);
  },
};

function isLoader(name: string): boolean {
  return (
    name in RENAMED ||
    name in DESIGN ||
    /^(torch|numpy)\.load$/.test(name) ||
    /\.Unpickler$/.test(name) ||
    BINARY.some((module) => name === `${module}.loads` || name === `${module}.load`) ||
    /\.load$/.test(name)
  );
}

/** The loader's full name; `Unpickler(f).load()` counts as pickle.load. */
function loaderName(program: Program, call: SyntaxNode): string | undefined {
  const name = program.callee(call);
  if (name !== undefined && (isBinaryLoad(name) || name in RENAMED || name in DESIGN)) return name;
  if (name === "torch.load" || name === "numpy.load") return name;
  return unpickler(program, call) === undefined ? undefined : "pickle.load";
}

function unpickler(program: Program, call: SyntaxNode): SyntaxNode | undefined {
  const target = call.child("function");
  if (target?.type !== "attribute" || target.child("attribute")?.text !== "load") return undefined;
  const object = target.child("object");
  const made = object?.type === "identifier" ? program.valueOf(object) : object;
  return made?.type === "call" && /(^|\.)Unpickler$/.test(program.callee(made) ?? "") ? made : undefined;
}

function isBinaryLoad(name: string): boolean {
  return BINARY.some((module) => name === `${module}.loads` || name === `${module}.load`);
}

/** Whether the load stands for an instance: its function returns instances of a class of the file elsewhere. */
function standsForInstance({ program }: Site, call: SyntaxNode): boolean {
  const definition = call.parent?.type === "return_statement" ? functionOf(call) : undefined;
  return (
    definition !== undefined && program.returnsOf(definition).some((value) => isInstance(program, value))
  );
}

function rename(site: Site, call: SyntaxNode, to: string, from: string): Rewrite | undefined {
  const target = call.child("function");
  const { positional, keywords, list } = argumentsOf(call);
  const stream =
    positional[0] ?? keywords.get("stream")?.child("value") ?? keywords.get("string")?.child("value");
  if (target === undefined || list === undefined || stream === undefined) return undefined;
  const names = new Names(site.program);
  // `from yaml import load` keeps its style: safe_load is imported next to it.
  const spelled = target.type === "identifier" ? names.byName(to) : names.byModule(to);
  return edits([replace(target, spelled), replace(list, `(${stream.text})`)], {
    imports: names.needs,
    drops: [from, from.split(".")[0] ?? from, "yaml.Loader", "yaml.FullLoader", "yaml.UnsafeLoader"],
  });
}

function toJson(site: Site, call: SyntaxNode, name: string): Rewrite | undefined {
  const { program } = site;
  const member = usedAsObject(program, call);
  if (member !== undefined) {
    return needsDesign(`The loaded value is an object (.${member} is used), which JSON cannot carry.`);
  }
  const made = unpickler(program, call);
  const data = made === undefined ? argument(call, 0) : argument(made, 0);
  const target = call.child("function");
  const list = call.child("arguments");
  if (data === undefined || target === undefined || list === undefined) return undefined;
  const names = new Names(program);
  const to = name.endsWith(".loads") ? "json.loads" : "json.load";
  const spelled = target.type === "identifier" ? names.byName(to) : names.byModule(to);
  const both: Edit[] = [replace(target, spelled), replace(list, `(${data.text})`)];
  const writers = writersToJson(program, names);
  if (writers === undefined) return needsDesign("What is written cannot be told to be plain data.");
  const modules = BINARY.flatMap((module) => [
    module,
    `${module}.loads`,
    `${module}.load`,
    `${module}.dumps`,
    `${module}.dump`,
  ]);
  return edits([...both, ...writers, ...exceptionsToJson(program)], { imports: names.needs, drops: modules });
}

const DATA_METHODS =
  /^(get|items|keys|values|append|extend|update|pop|setdefault|copy|index|count|sort|encode|strip|split|lower|upper|format|join|replace|startswith|endswith|insert|remove|clear)$/;

/** The first attribute of the loaded value that data does not have. */
function usedAsObject(program: Program, call: SyntaxNode): string | undefined {
  const { parent } = call;
  if (parent?.type === "attribute") return foreign(parent);
  const target = parent?.type === "assignment" ? parent.child("left") : undefined;
  if (target?.type !== "identifier") return undefined;
  for (const use of program.usesIn(scopeOf(target), target.text)) {
    if (use.start < call.end || use.parent?.type !== "attribute" || use.field !== "object") continue;
    const member = foreign(use.parent);
    if (member !== undefined) return member;
  }
  return undefined;
}

function foreign(attribute: SyntaxNode): string | undefined {
  const member = attribute.child("attribute")?.text ?? "";
  return DATA_METHODS.test(member) ? undefined : member;
}

/** The other side of the file: `pickle.dumps(x)` becomes `json.dumps(x).encode()`. */
function writersToJson(program: Program, names: Names): Edit[] | undefined {
  const out: Edit[] = [];
  for (const call of program.tree.root.descendants()) {
    const name = program.callee(call);
    const writer = BINARY.some((module) => name === `${module}.dumps` || name === `${module}.dump`);
    if (!writer || name === undefined) continue;
    const value = argument(call, 0);
    const target = call.child("function");
    if (value === undefined || target === undefined) return undefined;
    if (isInstance(program, value)) return undefined;
    const dumps = target.type === "identifier" ? names.byName("json.dumps") : names.byModule("json.dumps");
    const file = name.endsWith(".dump") ? argument(call, 1) : undefined;
    const text = `${dumps}(${value.text}).encode()`;
    if (file !== undefined) out.push(replace(call, `${file.text}.write(${text})`));
    // The value stays open to other edits: it may hold the very load that is rewritten.
    else
      out.push(
        { start: call.start, end: value.start, text: `${dumps}(` },
        { start: value.end, end: call.end, text: ").encode()" },
      );
  }
  return out;
}

/** Whether a value is an instance of a class of the file. */
function isInstance(program: Program, value: SyntaxNode): boolean {
  const made = value.type === "identifier" ? program.valueOf(value) : value;
  const name = made?.type === "call" ? made.child("function")?.text : undefined;
  return (
    name !== undefined &&
    [...program.tree.root.descendants()].some((node) => {
      return node.type === "class_definition" && node.child("name")?.text === name;
    })
  );
}

/** `except pickle.UnpicklingError` becomes `except ValueError`, which json's errors are. */
function exceptionsToJson(program: Program): Edit[] {
  return [...program.tree.root.descendants()]
    .filter((node) =>
      /^(pickle|cPickle|dill)\.(UnpicklingError|PickleError|PicklingError)$/.test(
        program.fullName(node) ?? "",
      ),
    )
    .filter((node) => node.parent?.type !== "attribute" && node.ancestor("except_clause") !== undefined)
    .map((node) => replace(node, "ValueError"));
}

function argumentSet(call: SyntaxNode, name: string, value: string): Rewrite | undefined {
  const { keywords, list } = argumentsOf(call);
  const known = keywords.get(name)?.child("value");
  if (known !== undefined) return edits([replace(known, value)]);
  const last = list?.namedChildren.at(-1);
  if (last === undefined) return undefined;
  return edits([{ start: last.end, end: last.end, text: `, ${name}=${value}` }]);
}
