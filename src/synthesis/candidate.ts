// Programs that synthesis starts from, and where they come from. A source proposes them in a fixed
// order, so that a run that was cut short can go on where it stopped.
import { z } from "zod";
import { cweIdSchema } from "../core/cwe.ts";
import { languageSchema } from "../core/language.ts";
import { sourceRecordSchema } from "../core/pair.ts";

/** A program that may have a weakness. */
export const candidateSchema = z.object({
  /** Name of the program: the seed, file, row or request. */
  id: z.string().min(1),
  /** Its language. */
  language: languageSchema,
  /** The program. */
  code: z.string(),
  /** The weakness that it is meant to have; any when absent. */
  cwe: cweIdSchema.optional(),
  /** Where it came from. `family` groups programs that must not be split between training and evaluation. */
  source: sourceRecordSchema,
  /** The clean program that this one was made from: it is the repair, and nobody else is asked for one. */
  original: z.object({ text: z.string(), by: z.string().min(1) }).optional(),
});
/** See {@link candidateSchema}. */
export type Candidate = z.infer<typeof candidateSchema>;

/** What a source yields: a program, or why there is none. */
export type Proposal =
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  | {
      readonly kind: "unusable";
      /** The file, row or request. */
      readonly ref: string;
      /** `broken-line`, `without-code`, `not-text`, `too-large`, `empty-answer` … */
      readonly reason: string;
      /** A sentence with the particulars. */
      readonly detail: string;
    };

/** Proposes programs in an order that depends on its inputs alone. */
export interface CandidateSource {
  /** SHA-256 of what it reads, by name, for the manifest. */
  readonly inputs: Readonly<Record<string, string>>;
  /** How many proposals it will make, where that is known. */
  readonly size: number | undefined;
  /** The proposals, in order. */
  propose(signal: AbortSignal): AsyncIterable<Proposal>;
}

/** Several sources, one after the other. */
export function chainSources(sources: readonly CandidateSource[]): CandidateSource {
  const sizes = sources.map((source) => source.size);
  return {
    inputs: Object.assign({}, ...sources.map((source) => source.inputs)),
    size: sizes.reduce<number | undefined>((sum, size) => add(sum, size), 0),
    async *propose(signal) {
      for (const source of sources) yield* source.propose(signal);
    },
  };
}

/** The first `count` proposals of a source. */
export function limitSource(source: CandidateSource, count: number): CandidateSource {
  return {
    inputs: source.inputs,
    size: source.size === undefined ? count : Math.min(count, source.size),
    async *propose(signal) {
      let left = count;
      if (left <= 0) return;
      for await (const proposal of source.propose(signal)) {
        yield proposal;
        if (--left <= 0) return;
      }
    },
  };
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
