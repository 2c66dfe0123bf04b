// From pairs to training rows: the fixed program with its imports at the top (HexaCoder, section 3.2),
// and the spans that the repair changed.
import type { CodePair, TrainingRow } from "../core/pair.ts";
import type { LanguageSupport, SpanKind } from "../lang/lang.ts";

/** The row that a pair teaches; undefined when nothing is left to learn. */
export function rowOf(pair: CodePair, language: LanguageSupport, spans: SpanKind): TrainingRow | undefined {
  const before = importsFirst(pair.vulnerable, language);
  const text = importsFirst(pair.fixed, language);
  const changes = language.changedSpans(before, text, spans);
  if (changes.length === 0) return undefined;
  return { id: pair.id, text, changes, language: pair.language, cwe: pair.cwe, source: pair.source };
}

function importsFirst(program: string, language: LanguageSupport): string {
  return language.join(language.split(program));
}
