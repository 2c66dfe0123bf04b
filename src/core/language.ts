// Programming languages that hexacoder works on, and their file endings.
import { z } from "zod";

/** Languages of the programs that are scanned, repaired and generated. */
export const languages = ["python", "c"] as const;

/** Zod door for a language name. */
export const languageSchema = z.enum(languages);

/** A programming language. */
export type Language = z.infer<typeof languageSchema>;

/**
 * Further languages that benchmarks have tasks in. Nothing here parses them: programs are cut at their braces
 * and judged by the tasks' own tests alone.
 */
const testedLanguages = ["javascript", "go"] as const;

/** Zod door for a task's language. */
export const taskLanguageSchema = z.enum([...languages, ...testedLanguages]);

/** The language of a task. */
export type TaskLanguage = z.infer<typeof taskLanguageSchema>;

/** Whether programs of a task can be parsed and analysed here. */
export function isAnalysed(language: TaskLanguage): language is Language {
  return languages.some((known) => known === language);
}

/** The language by whose rules a task's program is cut: its own, or C's for others with braces. */
export function cutAs(language: TaskLanguage): Language {
  return isAnalysed(language) ? language : "c";
}

const extensions = {
  python: [".py"],
  c: [".c", ".h", ".cc", ".cpp", ".cxx", ".hpp"],
  javascript: [".js"],
  go: [".go"],
} as const satisfies Record<TaskLanguage, readonly string[]>;

/** The language of a file by its ending, or undefined for endings that we do not know. */
export function languageOf(path: string): Language | undefined {
  const lower = path.toLowerCase();
  return languages.find((language) => extensions[language].some((ending) => lower.endsWith(ending)));
}

/** The ending that files of a language are written with. */
export function extensionOf(language: TaskLanguage): string {
  return extensions[language][0];
}
