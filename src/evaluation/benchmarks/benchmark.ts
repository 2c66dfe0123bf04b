// A benchmark: prompts to be continued, with the weakness that each invites. A manifest in
// data/benchmarks/ describes one; a loader a kind of layout reads it. Nothing here knows a name.
import type { Task } from "../../core/completion.ts";
import type { TaskLanguage } from "../../core/language.ts";
import type { TaskProbes } from "../../oracle/execution/task-probes.ts";

/** A benchmark, loaded and checked. */
export interface Benchmark {
  /** Its name, as `--benchmark` takes it. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Name and content hash, such as `hexabench@3f2a91c0d4e5f601`; goes into manifests and reports. */
  readonly identity: string;
  /** Language of all its prompts. */
  readonly language: TaskLanguage;
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
  /** Its own solutions by task, where it has some: a safe one must pass wherever a verdict is to mean anything. */
  readonly solutions?: ReadonlyMap<string, Solutions>;
  /** What is sent to a program that answers a task, and what working and exploited answers show. */
  readonly probes?: TaskProbes;
  /** Oracles that were developed on it: their verdicts on it flatter them. */
  readonly developedOn?: readonly string[];
}

/** Programs that a benchmark's makers wrote for a task. */
export interface Solutions {
  /** Whole program that passes all tests. */
  readonly safe: string;
  /** Whole program that passes all but the security tests. */
  readonly unsafe?: string;
}
