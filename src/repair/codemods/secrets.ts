// Secrets: those in the program's text come from the environment (CWE-798), and those that a log
// would show are masked there (CWE-532, CWE-312). What is stored in the clear needs a decision about
// keys, and a cipher that is broken one about the data that was encrypted with it (CWE-327).
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace } from "../edits.ts";
import { leavesOf } from "../python/leaves.ts";
import { Names } from "../python/names.ts";
import { argumentsOf, bare } from "../python/nodes.ts";
import { type Codemod, callOf, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";

/** CWE-798: `password="…"` becomes `password=os.environ["…"]`. */
export const environmentSecret: Codemod = {
  name: "environment-secret",
  cwes: ["CWE-798", "CWE-259", "CWE-321"].map(parseCweId),
  rewrite(site) {
    const secrets = secretsIn(site);
    if (secrets.length === 0) return undefined;
    const names = new Names(site.program);
    const environ = names.byModule("os.environ");
    const list = secrets.map(({ node, name }) => replace(node, `${environ}["${variableOf(name)}"]`));
    return edits(list, { imports: names.needs });
  },
};

interface Secret {
  readonly node: SyntaxNode;
  /** What the program calls it. */
  readonly name: string;
}

const SECRET =
  /pass(wd|word|code|phrase)?|secret|token|key|cert|credential|pwd|(^|_)pin($|_)|user(name|id)?/i;

/** Literals that are given to names of secrets at the finding: an assignment, a default, or arguments of a call. */
function secretsIn({ node, program }: Site): Secret[] {
  const literal =
    node.type === "string" ? node : [...node.descendants()].find(({ type }) => type === "string");
  if (literal === undefined || !isOpenText(literal)) return [];
  const { parent } = literal;
  const name = parent?.child("name") ?? parent?.child("left") ?? parent?.child("key");
  if (parent?.type === "comparison_operator" || name === undefined) return [];
  const text =
    name.text
      .replace(/^["']|["']$/g, "")
      .split(".")
      .at(-1) ?? "";
  if (!SECRET.test(text) || !program.claim(literal)) return [];
  const others = parent?.type === "keyword_argument" ? besides(parent, program) : [];
  return [{ node: literal, name: text }, ...others];
}

/** The other secrets of the same call: a user's name alone is half of the credential. */
function besides(argument: SyntaxNode, program: Site["program"]): Secret[] {
  return (argument.parent?.namedChildren ?? []).flatMap((other) => {
    const [name, value] = [other.child("name")?.text ?? "", other.child("value")];
    const isSecret = other !== argument && value?.type === "string" && SECRET.test(name);
    return isSecret && isOpenText(value) && program.claim(value) ? [{ node: value, name }] : [];
  });
}

/** Where a key lies is no secret; what a name such as `ca_certs` holds is mostly that. */
function isOpenText(literal: SyntaxNode): boolean {
  return !isFormatted(literal) && !/[/\\]|\.(pem|crt|cer|key|der|p12|pfx)\W?$/i.test(literal.text);
}

function isFormatted(literal: SyntaxNode): boolean {
  return literal.children.some(({ type }) => type === "interpolation");
}

/** `db_password` is `DB_PASSWORD`; a lone word says too little, so that the program's comes before it. */
function variableOf(name: string): string {
  const spelled = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/\W+/g, "_")
    .toUpperCase();
  return spelled.includes("_") ? spelled : `APP_${spelled}`;
}

const LOGGED_SECRET =
  /pass(wd|word|code|phrase)|secret|token|key|cert|credential|pwd|pin\b|card|ssn|account/i;

/** CWE-532: the log says that there is one, not which. */
export const maskedLog: Codemod = {
  name: "masked-log",
  cwes: ["CWE-532", "CWE-312", "CWE-359"].map(parseCweId),
  rewrite(site) {
    if (!site.finding.ruleId.includes("logging")) {
      return needsDesign("The program stores a secret: who holds the key to it is a design decision.");
    }
    const call = callOf(site, (name) =>
      /(^|\.)(print|debug|info|warning|warn|error|critical|exception|log|write)$/.test(name),
    );
    if (call === undefined) return undefined;
    const all = argumentsOf(call).positional.flatMap((value) => secretLeaves(site, value));
    const named = all.filter(({ text }) => LOGGED_SECRET.test(text));
    const shown = named.length > 0 ? named : all;
    return shown.length === 0 ? undefined : edits(shown.map((node) => replace(node, '"***"')));
  },
};

function secretLeaves({ program, taint }: Site, value: SyntaxNode): SyntaxNode[] {
  return leavesOf(bare(value), { program, taint })
    .map(({ node }) => node)
    .filter(({ type, parent }) => type !== "string" && parent?.type !== "interpolation");
}

/** CWE-327: another cipher makes other data of the same text. */
export const brokenCipher: Codemod = {
  name: "broken-cipher",
  cwes: [parseCweId("CWE-327")],
  rewrite({ finding }): Rewrite | undefined {
    return finding.ruleId.includes("cryptographic-algorithm")
      ? needsDesign(
          "Another cipher or mode makes other data: what was encrypted before, and who reads it, decides.",
        )
      : undefined;
  },
};
