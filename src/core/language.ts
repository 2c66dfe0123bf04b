// Programming languages that hexacoder works on, and their file endings.
import { z } from "zod";

/** Languages of the programs that are scanned, repaired and generated. */
export const languages = ["python", "c"] as const;

/** Zod door for a language name. */
export const languageSchema = z.enum(languages);

/** A programming language. */
export type Language = z.infer<typeof languageSchema>;

const extensions = {
  python: [".py"],
  c: [".c", ".h", ".cc", ".cpp", ".cxx", ".hpp"],
} as const satisfies Record<Language, readonly string[]>;

/** The language of a file by its ending, or undefined for endings that we do not know. */
export function languageOf(path: string): Language | undefined {
  const lower = path.toLowerCase();
  return languages.find((language) => extensions[language].some((ending) => lower.endsWith(ending)));
}

/** The ending that files of a language are written with. */
export function extensionOf(language: Language): string {
  return extensions[language][0];
}
