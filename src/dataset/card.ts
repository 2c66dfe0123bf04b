// What a dataset holds, as numbers (stats.json) and as the card that Hugging Face shows (README.md).
import type { TrainingRow } from "../core/pair.ts";
import type { Split } from "./split.ts";

/** Numbers of a dataset. */
export interface DatasetFacts {
  /** How it came about: `build` from pairs, or `import:<format>`. */
  readonly made: string;
  /** How changed spans are widened; as they came, for imported ones. */
  readonly spans: string;
  /** Rows of each part. */
  readonly rows: { readonly train: number; readonly eval: number };
  /** Rows by language and weakness. */
  readonly byTopic: Readonly<Record<string, { readonly train: number; readonly eval: number }>>;
  /** Share of all characters that carry the loss. */
  readonly changedShare: number;
  /** Share of rows whose repair touches an import line. */
  readonly importChangeShare: number;
  /** The same by language: fixes of C seldom need an include. */
  readonly importChangeByLanguage: Readonly<Record<string, number>>;
  /** Characters of a row: the median, nine of ten, and the longest. */
  readonly characters: { readonly median: number; readonly p90: number; readonly longest: number };
  /** Benchmarks that the rows were kept apart from, and how many texts of each. */
  readonly apartFrom: Readonly<Record<string, number>>;
  /** The runs that the pairs came from. */
  readonly runs: readonly RunProvenance[];
  /** Rows left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Where rows came from, by kind. */
  readonly sources: Readonly<Record<string, number>>;
}

/** What made the pairs of a run. */
export interface RunProvenance {
  /** The folder's name. */
  readonly run: string;
  /** When it was begun. */
  readonly startedAt?: string;
  /** Oracles, repairers and models with their versions. */
  readonly madeBy: Readonly<Record<string, string>>;
}

/** Counts a split. */
export function factsOf(
  split: Split,
  made: Pick<DatasetFacts, "made" | "spans" | "leftOut"> & Partial<Pick<DatasetFacts, "apartFrom" | "runs">>,
): DatasetFacts {
  const all = [...split.train, ...split.eval];
  const byTopic: Record<string, { train: number; eval: number }> = {};
  for (const part of ["train", "eval"] as const) {
    for (const row of split[part]) {
      const topic = `${row.language} ${row.cwe ?? "unlabelled"}`;
      const counts = byTopic[topic] ?? { train: 0, eval: 0 };
      byTopic[topic] = counts;
      counts[part]++;
    }
  }
  const sources: Record<string, number> = {};
  for (const row of all) sources[row.source.kind] = (sources[row.source.kind] ?? 0) + 1;
  const lengths = all.map((row) => row.text.length).sort((a, b) => a - b);
  const languages = [...new Set(all.map((row) => row.language))].sort();
  return {
    apartFrom: {},
    runs: [],
    ...made,
    rows: { train: split.train.length, eval: split.eval.length },
    byTopic: sortedByKey(byTopic),
    changedShare: share(sum(all.map(changedLength)), sum(all.map((row) => row.text.length))),
    importChangeShare: share(all.filter(changesImport).length, all.length),
    importChangeByLanguage: Object.fromEntries(
      languages.map((language) => {
        const own = all.filter((row) => row.language === language);
        return [language, share(own.filter(changesImport).length, own.length)];
      }),
    ),
    characters: {
      median: lengths[Math.floor(lengths.length / 2)] ?? 0,
      p90: lengths[Math.floor(lengths.length * 0.9)] ?? 0,
      longest: lengths.at(-1) ?? 0,
    },
    sources: sortedByKey(sources),
  };
}

/** The dataset card. */
export function datasetCard(facts: DatasetFacts): string {
  const topics = Object.entries(facts.byTopic).map(([topic, n]) => `| ${topic} | ${n.train} | ${n.eval} |`);
  const leftOut = Object.entries(facts.leftOut).map(([reason, n]) => `- ${reason}: ${n}`);
  const sources = Object.entries(facts.sources).map(([kind, n]) => `- ${kind}: ${n}`);
  const apart = Object.entries(facts.apartFrom).map(([name, n]) => `- ${name}: ${n} texts`);
  const imports = Object.entries(facts.importChangeByLanguage).map(
    ([language, part]) => `${language}: ${percent(part)}`,
  );
  const made = facts.runs.map(({ run, startedAt, madeBy }) => {
    const by = Object.entries(madeBy).map(([role, identity]) => `${role} \`${identity}\``);
    return `- \`${run}\`${startedAt === undefined ? "" : `, begun ${startedAt}`}: ${by.join(", ") || "no manifest"}`;
  });
  const provenance = made.length === 0 ? "" : `## What made them\n${made.join("\n")}\n\n`;
  return `${cardHeader(facts.rows, "parquet")}# Secure code training data

Fixed programs for fine-tuning a code model with a masked loss: the loss counts only on the spans that a security repair changed. Made by hexacoder (${facts.made}).

| language and weakness | train | eval |
|---|---|---|
${topics.join("\n")}
| **all** | ${facts.rows.train} | ${facts.rows.eval} |

- Changed characters: ${percent(facts.changedShare)} of the text (spans: ${facts.spans}).
- Repairs that touch an import: ${percent(facts.importChangeShare)} of the rows (${imports.join(", ")}).
- Characters of a row: ${facts.characters.median} in the middle, ${facts.characters.p90} for nine of ten, ${facts.characters.longest} at most.
- Parts are split by program family, so that no family is in both.

## Where the rows come from
${sources.join("\n") || "- nowhere: there is no row"}

${provenance}## Kept apart from

No row contains 60 % or more of the 5-token sequences of a text of these benchmarks:
${apart.join("\n") || "- none: published data is taken as it is"}

## Left out
${leftOut.join("\n") || "- nothing"}

## Columns
- \`id\`: content hash
- \`text\`: the fixed program, imports first
- \`changes\`: JSON list of \`{start, end}\`, UTF-16 code units into \`text\`, end exclusive
- \`language\`, \`cwe\` (where known)
- \`source\`: JSON with kind and reference of the program that was repaired

The vulnerable programs are weak on purpose. The fixed ones passed the gates that the pairs record; that is no proof that they are free of other weaknesses.
`;
}

/**
 * The head of a card: which file is which split. A part without rows is not named, since there is no telling what
 * its columns are.
 */
export function cardHeader(rows: DatasetFacts["rows"], ending: "jsonl" | "parquet"): string {
  const parts = (["train", "eval"] as const).filter((part) => rows[part] > 0);
  const files = parts.map((part) => `      - split: ${part}\n        path: ${part}.${ending}\n`);
  return `---
configs:
  - config_name: default
    data_files:
${files.join("")}task_categories:
  - text-generation
tags:
  - code
  - security
---
`;
}

function changedLength(row: TrainingRow): number {
  return sum(row.changes.map(({ start, end }) => end - start));
}

const IMPORT_LINE = /^[ \t]*(?:(?:from|import)\b|#[ \t]*include\b)/;

function changesImport(row: TrainingRow): boolean {
  return row.changes.some(({ start, end }) => {
    const from = row.text.lastIndexOf("\n", start) + 1;
    return row.text
      .slice(from, end)
      .split("\n")
      .some((line) => IMPORT_LINE.test(line));
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function sortedByKey<T>(counts: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(counts).sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true })),
  );
}
