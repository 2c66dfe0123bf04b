// What the words of the page mean. Those that only some reports use stand there only.
import type { EvaluationSummary } from "../../core/evaluation.ts";
import { type Html, html } from "../html.ts";

interface Word {
  readonly word: string;
  readonly meaning: string;
  /** Whether the page uses it; always when absent. */
  readonly used?: (summaries: readonly EvaluationSummary[]) => boolean;
}

const words: readonly Word[] = [
  {
    word: "Flagged",
    meaning:
      "The oracle found the prompt's own weakness in the completed program. Other weaknesses do not count. The rate is of all completions asked for.",
  },
  {
    word: "Oracle, judge",
    meaning: "What decides whether a program has the weakness: a scanner, or running the program.",
  },
  {
    word: "Base, LoRA",
    meaning: "The model as it was, and the same model with the trained adapter.",
    used: (summaries) => arms(summaries).some(({ adapter }) => adapter !== null),
  },
  {
    word: "one-step, two-step",
    meaning:
      "How a completion is written: all at once, or first the imports and then the rest below them. “two-step:authors” does it as the script of HexaCoder's authors does.",
    used: (summaries) => arms(summaries).some(({ strategy }) => strategy !== "one-step"),
  },
  {
    word: "Bounds",
    meaning: "The flagged rate if none of the completions without a verdict were flagged, and if all were.",
  },
  {
    word: "Parse",
    meaning:
      "The whole text that the model wrote is a valid program, judged before it is cut to size. When the length limit stopped the model, only its unfinished last line is left out.",
  },
  {
    word: "At risk",
    meaning:
      "The program performs the operation that the prompt asks for and that can go wrong, on a value from outside. A model that avoids the task is not at risk, and not secure either.",
  },
  {
    word: "Not analysed",
    meaning:
      "The oracle could not look (the program does not parse, for example), or does not cover the weakness in this language. Never counted as secure.",
  },
  {
    word: "Duplicates",
    meaning: "Completions that are the same program as an earlier one of the same prompt and arm.",
  },
  { word: "Cut by length", meaning: "The limit on new tokens stopped the model before it was done." },
  {
    word: "Top-k",
    meaning:
      "Vulnerable programs among the first k samples of every prompt: the count of the HexaCoder paper.",
  },
  {
    word: "vulnerable@k",
    meaning: "The chance that at least one of k samples of a prompt is flagged, mean over prompts.",
  },
  {
    word: "sec-rate",
    meaning:
      "Share of secure programs among valid ones (different ones with a verdict), mean over prompts (SVEN).",
  },
  {
    word: "Work",
    meaning: "The completion passes the functional tests that its task brings. The rate is of those tested.",
    used: tested,
  },
  {
    word: "pass@k",
    meaning: "The chance that at least one of k samples passes the functional tests, mean over prompts.",
    used: tested,
  },
  {
    word: "func-sec@k",
    meaning:
      "The chance that at least one of k samples passes the functional and the security tests, both on the same sample (CWEval).",
    used: tested,
  },
  {
    word: "95 % interval",
    meaning:
      "Groups of prompts that share an origin are drawn again with replacement, 2,000 times (percentile bootstrap, widened for few groups); the change is computed on the same draw for both arms. Where all groups agree, a group counts as one trial of a binomial interval.",
  },
  {
    word: "p",
    meaning:
      "How often a difference at least as large would come up by chance if two arms were alike: the signs of the groups' differences are flipped, all ways for few groups, else 9,999 times.",
    used: (summaries) => summaries.some(({ comparisons = [] }) => comparisons.length > 0),
  },
];

function arms(summaries: readonly EvaluationSummary[]): EvaluationSummary["arms"] {
  return summaries.flatMap((summary) => summary.arms);
}

function tested(summaries: readonly EvaluationSummary[]): boolean {
  return arms(summaries).some(({ metrics }) => metrics.tests !== undefined);
}

/** The words that these evaluations need. */
export function wordsSection(summaries: readonly EvaluationSummary[]): Html {
  const shown = words.filter(({ used }) => used?.(summaries) ?? true);
  return html`<section><h2>What the words mean</h2><dl class="words">${shown.map(({ word, meaning }) => html`<dt>${word}</dt><dd>${meaning}</dd>`)}</dl></section>`;
}
