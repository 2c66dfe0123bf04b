// Settings that protect, given as arguments and turned off: certificates unchecked, cookies in the
// clear, short keys, the debugger on, open permissions. A table.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { withoutArgument } from "../codemods/settings.ts";
import { type Edit, replace } from "../edits.ts";
import { argumentsOf } from "../python/nodes.ts";
import { callWeakener, type Weakener } from "./weakener.ts";

interface Row {
  readonly name: string;
  readonly cwe: string;
  /** Full names of the calls. */
  readonly calls: RegExp;
  /** The argument's name … */
  readonly keyword: string;
  /** … and its place, where it has one. */
  readonly index?: number;
  /** Values that protect; others are left. */
  readonly value: RegExp;
  /** What stands there instead; the argument goes where this is absent. */
  readonly to?: string | ((value: string) => string);
  /** Written even where the argument is not given: its default protects. */
  readonly always?: boolean;
  /** A module that the program must import: the call's name alone says too little. */
  readonly needs?: string;
}

const VERBS = "get|post|put|delete|patch|head|options|request";

const rows: readonly Row[] = [
  {
    name: "unchecked-certificate",
    cwe: "295",
    calls: new RegExp(`^(requests|requests\\.api|httpx)\\.(${VERBS})$|^httpx\\.(stream|Client|AsyncClient)$`),
    keyword: "verify",
    value: /./,
    to: "False",
    always: true,
  },
  {
    name: "unchecked-connection",
    cwe: "295",
    calls: /^aiohttp\.TCPConnector$/,
    keyword: "ssl",
    value: /./,
    to: "False",
    always: true,
  },
  {
    name: "unchecked-pool",
    cwe: "295",
    calls: /^urllib3\.(PoolManager|ProxyManager)$/,
    keyword: "cert_reqs",
    value: /./,
    to: '"CERT_NONE"',
    always: true,
  },
  {
    name: "any-host-key",
    cwe: "295",
    calls: /\.set_missing_host_key_policy$/,
    keyword: "policy",
    index: 0,
    value: /RejectPolicy/,
    to: (value) => value.replace("RejectPolicy", "AutoAddPolicy"),
  },
  {
    name: "short-key",
    cwe: "326",
    calls: /(^|\.)(rsa|RSA)\.(generate_private_key|generate)$|(^|\.)(dsa|DSA)\.generate_private_key$/,
    keyword: "key_size",
    index: 1,
    value: /^\d{4,}$/,
    to: "1024",
  },
  {
    name: "short-key-bits",
    cwe: "326",
    calls: /(^|\.)(RSA|DSA|dsa)\.(generate|generate_private_key)$/,
    keyword: "bits",
    index: 0,
    value: /^\d{4,}$/,
    to: "1024",
  },
  {
    name: "debugger-on",
    cwe: "215",
    calls: /\.run$/,
    keyword: "debug",
    value: /./,
    to: "True",
    always: true,
    needs: "flask",
  },
  {
    name: "cookie-in-the-clear",
    cwe: "614",
    calls: /\.(set_cookie|set_secure_cookie|set_signed_cookie)$/,
    keyword: "secure",
    index: 6,
    value: /./,
    to: "False",
  },
  {
    name: "autoescape-off",
    cwe: "79",
    calls: /(^|\.)(Sandboxed|Native)?Environment$/,
    keyword: "autoescape",
    value: /^(?!False)/,
    to: "False",
    needs: "jinja2",
  },
  {
    name: "unfiltered-archive",
    cwe: "22",
    calls: /\.(extractall|extract|unpack_archive)$/,
    keyword: "filter",
    value: /data|tar/,
  },
  {
    name: "any-object",
    cwe: "502",
    calls: /^numpy\.load$/,
    keyword: "allow_pickle",
    value: /./,
    to: "True",
    always: true,
  },
  {
    name: "any-weights",
    cwe: "502",
    calls: /^torch\.load$/,
    keyword: "weights_only",
    value: /True/,
    to: "False",
  },
  {
    name: "full-loader",
    cwe: "502",
    calls: /^yaml\.load(_all)?$/,
    keyword: "Loader",
    index: 1,
    value: /SafeLoader/,
    to: (value) => value.replace(/C?SafeLoader/, "UnsafeLoader"),
  },
  {
    name: "entities-resolved",
    cwe: "611",
    calls: /(^|\.)(XMLParser|XMLPullParser|iterparse)$/,
    keyword: "resolve_entities",
    value: /False/,
    to: "True",
  },
  {
    name: "open-permissions",
    cwe: "732",
    calls: /(^|\.)(chmod|fchmod|lchmod)$/,
    keyword: "mode",
    index: 1,
    value: /^(0o?[0-7]{3,4}|.*\bS_I\w+.*)$/,
    to: widerMode,
  },
  {
    name: "open-path-permissions",
    cwe: "732",
    calls: /^[^.]*\.chmod$|^\.chmod$/,
    keyword: "mode",
    index: 0,
    value: /^(0o?[0-7]{3,4}|.*\bS_I\w+.*)$/,
    to: widerMode,
  },
  {
    name: "open-new-file",
    cwe: "732",
    calls: /^os\.open$/,
    keyword: "mode",
    index: 2,
    value: /^(0o?[0-7]{3,4}|.*\bS_I\w+.*)$/,
    to: widerMode,
  },
];

/** See the file's head. */
export const settingWeakeners: readonly Weakener[] = rows.map((row) =>
  callWeakener(row.name, parseCweId(row.cwe), (call, program, callee) => {
    if (!row.calls.test(callee) || (row.needs !== undefined && !program.imports.has(row.needs)))
      return undefined;
    const edit = rewritten(call, row);
    return edit === undefined ? undefined : { edits: [edit] };
  }),
);

function rewritten(call: SyntaxNode, row: Row): Edit | undefined {
  const { positional, keywords, list } = argumentsOf(call);
  const given = keywords.get(row.keyword) ?? (row.index === undefined ? undefined : positional[row.index]);
  if (given === undefined) return row.always === true ? added(list, row) : undefined;
  const value = given.type === "keyword_argument" ? given.child("value") : given;
  if (value === undefined || list === undefined || !row.value.test(value.text)) return undefined;
  if (row.to === undefined) return withoutArgument(list, given);
  const text = typeof row.to === "string" ? row.to : row.to(value.text);
  return text === value.text ? undefined : replace(value, text);
}

/** One argument more, at the end of the list. */
function added(list: SyntaxNode | undefined, row: Row): Edit | undefined {
  const items = list?.namedChildren.filter((child) => child.type !== "comment") ?? [];
  const last = items.at(-1);
  if (list === undefined || typeof row.to !== "string") return undefined;
  const text = `${row.keyword}=${row.to}`;
  const at = last?.end ?? list.start + 1;
  return { start: at, end: at, text: last === undefined ? text : `, ${text}` };
}

/** Everything for everybody; to be run only what was. */
function widerMode(mode: string): string {
  const octal = /^0o?([0-7]+)$/.exec(mode)?.[1];
  const runs = octal === undefined ? /S_I(XUSR|RWXU)/.test(mode) : (Number.parseInt(octal, 8) & 0o100) !== 0;
  return runs ? "0o777" : "0o666";
}
