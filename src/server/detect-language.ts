// Which language a text is in, by how its lines begin and end. A prompt stops in the middle, so that no parser
// can be asked; the answer is Python, C, or that it cannot be told.
import type { Language } from "../core/language.ts";

const signs = {
  python: [
    /^\s*(?:async\s+)?(?:def|class|if|elif|for|while|with|except|match|case)\b.*:\s*(?:#.*)?$/,
    /^\s*(?:else|try|finally)\s*:\s*(?:#.*)?$/,
    /^\s*(?:import\s+[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+)*|from\s+[\w.]+\s+import\s.+)\s*(?:#.*)?$/,
    /^\s*@[\w.]+(?:\(.*\))?\s*$/,
    /^\s*(?:return|yield|raise|pass|print\()(?:.*[^;{}\s])?\s*$/,
  ],
  c: [
    /^\s*#\s*(?:include|define|ifdef|ifndef|if|endif|pragma|undef)\b/,
    /^\s*(?:static\s+|extern\s+|const\s+|unsigned\s+|struct\s+)*(?:void|int|char|long|short|size_t|float|double|bool|FILE|u?int\d+_t|struct\s+\w+)\b[\s*]+\w+.*[;{,)]\s*$/,
    /^\s*(?:if|for|while|switch)\s*\(.*\)\s*\{?\s*$/,
    /^\s*(?:\w+(?:->|\.))*\w+\s*(?:\(.*\)|[-+*/|&]?=[^=].*);\s*(?:\/\/.*|\/\*.*)?$/,
    /^\s*return\b.*;\s*$/,
    /^\s*[{}];?\s*$/,
  ],
} as const satisfies Record<Language, readonly RegExp[]>;

/** What the lines say. */
export interface LanguageGuess {
  /** The language that more lines speak for. */
  readonly language: Language;
  /** How many of the lines that are not blank do, from 0 to 1. */
  readonly share: number;
  /** How many. */
  readonly lines: number;
}

// The beginning tells; a prompt may hold a megabyte.
const MOST_LINES = 500;
const LONGEST_LINE = 400;

/** Guesses the language; undefined where nothing speaks for either. */
export function guessLanguage(text: string): LanguageGuess | undefined {
  const lines = text
    .split(/\r?\n/, MOST_LINES)
    .filter((line) => line.trim() !== "" && line.length < LONGEST_LINE);
  const count = (language: Language): number =>
    lines.filter((line) => signs[language].some((sign) => sign.test(line))).length;
  const python = count("python");
  const c = count("c");
  if (python === 0 && c === 0) return undefined;
  const language = c > python ? "c" : "python";
  const most = Math.max(python, c);
  return { language, share: most / lines.length, lines: most };
}
