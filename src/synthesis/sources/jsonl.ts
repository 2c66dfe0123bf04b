// Programs from a JSON lines file: `{"code": …}` with optional id, language and cwe; other fields
// pass through into the pair's `source`. A line that is no JSON, and a row that lacks its program, are skipped,
// counted and reported, each under a reason of its own.
import type { z } from "zod";
import type { Language } from "../../core/language.ts";
import { sourceSampleSchema } from "../../core/pair.ts";
import { sha256File, shortHashOf } from "../../util/hash.ts";
import { type JsonLine, readJsonLines } from "../../util/jsonl.ts";
import type { CandidateSource, Proposal } from "../candidate.ts";

/** Proposes each row of a JSON lines file; a row that does not name its language is in `otherwise`. */
export async function jsonlSource(path: string, otherwise: Language = "python"): Promise<CandidateSource> {
  return {
    inputs: { [`jsonl:${path}`]: await sha256File(path) },
    size: undefined,
    async *propose() {
      for await (const line of readJsonLines(path)) yield proposalOf(path, line, otherwise);
    },
  };
}

function proposalOf(path: string, line: JsonLine, otherwise: Language): Proposal {
  const ref = `${path}:${line.line}`;
  if (line.kind === "broken") return { kind: "unusable", ref, reason: "broken-line", detail: line.message };
  const parsed = sourceSampleSchema.safeParse(line.value);
  if (!parsed.success) {
    const detail = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    return { kind: "unusable", ref, reason: reasonOf(parsed.error, line.value), detail };
  }
  const { code, id, language, cwe, ...rest } = parsed.data;
  return {
    kind: "candidate",
    candidate: {
      id: id ?? shortHashOf(code),
      language: language ?? otherwise,
      code,
      ...(cwe === undefined ? {} : { cwe }),
      source: { ...rest, kind: "jsonl", ref: id ?? ref },
    },
  };
}

/** `without-code`, or `bad-` and the first field that does not hold what it should. */
function reasonOf({ issues }: z.ZodError, row: unknown): string {
  const field = issues[0]?.path[0];
  if (typeof row !== "object" || row === null || field === undefined) return "not-an-object";
  return `${Object.hasOwn(row, field) ? "bad" : "without"}-${String(field)}`;
}
