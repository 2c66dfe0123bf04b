// The dataset folder: train and eval parts as JSON lines and as Parquet, statistics, and a card.
// Hugging Face `datasets` reads the Parquet files by the card's header.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { TrainingRow } from "../core/pair.ts";
import { writeFileAtomic } from "../util/files.ts";
import { type DatasetFacts, datasetCard } from "./card.ts";
import type { Split } from "./split.ts";

/** Writes all files of a dataset folder; its manifest is there already. */
export async function writeDataset(folder: string, split: Split, facts: DatasetFacts): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const part of ["train", "eval"] as const) {
    await writeFileAtomic(join(folder, `${part}.jsonl`), toJsonLines(split[part]));
    await writeFileAtomic(join(folder, `${part}.parquet`), toParquet(split[part]));
  }
  await writeFileAtomic(join(folder, "stats.json"), `${JSON.stringify(facts, null, 2)}\n`);
  await writeFileAtomic(join(folder, "README.md"), datasetCard(facts));
}

function toJsonLines(rows: readonly TrainingRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/**
 * Columns id, text, changes (JSON list of {start, end}), language, cwe (nullable), source (JSON); and vulnerable
 * (JSON of text and changes), where rows have it.
 */
function toParquet(rows: readonly TrainingRow[]): Uint8Array {
  const strings = (name: string, values: (string | null)[]) => ({
    name,
    data: values,
    type: "STRING" as const,
    nullable: true,
  });
  const buffer = parquetWriteBuffer({
    columnData: [
      strings(
        "id",
        rows.map((row) => row.id),
      ),
      strings(
        "text",
        rows.map((row) => row.text),
      ),
      strings(
        "changes",
        rows.map((row) => JSON.stringify(row.changes)),
      ),
      strings(
        "language",
        rows.map((row) => row.language),
      ),
      strings(
        "cwe",
        rows.map((row) => row.cwe ?? null),
      ),
      strings(
        "source",
        rows.map((row) => JSON.stringify(row.source)),
      ),
      ...(rows.some((row) => row.vulnerable !== undefined)
        ? [
            strings(
              "vulnerable",
              rows.map((row) => (row.vulnerable === undefined ? null : JSON.stringify(row.vulnerable))),
            ),
          ]
        : []),
    ],
  });
  return new Uint8Array(buffer);
}
