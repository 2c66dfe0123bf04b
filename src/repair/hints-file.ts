// Hints of the user's own, for `--hints`: other wordings of the catalogue's, to compare them.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type CweId, tryParseCweId } from "../core/cwe.ts";
import { HexacoderError, readError } from "../core/errors.ts";
import { type Language, languageSchema } from "../core/language.ts";
import { parseYaml } from "../util/yaml.ts";
import { hintFor, type WeaknessHint } from "./hints.ts";

/** Finds the hint for a weakness. */
export type Hints = (cwe: CweId, language: Language) => WeaknessHint | undefined;

const fileSchema = z.record(
  z.string().transform((text, context) => {
    const id = tryParseCweId(text);
    if (id === undefined) context.addIssue({ code: "custom", message: `"${text}" is not a CWE` });
    return id ?? z.NEVER;
  }),
  z.union([z.string().min(1), z.partialRecord(languageSchema, z.string().min(1))]),
);

/**
 * Hints from a YAML or JSON file, `CWE-78: text` or `CWE-78: {python: text, c: text}`; what it does not name
 * keeps the catalogue's.
 */
export async function readHints(path: string): Promise<Hints> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw readError(path, cause);
  });
  const own = parseHints(path, text);
  return (cwe, language) => {
    const known = hintFor(cwe, language);
    const entry = own.get(cwe);
    const hint = typeof entry === "string" ? entry : entry?.[language];
    return hint === undefined ? known : { name: known?.name ?? cwe, hint: hint.replace(/\s+/g, " ").trim() };
  };
}

type Entry = string | Partial<Record<Language, string>>;

function parseHints(path: string, text: string): Map<string, Entry> {
  try {
    const entries = fileSchema.parse(parseYaml(text));
    return new Map(Object.entries(entries));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, " ") : String(cause);
    throw new HexacoderError("bad-input", {
      message: `${path} is not a file of hints: ${why}.`,
      remedy: "Write lines such as `CWE-78: Start programs with a list of arguments.`",
      cause,
    });
  }
}
