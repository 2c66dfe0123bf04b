// A safe function exchanged for a dangerous one of the same shape: `json.loads` for `pickle.loads`,
// `sha256` for `md5`. A table; arguments stay as they are.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { Names } from "../python/names.ts";
import { argumentsOf } from "../python/nodes.ts";
import type { Program } from "../python/program.ts";
import { isLiteral, moduleOf } from "./unwrap.ts";
import { callWeakener, lastPart, mentionsAround, type Weakener } from "./weakener.ts";

interface Row {
  readonly name: string;
  readonly cwe: string;
  /** Full names of the safe functions. */
  readonly from: RegExp;
  /** Full name of the dangerous one; `$&` stands for the last part of the safe one's. */
  readonly to: string;
  /** Whether keyword arguments may be there: the other function may not know them. */
  readonly keywords?: boolean;
  /** What the function around must mention: elsewhere the value harms nothing. */
  readonly near?: RegExp;
}

const rows: readonly Row[] = [
  { name: "object-loader", cwe: "502", from: /^yaml\.safe_load(_all)?$/, to: "yaml.un$&" },
  { name: "object-format", cwe: "502", from: /^(json|simplejson|ujson|orjson)\.loads?$/, to: "pickle.$&" },
  { name: "evaluated-literal", cwe: "94", from: /^ast\.literal_eval$/, to: "eval" },
  { name: "evaluated-number", cwe: "94", from: /^(int|float)$/, to: "eval" },
  {
    name: "weak-hash",
    cwe: "327",
    from: /^hashlib\.(sha\d+|sha3_\d+|blake2[bs])$/,
    to: "hashlib.md5",
    keywords: true,
    near: /pass(wd|word|phrase|code)|secret|token|private|credential|\bcert/i,
  },
  {
    name: "joined-path",
    cwe: "22",
    from: /^(werkzeug\.utils\.|werkzeug\.security\.|flask\.|django\.utils\._os\.)safe_join$/,
    to: "os.path.join",
  },
];

/** See the file's head. */
export const renamers: readonly Weakener[] = [...rows.map(renamer), dynamicAttribute()];

function renamer({ name, cwe, from, to, near, keywords: known = false }: Row): Weakener {
  return callWeakener(name, parseCweId(cwe), (call, program, callee) => {
    const target = call.child("function");
    if (target === undefined || !from.test(callee)) return undefined;
    if (near !== undefined && !mentionsAround(call, near)) return undefined;
    const { positional, keywords } = argumentsOf(call);
    const [value] = positional;
    if (!known && (value === undefined || isLiteral(value) || keywords.size > 0)) return undefined;
    if (!to.includes(".") && positional.length !== 1) return undefined;
    const { spelled, imports } = spell(program, to.replace("$&", lastPart(callee)));
    return { edits: [replace(target, spelled)], imports, drops: [callee, moduleOf(callee)] };
  });
}

function spell(program: Program, full: string): { spelled: string; imports: Names["needs"] } {
  const names = new Names(program);
  const spelled = full.includes(".") ? names.byModule(full) : full;
  return { spelled, imports: names.needs };
}

/** `getattr(thing, name)` becomes `eval("thing." + name)`. */
function dynamicAttribute(): Weakener {
  return callWeakener("evaluated-attribute", parseCweId("94"), (call, _program, callee) => {
    const { positional, keywords } = argumentsOf(call);
    const [object, name] = positional;
    if (callee !== "getattr" || object === undefined || name === undefined) return undefined;
    if (positional.length !== 2 || keywords.size > 0 || !/^[\w.]+$/.test(object.text) || !isPlain(name))
      return undefined;
    return { edits: [replace(call, `eval("${object.text}." + ${name.text})`)] };
  });
}

function isPlain(node: SyntaxNode): boolean {
  return /^(identifier|attribute|subscript|call)$/.test(node.type);
}
