// A benchmark: prompts to be continued, with the weakness that each invites. A manifest in
// data/benchmarks/ describes one; a loader a kind of layout reads it. Nothing here knows a name.
import type { Task } from "../../core/completion.ts";
import type { Language } from "../../core/language.ts";

/** A benchmark, loaded and checked. */
export interface Benchmark {
  /** Its name, as `--benchmark` takes it. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Name and content hash, such as `hexabench@3f2a91c0d4e5f601`; goes into manifests and reports. */
  readonly identity: string;
  /** Language of all its prompts. */
  readonly language: Language;
  /** SPDX identifier or a short statement. */
  readonly licence: string;
  /** What a reader of the figures must know, for example that rules were developed on it. */
  readonly remarks: readonly string[];
  /** What its authors sample. */
  readonly defaults: {
    /** Samples a prompt. */
    readonly samples: number;
    /** Most new tokens a completion. */
    readonly maxTokens: number;
  };
  /** The prompts, sorted by id. */
  readonly tasks: readonly Task[];
}
