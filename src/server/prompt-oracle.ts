// An oracle for completions: what it found in the prompt alone is not held against the completion. Else one old
// weakness in a client's file would keep every completion from him, and no completion could mend it.
import type { Finding, SourceFile } from "../core/finding.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";

/** Wraps an oracle for completions of one prompt. */
export async function beyondPrompt(
  oracle: SecurityOracle,
  { file, language }: { file: SourceFile; language: LanguageSupport },
  options: { signal: AbortSignal },
): Promise<SecurityOracle> {
  // A prompt stops in the middle: what parses of it is looked at.
  const whole = language.dropIncompleteTail(file.text);
  const [before] = await oracle.scan([{ ...file, text: whole }], options);
  if (before?.status !== "scanned" || before.findings.length === 0) return oracle;
  const known = new Set(before.findings.map(placeOf));
  return {
    ...oracle,
    identity: oracle.identity,
    covers: (asked) => oracle.covers(asked),
    scan: async (files, scanOptions) => {
      const results = await oracle.scan(files, scanOptions);
      return results.map((result, index) => {
        const same = files[index]?.text.startsWith(file.text) === true;
        if (result.status !== "scanned" || !same) return result;
        return { ...result, findings: result.findings.filter((finding) => !known.has(placeOf(finding))) };
      });
    },
  };
}

function placeOf({ ruleId, region }: Finding): string {
  return [ruleId, region.startLine, region.startColumn, region.endLine, region.endColumn].join(":");
}
