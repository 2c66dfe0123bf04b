// Many things at once, in order: work is started up to a bound ahead of the reader, and results
// come out in the order of the inputs, so that what is written does not depend on timing.

/** Applies `work` to each item, at most `concurrency` at once, and yields results in input order. */
export async function* mapOrdered<In, Out>(
  items: AsyncIterable<In> | Iterable<In>,
  concurrency: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const pending: Promise<Out>[] = [];
  try {
    for await (const item of items) {
      pending.push(guarded(work(item)));
      if (pending.length >= concurrency) yield await next(pending);
    }
    while (pending.length > 0) yield await next(pending);
  } finally {
    // A reader that stops early must not leave work running behind its back.
    await Promise.allSettled(pending);
  }
}

/** Groups items into arrays of at most `size`. */
export async function* inBatches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function next<Out>(pending: Promise<Out>[]): Promise<Out> {
  const first = pending.shift();
  if (first === undefined) throw new Error("nothing is pending");
  return await first;
}

function guarded<Out>(promise: Promise<Out>): Promise<Out> {
  // The failure is read in order, later; until then it must not count as unhandled.
  promise.catch(() => undefined);
  return promise;
}
