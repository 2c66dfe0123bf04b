// answers.jsonl of a run folder: everything that models were asked and said, under a hash of the whole request.
// It is the cache that a resumed run reads, and the books: a line `sent` before a request leaves, `answered` or
// `lost` after it. A request that was sent and never heard of again counts as paid in full.
import { open } from "node:fs/promises";
import { z } from "zod";
import { type Usage, usageSchema } from "../core/completion.ts";
import { JsonLinesWriter, readJsonLines } from "../util/jsonl.ts";

const lineSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sent"), key: z.string(), model: z.string(), most: usageSchema }),
  z.object({
    kind: z.literal("answered"),
    key: z.string(),
    model: z.string(),
    usage: usageSchema,
    answer: z.unknown(),
  }),
  z.object({ kind: z.literal("lost"), key: z.string(), model: z.string(), usage: usageSchema }),
]);

/** What was paid, by an earlier run on this folder. */
export interface Paid {
  readonly model: string;
  readonly usage: Usage;
  /** Without an answer. */
  readonly lost: boolean;
  /** Tries that it was paid for. */
  readonly requests: number;
}

/** See the file's head. */
export interface AnswerLog {
  /** What was paid before this process began. */
  readonly paid: readonly Paid[];
  /** The answer to a request, where there is one. */
  get(key: string): Promise<unknown>;
  /** Says that a request is about to leave. */
  sent(key: string, model: string, most: Usage): Promise<void>;
  /** Keeps an answer. */
  answered(key: string, entry: { model: string; usage: Usage; answer: unknown }): Promise<void>;
  /** Says that a try ended without an answer; no usage where it was not charged. */
  lost(key: string, model: string, usage: Usage): Promise<void>;
  /** Forces everything to the disk and closes. */
  close(): Promise<void>;
}

/** Opens the log of a run folder and adds up what earlier runs paid. */
export async function openAnswerLog(path: string): Promise<AnswerLog> {
  const writer = await JsonLinesWriter.open(path);
  const { places, paid, end } = await readLog(path);
  const reader = await open(path, "r");
  let size = end;
  const append = async (key: string, line: z.input<typeof lineSchema>): Promise<void> => {
    const length = Buffer.byteLength(JSON.stringify(line)) + 1;
    const place = { start: size, length };
    size += length;
    await writer.append(line);
    if (line.kind === "answered") places.set(key, place);
  };
  return {
    paid,
    get: async (key) => {
      const place = places.get(key);
      if (place === undefined) return undefined;
      const { buffer } = await reader.read(Buffer.alloc(place.length), 0, place.length, place.start);
      const line = lineSchema.parse(JSON.parse(buffer.toString("utf8")));
      return line.kind === "answered" ? line.answer : undefined;
    },
    sent: (key, model, most) => append(key, { kind: "sent", key, model, most }),
    answered: (key, entry) => append(key, { kind: "answered", key, ...entry }),
    lost: (key, model, usage) => append(key, { kind: "lost", key, model, usage }),
    close: async () => {
      await reader.close();
      await writer.close();
    },
  };
}

interface Place {
  readonly start: number;
  readonly length: number;
}

/** Answers stay on the disk: only their places are kept, so that memory does not grow with them. */
async function readLog(path: string): Promise<{ places: Map<string, Place>; paid: Paid[]; end: number }> {
  const places = new Map<string, Place>();
  const open = new Map<string, Paid>();
  const totals = new Map<string, Paid>();
  let end = 0;
  for await (const read of readJsonLines(path)) {
    const text = read.kind === "value" ? JSON.stringify(read.value) : read.text;
    const length = Buffer.byteLength(text) + 1;
    const line = lineSchema.safeParse(read.kind === "value" ? read.value : undefined).data;
    if (line?.kind === "sent")
      open.set(line.key, { model: line.model, usage: line.most, lost: true, requests: 1 });
    else if (line !== undefined) {
      open.delete(line.key);
      addTo(totals, { model: line.model, usage: line.usage, lost: line.kind === "lost", requests: 1 });
      if (line.kind === "answered") places.set(line.key, { start: end, length });
    }
    end += length;
  }
  return { places, paid: [...totals.values(), ...open.values()], end };
}

function addTo(totals: Map<string, Paid>, { model, usage, lost, requests }: Paid): void {
  const name = `${model} ${lost}`;
  const known = totals.get(name);
  const before = known?.usage ?? { promptTokens: 0, completionTokens: 0 };
  const sum = {
    promptTokens: before.promptTokens + usage.promptTokens,
    completionTokens: before.completionTokens + usage.completionTokens,
  };
  totals.set(name, { model, usage: sum, lost, requests: requests + (known?.requests ?? 0) });
}
