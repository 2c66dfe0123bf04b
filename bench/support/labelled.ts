// Programs with the verdicts of another tool: JSON lines of {id, language, code, prompt_id?, codeql: [{rule, cwe | cwes}]}.
// Read as a stream; what is not such a line stops the bench, for a figure over half a file is a guess.
import { z } from "zod";
import { type CweId, cweIdSchema } from "../../src/core/cwe.ts";
import { languageSchema } from "../../src/core/language.ts";
import { readJsonLines } from "../../src/util/jsonl.ts";

const verdictSchema = z.looseObject({
  rule: z.string(),
  cwe: cweIdSchema.optional(),
  cwes: z.array(cweIdSchema).optional(),
});

const programSchema = z.looseObject({
  id: z.string(),
  prompt_id: z.string().optional(),
  language: languageSchema.default("python"),
  code: z.string(),
  codeql: z.array(verdictSchema).default([]),
});

/** A verdict of the other tool about a program. */
export interface Verdict {
  /** The rule, by its identifier or its name. */
  readonly rule: string;
  /** The weakness under which it is filed. */
  readonly cwe: CweId | undefined;
}

/** A program and what the other tool said of it. */
export interface LabelledProgram {
  readonly id: string;
  /** What it was written for: samples of one prompt resemble one another. */
  readonly prompt: string;
  readonly language: z.infer<typeof languageSchema>;
  readonly code: string;
  readonly verdicts: readonly Verdict[];
}

/** Reads programs; throws at the first line that is none. */
export async function* readLabelled(path: string): AsyncGenerator<LabelledProgram> {
  for await (const line of readJsonLines(path)) {
    if (line.kind === "broken") throw new Error(`${path}:${line.line} is no JSON: ${line.message}`);
    const parsed = programSchema.safeParse(line.value);
    if (!parsed.success) {
      throw new Error(`${path}:${line.line} is no labelled program: ${z.prettifyError(parsed.error)}`);
    }
    const { id, prompt_id, language, code, codeql } = parsed.data;
    const verdicts = codeql.map(({ rule, cwe, cwes }) => ({ rule, cwe: cwe ?? cwes?.[0] }));
    // Without a prompt's name, the samples of one scenario share a folder.
    yield { id, prompt: prompt_id ?? id.split("/").slice(0, -1).join("/"), language, code, verdicts };
  }
}
