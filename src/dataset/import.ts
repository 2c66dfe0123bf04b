// `dataset import`: training data that other people published, in our layout.
import { HexacoderError } from "../core/errors.ts";
import type { TrainingRow } from "../core/pair.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { readJsonLines } from "../util/jsonl.ts";
import { type DatasetFacts, factsOf } from "./card.ts";
import { importRow } from "./import-formats.ts";
import { leftOutWords } from "./left-out.ts";
import { NearDuplicateIndex } from "./similarity.ts";
import { splitByFamily } from "./split.ts";
import { writeDataset } from "./write.ts";

/** What `dataset import` is asked. */
export interface ImportOptions {
  /** JSON lines files. */
  readonly files: readonly string[];
  /** The dataset folder. */
  readonly out: string;
  /** Share of rows for evaluation. */
  readonly evalShare: number;
  /** Decides the split. */
  readonly seed: number;
  /** Jaccard index from which two programs are one family. */
  readonly nearDuplicate: number;
  /** For telling Python from C. */
  readonly python: LanguageSupport;
}

/** Writes the dataset folder; returns what it holds. */
export async function importDataset(options: ImportOptions): Promise<DatasetFacts> {
  const leftOut: Record<string, number> = {};
  const formats = new Set<string>();
  const rows: { row: TrainingRow; family: string }[] = [];
  const families = familyIndex(options.nearDuplicate);
  const ids = new Set<string>();
  for (const file of options.files) {
    for await (const line of readJsonLines(file)) {
      const found = readLine(line, file, options.python);
      const duplicate = found.kind === "row" && ids.has(found.row.id);
      if (found.kind === "left-out" || duplicate) {
        const reason = found.kind === "left-out" ? found.reason : "duplicate";
        leftOut[reason] = (leftOut[reason] ?? 0) + 1;
        continue;
      }
      ids.add(found.row.id);
      formats.add(found.format);
      rows.push({ row: found.row, family: families(found.row.text) });
    }
  }
  if (rows.length === 0) throw nothingImported(options.files, leftOut);
  const split = splitByFamily(rows, options);
  const facts = factsOf(split, {
    made: `import:${[...formats].sort().join("+")}`,
    spans: "as published",
    leftOut,
  });
  await writeDataset(options.out, split, facts);
  return facts;
}

function readLine(
  line: { kind: "value"; line: number; value: unknown } | { kind: "broken"; line: number },
  file: string,
  python: LanguageSupport,
): ReturnType<typeof importRow> {
  if (line.kind === "broken") return { kind: "left-out", reason: "broken line" };
  return importRow(line.value, `${file}:${line.line}`, (text) => python.parses(text));
}

/** Published data says nothing of families: near-duplicates, chained, are taken for one. */
function familyIndex(threshold: number): (text: string) => string {
  const index = new NearDuplicateIndex(threshold);
  const families: string[] = [];
  return (text) => {
    const near = index.near(text)[0];
    const number = index.add(text);
    const family = near === undefined ? `family-${number}` : (families[near] ?? `family-${near}`);
    families[number] = family;
    return family;
  };
}

function nothingImported(
  files: readonly string[],
  leftOut: Readonly<Record<string, number>>,
): HexacoderError {
  const words = leftOutWords(leftOut);
  return new HexacoderError("bad-input", {
    message:
      words === ""
        ? `There is no row in ${files.join(", ")}.`
        : `No row of ${files.join(", ")} could be read as training data: ${words}.`,
    remedy:
      "Known formats are the HexaCoder authors' (text, changes) and SVEN's (func_src_after, char_changes).",
  });
}
