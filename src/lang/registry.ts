// The languages that hexacoder works on, by name.
import type { Language } from "../core/language.ts";
import { loadC } from "./c.ts";
import type { LanguageSupport } from "./lang.ts";
import { loadPython } from "./python.ts";

const loaders = {
  python: loadPython,
  c: loadC,
} as const satisfies Record<Language, () => Promise<LanguageSupport>>;

/** Loads a language, once a process. */
export function loadLanguage(language: Language): Promise<LanguageSupport> {
  return loaders[language]();
}
