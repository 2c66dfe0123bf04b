// How items flow from stage to stage: each stage works ahead of the one that reads it, within bounds, so
// that a model is asked for the next program while earlier ones are judged. Order never depends on timing.

/** Something that can be waited for again and again. */
class Signal {
  #wake: (() => void) | undefined;
  #woken = false;

  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Resolves at the next wake; at once where one came since the last wait. */
  async wait(): Promise<void> {
    if (!this.#woken) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#woken = false;
  }
}

/** What is passed from one stage to the next. */
interface Pipe<T> {
  readonly items: T[];
  readonly reader: Signal;
  readonly writer: Signal;
  ended: boolean;
  stopped: boolean;
  failure: { readonly error: unknown } | undefined;
}

function newPipe<T>(): Pipe<T> {
  return {
    items: [],
    reader: new Signal(),
    writer: new Signal(),
    ended: false,
    stopped: false,
    failure: undefined,
  };
}

/** Reads a source as fast as `hasRoom` allows; what it throws is kept until everything before it was read. */
async function pump<In, T>(
  source: AsyncIterable<In> | Iterable<In>,
  pipe: Pipe<T>,
  { hasRoom, take }: { hasRoom: () => boolean; take: (item: In) => void },
): Promise<void> {
  try {
    for await (const item of source) {
      take(item);
      pipe.reader.wake();
      while (!hasRoom() && !pipe.stopped) await pipe.writer.wait();
      if (pipe.stopped) break;
    }
  } catch (error) {
    pipe.failure = { error };
  }
  pipe.ended = true;
  pipe.reader.wake();
}

/**
 * Groups items into arrays of what is there, at most `most`; reads ahead by at most `ahead` items. Items that
 * come slowly are not kept waiting for a full group.
 */
export async function* gathered<T>(
  source: AsyncIterable<T> | Iterable<T>,
  { most, ahead }: { readonly most: number; readonly ahead: number },
): AsyncGenerator<T[]> {
  const pipe = newPipe<T>();
  const reading = pump(source, pipe, {
    hasRoom: () => pipe.items.length < ahead,
    take: (item) => pipe.items.push(item),
  });
  try {
    for (;;) {
      while (pipe.items.length < most && !pipe.ended) {
        if (pipe.items.length === 0) await pipe.reader.wait();
        // One turn for a fast source to go on: groups of one would cost more than they are worth.
        const before = pipe.items.length;
        await new Promise((resolve) => setImmediate(resolve));
        if (pipe.items.length === before && before > 0) break;
      }
      const group = pipe.items.splice(0, most);
      pipe.writer.wake();
      if (group.length > 0) yield group;
      else if (pipe.failure !== undefined) throw pipe.failure.error;
      else if (pipe.ended) return;
    }
  } finally {
    pipe.stopped = true;
    pipe.writer.wake();
    await reading;
  }
}

interface Slot<Out> {
  result: { readonly value: Out } | { readonly error: unknown } | undefined;
}

/**
 * Applies `work` to each item, at most `atOnce` at the same time, and yields results in the order of the items.
 * Up to `window` items may be ahead of the reader, so that one slow item does not hold up the others.
 */
export async function* mapAhead<In, Out>(
  source: AsyncIterable<In> | Iterable<In>,
  { atOnce, window }: { readonly atOnce: number; readonly window: number },
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const pipe = newPipe<Slot<Out>>();
  const running = new Set<Promise<void>>();
  const start = (item: In): void => {
    const slot: Slot<Out> = { result: undefined };
    pipe.items.push(slot);
    const task = settle(work(item), slot).then(() => {
      running.delete(task);
      pipe.reader.wake();
      pipe.writer.wake();
    });
    running.add(task);
  };
  const hasRoom = (): boolean => running.size < atOnce && pipe.items.length < window;
  const reading = pump(source, pipe, { hasRoom, take: start });
  try {
    for (;;) {
      const [first] = pipe.items;
      if (first === undefined && pipe.ended) break;
      if (first?.result === undefined) {
        await pipe.reader.wait();
        continue;
      }
      pipe.items.shift();
      pipe.writer.wake();
      if ("error" in first.result) throw first.result.error;
      yield first.result.value;
    }
    if (pipe.failure !== undefined) throw pipe.failure.error;
  } finally {
    // A reader that stops early must not leave work running behind its back.
    pipe.stopped = true;
    pipe.writer.wake();
    await Promise.all([reading, ...running]);
  }
}

async function settle<Out>(promise: Promise<Out>, slot: Slot<Out>): Promise<void> {
  try {
    slot.result = { value: await promise };
  } catch (error) {
    slot.result = { error };
  }
}
