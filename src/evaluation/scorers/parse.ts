// `parse`: whether what the model wrote is a program, judged before anything was cut from it to
// size. A model that the length limit stopped was stopped in mid-line: only then is the text
// after the last newline left out; whatever else is unfinished counts as not parsing, and so does
// a completion that the model could not give.
import type { Completion, Score } from "../../core/completion.ts";
import { isAnalysed, type Language } from "../../core/language.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import type { Scorer } from "./scorer.ts";

/** Makes the scorer; `load` gives the parser of a language. */
export function parseScorer(load: (language: Language) => Promise<LanguageSupport>): Scorer {
  const scorer = "parse";
  return {
    name: scorer,
    identity: "parse@1",
    watchesAll: false,
    score: async (batch) => {
      const scores: Score[] = [];
      for (const { task, completion } of batch) {
        const { text, dropped } = judgedText(completion);
        if (!isAnalysed(task.language)) {
          const detail = { reason: "unsupported-language" };
          scores.push({ completionId: completion.id, scorer, value: "unscored", detail });
          continue;
        }
        const language = await load(task.language);
        scores.push({
          completionId: completion.id,
          scorer,
          value: completion.finishReason !== "error" && language.parses(text),
          detail: { droppedCharacters: dropped },
        });
      }
      return scores;
    },
  };
}

/** The text that is judged, and how many UTF-16 code units of an unfinished last line were left out. */
export function judgedText({ uncut, finishReason }: Pick<Completion, "uncut" | "finishReason">): {
  text: string;
  dropped: number;
} {
  if (finishReason !== "length") return { text: uncut, dropped: 0 };
  const text = uncut.slice(0, uncut.lastIndexOf("\n") + 1);
  return { text, dropped: uncut.length - text.length };
}
