// Other people's training data, as they publish it, read row by row into ours. Formats are told
// apart by their fields. Their offsets count code points.
//  - hexacoder-authors: `text`, `changes: [{char_start, char_end, chars}]` (github hajipour/hexacoder)
//  - sven: `func_src_after`, `char_changes: {added: [...]}`, `vul_type`, `file_name` (github eth-sri/sven)
import { z } from "zod";
import { tryParseCweId } from "../core/cwe.ts";
import { type Language, languageOf } from "../core/language.ts";
import type { Change, TrainingRow } from "../core/pair.ts";
import { shortHashOf } from "../util/hash.ts";
import { codePointOffsets } from "./code-points.ts";

const charChange = z.looseObject({ char_start: z.int().min(0), char_end: z.int().min(0), chars: z.string() });

const authorsRow = z.looseObject({ text: z.string(), changes: z.array(charChange) });
const svenRow = z.looseObject({
  func_src_after: z.string(),
  char_changes: z.looseObject({ added: z.array(charChange) }),
  vul_type: z.string(),
  file_name: z.string(),
});

/** What a row of foreign data became. */
export type ImportedRow =
  | { readonly kind: "row"; readonly row: TrainingRow; readonly format: string }
  | { readonly kind: "left-out"; readonly reason: string };

/** Reads a row of a known format. `isPython` tells languages apart where the data does not say. */
export function importRow(value: unknown, ref: string, isPython: (text: string) => boolean): ImportedRow {
  const authors = authorsRow.safeParse(value);
  if (authors.success) {
    const { text, changes } = authors.data;
    return finish({
      format: "hexacoder-authors",
      text,
      changes,
      language: guessLanguage(text, isPython),
      ref,
    });
  }
  const sven = svenRow.safeParse(value);
  if (!sven.success) return { kind: "left-out", reason: "not a row of a known format" };
  const { func_src_after: text, char_changes: changes, vul_type: weakness, file_name: file } = sven.data;
  const cwe = tryParseCweId(weakness);
  const language = languageOf(file);
  if (language === undefined) return { kind: "left-out", reason: "unknown language" };
  return finish({
    format: "sven",
    text,
    changes: changes.added,
    language,
    ref,
    ...(cwe === undefined ? {} : { cwe }),
  });
}

function finish(raw: {
  format: string;
  text: string;
  changes: readonly z.infer<typeof charChange>[];
  language: Language;
  cwe?: NonNullable<TrainingRow["cwe"]>;
  ref: string;
}): ImportedRow {
  const { format, text, language, cwe, ref } = raw;
  const changes = convert(text, raw.changes);
  if (changes === undefined) return { kind: "left-out", reason: "changes do not fit the text" };
  if (changes.length === 0) return { kind: "left-out", reason: "nothing to learn" };
  const row: TrainingRow = {
    id: shortHashOf([format, text, changes]),
    text,
    changes,
    language,
    ...(cwe === undefined ? {} : { cwe }),
    source: { kind: `import:${format}`, ref },
  };
  return { kind: "row", row, format };
}

/** UTF-16 spans, ascending and disjoint; undefined when a span is not where its characters are. */
function convert(text: string, changes: readonly z.infer<typeof charChange>[]): Change[] | undefined {
  const offset = codePointOffsets(text);
  const spans: Change[] = [];
  for (const change of [...changes].sort((a, b) => a.char_start - b.char_start)) {
    const start = offset(change.char_start);
    const end = offset(change.char_end);
    if (start === undefined || end === undefined || text.slice(start, end) !== change.chars) return undefined;
    if (start < end) addSpan(spans, { start, end });
  }
  return spans;
}

function addSpan(spans: Change[], span: Change): void {
  const last = spans.at(-1);
  if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
  else spans.push(span);
}

function guessLanguage(text: string, isPython: (text: string) => boolean): Language {
  if (/^\s*#\s*include\b/m.test(text)) return "c";
  if (isPython(text)) return "python";
  return /[;{}]\s*$/m.test(text) ? "c" : "python";
}
