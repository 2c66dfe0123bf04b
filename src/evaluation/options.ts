// Where an evaluation works, whom it tells, and how it is stopped.

/** How far an evaluation is. */
export interface EvaluationProgress {
  /** What is being done. */
  readonly phase: "generate" | "score";
  /** Completions done, those of earlier runs included. */
  readonly done: number;
  /** Completions in all. */
  readonly total: number;
  /** Index of the arm under way, for `generate`. */
  readonly arm?: number;
}

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** The run folder, opened already. */
  readonly folder: string;
  /** Told after every prompt. */
  readonly onProgress?: (progress: EvaluationProgress) => void;
  /** Told once of lines that were no records: they are made again. */
  readonly onBroken?: (lines: number) => void;
  /** Cancels; what was finished is kept. */
  readonly signal?: AbortSignal;
}
