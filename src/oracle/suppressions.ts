// Comments that suppress findings: `# hexacoder: ignore[CWE-79] the template escapes it`, on the line
// of the finding, or alone on the line above it. The reason is mandatory: without one the comment
// holds nothing and is a note itself. Only `scan` heeds them: whoever judges a model's programs must
// not be talked out of it by the program.
import { type CweId, parseCweId, tryParseCweId } from "../core/cwe.ts";
import type { Finding, Region } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import { commentsIn } from "../lang/comments.ts";
import { LineIndex } from "../util/text.ts";
import type { Rule } from "./rule-schema.ts";

/** A comment that suppresses findings of one line. */
export interface Suppression {
  /** The line of the findings, from 1. */
  readonly line: number;
  /** Weaknesses that it names. */
  readonly cwes: readonly CweId[];
  /** Rules that it names. */
  readonly rules: readonly string[];
  /** Why they are no weakness there. */
  readonly reason: string;
  /** The comment. */
  readonly region: Region;
}

/** What a program's comments say: what holds, and notes on what does not. */
export interface ProgramSuppressions {
  readonly held: readonly Suppression[];
  readonly notes: readonly Finding[];
}

/** The rule under which a comment that does not hold is a note. */
export const suppressionRule: Pick<Rule, "id" | "name" | "help" | "cwes"> = {
  id: "hexacoder/suppression-without-effect",
  name: "Suppression without effect",
  // CWE-546: suspicious comment.
  cwes: [parseCweId("CWE-546")],
  help: "A comment that suppresses findings names weaknesses or rules in brackets and gives a reason behind them: `hexacoder: ignore[CWE-79] the template escapes it`.\n",
};

const NONE: ProgramSuppressions = { held: [], notes: [] };
const COMMENT = /^(?:#+|\/\/+|\/\*+)\s*hexacoder:\s*ignore\b\s*(?:\[([^\]]*)\])?(.*)$/su;
const RULE_ID = /^[a-z]+\/[a-z0-9/-]+$/;

/** Reads the comments of a program that parses. */
export function suppressionsIn(text: string, language: Language): ProgramSuppressions {
  // Almost no program has one: only then are its comments looked for.
  if (!/hexacoder:\s*ignore/.test(text)) return NONE;
  const lines = new LineIndex(text);
  const comments = commentsIn(text, language);
  const read = comments.map(({ start, end }) =>
    readComment(text.slice(start, end), lines.region(start, end)),
  );
  const texts = text.split("\n");
  const isAlone = ({ startLine, startColumn }: Region): boolean =>
    (texts[startLine - 1] ?? "").slice(0, startColumn - 1).trim() === "";
  const alone = new Set(
    read.filter((one) => one !== undefined && isAlone(one.region)).map((one) => one?.region.endLine),
  );
  const held = read.flatMap((one) => {
    if (one?.kind !== "held") return [];
    const { kind: _kind, ...rest } = one;
    // Several comments may stand above one line.
    let line = one.region.startLine;
    if (isAlone(one.region)) for (line = one.region.endLine + 1; alone.has(line); ) line++;
    return [{ ...rest, line }];
  });
  return { held, notes: read.flatMap((one) => (one?.kind === "void" ? [noteOn(one)] : [])) };
}

/** Whether a suppression is for a finding. */
export function suppresses(suppression: Suppression, finding: Finding): boolean {
  const { line, cwes, rules } = suppression;
  if (finding.region.startLine !== line) return false;
  return rules.includes(finding.ruleId) || finding.cwes.some((cwe) => cwes.includes(cwe));
}

type ReadComment = ({ kind: "held" } & Omit<Suppression, "line">) | VoidComment;

interface VoidComment {
  readonly kind: "void";
  readonly region: Region;
  readonly why: string;
}

function readComment(comment: string, region: Region): ReadComment | undefined {
  const [match, names, rest = ""] = COMMENT.exec(comment) ?? [];
  if (match === undefined) return undefined;
  const words = (names ?? "").split(",").map((word) => word.trim());
  const cwes = words.flatMap((word) => tryParseCweId(word) ?? []);
  const rules = words.filter((word) => RULE_ID.test(word));
  const reason = rest
    .replace(/\*\/\s*$/, "")
    .replace(/^[\s:–—-]+/u, "")
    .trim();
  const unknown = words.find((word) => tryParseCweId(word) === undefined && !RULE_ID.test(word));
  if (unknown === "") return { kind: "void", region, why: "it names no weakness in brackets" };
  if (unknown !== undefined) return { kind: "void", region, why: `"${unknown}" is no weakness and no rule` };
  if (!/\p{L}{2}/u.test(reason)) return { kind: "void", region, why: "it gives no reason" };
  return { kind: "held", cwes, rules, reason, region };
}

function noteOn({ region, why }: VoidComment): Finding {
  return {
    ruleId: suppressionRule.id,
    cwes: [...suppressionRule.cwes],
    level: "note",
    message: `This comment suppresses nothing: ${why}. Write hexacoder: ignore[CWE-79] and the reason.`,
    region,
  };
}
