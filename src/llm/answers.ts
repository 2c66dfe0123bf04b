// What a model's answer holds: programs, a refusal, or nothing that can be used. Models were asked for a
// program and nothing else; they also write fences, greetings, several versions, or stop in the middle.
import type { FinishReason } from "../core/completion.ts";
import { type FencedBlock, fencedBlocks } from "./fences.ts";

/** What an answer holds. */
export type Answer =
  /** Whole programs, in the order in which they stand. */
  | { readonly kind: "programs"; readonly programs: readonly string[] }
  /** The model, or the service in front of it, would not. */
  | { readonly kind: "refused"; readonly detail: string }
  /** The program was cut off at the limit of tokens. */
  | { readonly kind: "truncated"; readonly detail: string }
  /** Neither a program nor a refusal. */
  | { readonly kind: "no-program"; readonly detail: string };

/** An answer as it came. */
export interface RawAnswer {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** Why there is no text, for `error`. */
  readonly detail?: string | undefined;
}

/** How to read it. */
export interface ReadAnswerOptions {
  /** Whether a text is a whole program of the language asked for. */
  readonly parses: (text: string) => boolean;
  /** Names that the language has in fences; other fences (a template, a shell session) are no programs of it. */
  readonly fenceNames: readonly string[];
}

// Services answer within megabytes; a program of this size is none that anyone asked for.
const MOST_CHARACTERS = 262_144;
const REFUSAL =
  /^\W*(?:(?:I['’]?m|I am)\s+(?:very\s+)?(?:sorry|unable|not able|afraid)|sorry\b|I\s+(?:can['’]?t|cannot|can not|won['’]?t|will not|must decline|decline)\b|(?:unfortunately,?\s+)?I\s+(?:can['’]?t|cannot)\b|as an AI\b)/i;

/** Reads an answer. Programs that do not parse are none, except where nothing else is there and it was fenced. */
export function readAnswer(answer: RawAnswer, options: ReadAnswerOptions): Answer {
  const { finishReason, detail } = answer;
  if (finishReason === "content-filter") return refused(detail ?? "The service's filter stopped the answer.");
  if (finishReason === "error") return noProgram(detail ?? "The service gave no answer.");
  const text = withoutThoughts(answer.text).replace(/\r\n?/g, "\n");
  if (text.length > MOST_CHARACTERS) return noProgram(`The answer has ${text.length} characters.`);
  const blocks = fencedBlocks(text);
  const cut = finishReason === "length";
  const whole = blocks.filter((block) => block.closed || !cut);
  const programs = programsOf(whole, options);
  if (programs.length > 0) return { kind: "programs", programs };
  if (cut) return { kind: "truncated", detail: "The answer was cut off at the limit of tokens." };
  // Without a fence that helps: what stands before the first one, or all of it.
  const bare = bareProgram(text.split(/^[ \t]*(?:`{3,}|~{3,})/m)[0] ?? "", options.parses);
  if (bare !== undefined) return { kind: "programs", programs: [bare] };
  const start = text.trim().slice(0, 200);
  if (REFUSAL.test(start)) return refused(firstSentence(start));
  return noProgram(start === "" ? "The answer is empty." : "The answer holds no program that parses.");
}

function programsOf(blocks: readonly FencedBlock[], { parses, fenceNames }: ReadAnswerOptions): string[] {
  const named = blocks.filter(({ name }) => name === "" || fenceNames.includes(name));
  const texts = named.map(({ text }) => text).filter((text) => text.trim() !== "" && parses(text));
  return [...new Set(texts.map(tidy))];
}

function refused(detail: string): Answer {
  return { kind: "refused", detail };
}

function noProgram(detail: string): Answer {
  return { kind: "no-program", detail };
}

/** Reasoning models of local servers put their thoughts in front. */
function withoutThoughts(text: string): string {
  return text.replace(/^\s*<think(?:ing)?>[\s\S]*?(?:<\/think(?:ing)?>|$)/i, "");
}

const MOST_PARAGRAPHS = 5;

/** The program in an answer without fences: paragraphs of prose before and after it are left out. */
function bareProgram(text: string, parses: (text: string) => boolean): string | undefined {
  const paragraphs = text.trim().split(/\n[ \t]*\n/);
  for (let dropped = 0; dropped <= 2 * MOST_PARAGRAPHS && dropped < paragraphs.length; dropped++) {
    for (let first = Math.min(dropped, MOST_PARAGRAPHS); first >= 0; first--) {
      const last = dropped - first;
      if (last > MOST_PARAGRAPHS) continue;
      const rest = paragraphs.slice(first, paragraphs.length - last).join("\n\n");
      if (looksLikeCode(rest) && parses(rest)) return tidy(rest);
    }
  }
  return undefined;
}

/** A lone word parses as a program in Python: what is taken for one has a call, an assignment or an import. */
function looksLikeCode(text: string): boolean {
  return /[=({;]|^\s*(?:import|from)\s/m.test(text);
}

function tidy(text: string): string {
  return `${text.replace(/^(?:[ \t]*\n)+/, "").trimEnd()}\n`;
}

function firstSentence(text: string): string {
  return /^[^.!?\n]*[.!?]?/.exec(text)?.[0] ?? text;
}
