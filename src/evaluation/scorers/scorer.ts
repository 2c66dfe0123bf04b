// A scorer says one thing of each completion. What it cannot say is `unscored`, with the reason
// in the detail: never a zero, never a pass.
import type { Completion, Score, Task } from "../../core/completion.ts";

/** A completion with the task that it answers. */
export interface Scorable {
  /** The task. */
  readonly task: Task;
  /** The completion. */
  readonly completion: Completion;
}

/** Says one thing of each completion. */
export interface Scorer {
  /** The name that its scores carry, such as `parse`. */
  readonly name: string;
  /** Name with version; goes into the manifest. */
  readonly identity: string;
  /** True when it must see every completion in order, scored already or not. */
  readonly watchesAll: boolean;
  /** Completions in one batch that it works best with, where starting it is dear; absent: any number. */
  readonly batch?: number;
  /** Scores a batch, in order. */
  score(batch: readonly Scorable[], options?: { signal?: AbortSignal }): Promise<Score[]>;
}
