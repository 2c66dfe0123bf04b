// A dataset in the shapes that other trainers read: conversations for fine-tuning models that chat, and
// pairs of a chosen and a rejected answer for preference training (DPO). Parts stay apart as they were split.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { HexacoderError } from "../core/errors.ts";
import type { Language } from "../core/language.ts";
import type { TrainingRow } from "../core/pair.ts";
import { writeFileAtomic } from "../util/files.ts";
import { JsonLinesWriter } from "../util/jsonl.ts";
import { cardHeader } from "./card.ts";
import { readRows } from "./read-rows.ts";

/** Shapes that a dataset can be exported in. */
export const exportFormats = ["chat", "preference"] as const;
/** See {@link exportFormats}. */
export type ExportFormat = (typeof exportFormats)[number];

/** How many rows went where. */
export interface ExportFacts {
  readonly format: ExportFormat;
  readonly rows: { readonly train: number; readonly eval: number };
  /** Rows with nothing in common with their vulnerable side, so that there is no prompt. */
  readonly withoutPrompt: number;
}

const names: Readonly<Record<Language, string>> = { python: "Python", c: "C" };

/**
 * Writes `train.jsonl` and `eval.jsonl` in a format into a folder, from a dataset folder, and a card by which
 * Hugging Face `datasets` reads them.
 */
export async function exportDataset(
  dataset: string,
  out: string,
  format: ExportFormat,
): Promise<ExportFacts> {
  await mkdir(out, { recursive: true });
  const rows = { train: 0, eval: 0 };
  let withoutPrompt = 0;
  for (const part of ["train", "eval"] as const) {
    const target = join(out, `${part}.jsonl`);
    // It takes seconds: a part that an earlier attempt began is made anew.
    await rm(target, { force: true });
    const writer = await JsonLinesWriter.open(target);
    try {
      for await (const row of readRows(dataset, part)) {
        const record = format === "chat" ? conversation(row) : preference(row);
        if (record === undefined) {
          withoutPrompt++;
          continue;
        }
        await writer.append(record);
        rows[part]++;
      }
    } finally {
      await writer.close();
    }
  }
  if (rows.train + rows.eval === 0) throw nothingToWrite(dataset, withoutPrompt);
  await writeFileAtomic(join(out, "README.md"), exportCard(format, rows));
  return { format, rows, withoutPrompt };
}

const about: Readonly<Record<ExportFormat, string>> = {
  chat: "A line is a conversation: `messages` with what a user asks and the fixed program as the answer.",
  preference:
    "A line has what both programs begin with (`prompt`), the rest of the fixed one (`chosen`) and of the vulnerable one (`rejected`).",
};

/** Without the header, `eval.jsonl` would be taken for a split named `test`. */
function exportCard(format: ExportFormat, rows: ExportFacts["rows"]): string {
  const counts = `${rows.train} rows to train on, ${rows.eval} to evaluate on`;
  return `${cardHeader(rows, "jsonl")}# Secure code training data, ${format}\n\n${about[format]} ${counts}. Made by hexacoder dataset export.\n`;
}

function nothingToWrite(dataset: string, withoutPrompt: number): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `No row of ${dataset} can be written: ${withoutPrompt} have no line in common with their vulnerable side.`,
    remedy: "Export conversations (--format chat), or build the dataset of pairs whose programs begin alike.",
  });
}

const FENCE = "```";

/** A program's opening is shown, the whole program is the answer. */
function conversation(row: TrainingRow): unknown {
  const { prompt } = openingOf(row.text, row.changes[0]?.start ?? row.text.length);
  const asked =
    prompt === ""
      ? `Write a ${names[row.language]} program.`
      : `Complete this ${names[row.language]} program. Answer with the whole program.\n\n${fenced(row.language, prompt)}`;
  return {
    id: row.id,
    messages: [
      { role: "user", content: asked },
      { role: "assistant", content: fenced(row.language, row.text) },
    ],
  };
}

/** What both sides begin with is the prompt; the fixed rest is chosen, the vulnerable one rejected. */
function preference(row: TrainingRow): unknown {
  if (row.vulnerable === undefined) {
    throw new HexacoderError("bad-input", {
      message:
        "The dataset does not hold the programs before their fixes, which preference training rejects.",
      remedy: "Build it again with: hexacoder dataset build RUN… --vulnerable-side --out DIR",
    });
  }
  const rejected = row.vulnerable.text;
  const { prompt } = openingOf(row.text, sharedLength(row.text, rejected));
  if (prompt === "") return undefined;
  const rest = (text: string): string => text.slice(prompt.length);
  return { id: row.id, prompt, chosen: rest(row.text), rejected: rest(rejected) };
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** The whole lines before an offset: tokens of the prompt must not run into those of the answer. */
function openingOf(text: string, before: number): { prompt: string } {
  return { prompt: text.slice(0, text.lastIndexOf("\n", before - 1) + 1) };
}

function fenced(language: Language, text: string): string {
  return `${FENCE}${language}\n${text.trimEnd()}\n${FENCE}`;
}
