// What a model costs: a table as data, which the user brings. None ships filled in, since prices change and a
// wrong one is worse than none: without a price a cost is unknown, never zero.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Usage } from "../core/completion.ts";
import { HexacoderError, readError } from "../core/errors.ts";
import { resource } from "../util/resources.ts";

const priceSchema = z.strictObject({
  /** The model as `--model` takes it; a `*` at the end stands for any rest. */
  model: z.string().min(1),
  /** Dollars for a million tokens of prompt. */
  inputUsdPerMillionTokens: z.number().min(0),
  /** Dollars for a million new tokens. */
  outputUsdPerMillionTokens: z.number().min(0),
  /** The day on which the price was looked up. */
  date: z.iso.date(),
  /** Where it was looked up. */
  source: z.string().optional(),
});
/** The price of a model. */
export type Price = z.infer<typeof priceSchema>;

const tableSchema = z.strictObject({ prices: z.array(priceSchema) });

/** Reads a price table; the one that ships when no file is named. */
export async function readPrices(
  path: string = resource("data", "prices", "prices.json"),
): Promise<readonly Price[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw readError(path, cause);
  });
  try {
    return tableSchema.parse(JSON.parse(text)).prices;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, " ") : String(cause);
    throw new HexacoderError("bad-input", {
      message: `${path} is not a table of prices: ${why}.`,
      remedy:
        'Write {"prices": [{"model": "openai:NAME", "inputUsdPerMillionTokens": 1, "outputUsdPerMillionTokens": 2, "date": "2026-01-31"}]}.',
      cause,
    });
  }
}

/** The price of a model: the entry that names it, else the longest pattern that fits it. */
export function priceOf(model: string, prices: readonly Price[]): Price | undefined {
  const fitting = prices.filter(({ model: name }) =>
    name.endsWith("*") ? model.startsWith(name.slice(0, -1)) : name === model,
  );
  const rank = ({ model: name }: Price): number =>
    name.endsWith("*") ? name.length : Number.POSITIVE_INFINITY;
  return fitting.sort((a, b) => rank(b) - rank(a))[0];
}

/** Dollars for these tokens; undefined without a price. */
export function costOf(
  { promptTokens, completionTokens }: Usage,
  price: Price | undefined,
): number | undefined {
  if (price === undefined) return undefined;
  const { inputUsdPerMillionTokens: input, outputUsdPerMillionTokens: output } = price;
  return (promptTokens * input + completionTokens * output) / 1e6;
}
