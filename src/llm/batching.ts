// Many requests through one model: as many at once as it profits from, answers in the order of the requests.
import { mapOrdered } from "../util/ordered.ts";
import type { CompletionModel, CompletionRequest, CompletionResponse } from "./llm.ts";

/** How far a batch of requests has come. */
export interface BatchProgress {
  /** Requests answered. */
  readonly done: number;
  /** Requests in all, where that is known. */
  readonly total: number | undefined;
  /** Tokens generated so far. */
  readonly completionTokens: number;
}

/** How to run many requests. */
export interface BatchOptions<Item> {
  /** The model. */
  readonly model: CompletionModel;
  /** What to ask for an item. */
  readonly request: (item: Item) => CompletionRequest;
  /** Requests under way at once; what the model profits from when absent. */
  readonly concurrency?: number | undefined;
  /** How many items there are, for the progress. */
  readonly total?: number | undefined;
  /** Cancels what is under way. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each answer, in the order of arrival. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
}

/** An item and its answer. */
export interface Answered<Item> {
  readonly item: Item;
  readonly response: CompletionResponse;
}

/** Asks for each item and yields the answers in the order of the items; the first failure ends it. */
export async function* completeAll<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  options: BatchOptions<Item>,
): AsyncGenerator<Answered<Item>> {
  const { model, signal, onProgress } = options;
  // A failure or a reader that leaves must not wait for minutes of work that nobody wants.
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  let done = 0;
  let completionTokens = 0;
  const ask = async (item: Item): Promise<Answered<Item>> => {
    const response = await model.complete(options.request(item), { signal: both });
    done++;
    completionTokens += response.usage.completionTokens;
    onProgress?.({ done, total: options.total, completionTokens });
    return { item, response };
  };
  const answers = mapOrdered(items, options.concurrency ?? model.concurrency, async (item) => {
    try {
      return await ask(item);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  try {
    // By hand, since `for await` would wait for what is under way before our `finally` can cancel it.
    for (let next = await answers.next(); next.done !== true; next = await answers.next()) yield next.value;
  } finally {
    stop.abort();
    await answers.return(undefined);
  }
}
