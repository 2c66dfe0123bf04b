// The languages that hexacoder works on, by name.
import { HexacoderError } from "../core/errors.ts";
import type { Language } from "../core/language.ts";
import type { LanguageSupport } from "./lang.ts";
import { loadPython } from "./python.ts";

const loaders = {
  python: loadPython,
  c: unsupported,
} as const satisfies Record<Language, () => Promise<LanguageSupport>>;

/** Loads a language, once a process; throws `unsupported-language` for one that is not there yet. */
export function loadLanguage(language: Language): Promise<LanguageSupport> {
  return loaders[language]();
}

async function unsupported(): Promise<LanguageSupport> {
  throw new HexacoderError("unsupported-language", {
    message: "C programs cannot be worked on yet.",
    remedy: "Use Python programs; C follows in a later version.",
  });
}
