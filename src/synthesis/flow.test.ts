import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gathered, mapAhead } from "./flow.ts";

const pause = (turns: number): Promise<void> =>
  turns === 0 ? Promise.resolve() : new Promise((resolve) => setImmediate(() => resolve(pause(turns - 1))));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

/** Items that come after so many turns each; the source fails at its end if told to. */
async function* slow(delays: readonly number[], failing = false): AsyncGenerator<number> {
  for (const [index, turns] of delays.entries()) {
    await pause(turns);
    yield index;
  }
  if (failing) throw new Error("the source failed");
}

const delays = fc.array(fc.nat(4), { maxLength: 40 });
const bound = fc.integer({ min: 1, max: 9 });

describe("gathered", () => {
  it("hands over every item once, in order, in groups that are never empty or too large", async () => {
    await fc.assert(
      fc.asyncProperty(delays, bound, bound, async (turns, most, ahead) => {
        const groups = await all(gathered(slow(turns), { most, ahead }));
        expect(groups.flat()).toEqual(turns.map((_, index) => index));
        for (const group of groups) {
          expect(group.length).toBeGreaterThan(0);
          expect(group.length).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it("hands over what came before a failure, then throws it", async () => {
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const group of gathered(slow([0, 1, 2], true), { most: 2, ahead: 8 })) seen.push(...group);
    };
    await expect(read()).rejects.toThrow("the source failed");
    expect(seen).toEqual([0, 1, 2]);
  });

  it("does not wait for a full group where items come slowly", async () => {
    const groups = await all(gathered(slow([0, 9, 9]), { most: 64, ahead: 64 }));
    expect(groups.length).toBeGreaterThan(1);
  });

  it("stops reading when its reader stops", async () => {
    let read = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) {
          await pause(1);
          yield read++;
        }
      } finally {
        closed = true;
      }
    }
    for await (const _group of gathered(endless(), { most: 2, ahead: 4 })) break;
    expect(closed).toBe(true);
    expect(read).toBeLessThan(10);
  });
});

describe("mapAhead", () => {
  it("keeps the order, works on no more than so many at once, and runs no further ahead than it may", async () => {
    await fc.assert(
      fc.asyncProperty(delays, bound, bound, async (turns, atOnce, more) => {
        const window = atOnce + more;
        let running = 0;
        let started = 0;
        let given = 0;
        const out = mapAhead(turns.entries(), { atOnce, window }, async ([index, turn]) => {
          running++;
          started++;
          expect(running).toBeLessThanOrEqual(atOnce);
          expect(started - given).toBeLessThanOrEqual(window + 1);
          await pause(turn);
          running--;
          return index;
        });
        const seen: number[] = [];
        for await (const index of out) {
          given++;
          seen.push(index);
        }
        expect(seen).toEqual(turns.map((_, index) => index));
      }),
    );
  });

  it("goes on with others while the first one takes its time", async () => {
    const started: number[] = [];
    let release: () => void = () => undefined;
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const out = mapAhead([0, 1, 2, 3, 4, 5], { atOnce: 2, window: 4 }, async (item) => {
      started.push(item);
      if (item === 0) await first;
      return item;
    });
    const reading = all(out);
    await pause(20);
    expect(started).toEqual([0, 1, 2, 3]);
    release();
    expect(await reading).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("gives what came before a failure, in order, then throws it, and leaves nothing running", async () => {
    let running = 0;
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      const out = mapAhead([0, 1, 2, 3, 4], { atOnce: 3, window: 3 }, async (item) => {
        running++;
        await pause(5 - item);
        running--;
        if (item === 2) throw new Error("the work failed");
        return item;
      });
      for await (const item of out) seen.push(item);
    };
    await expect(read()).rejects.toThrow("the work failed");
    expect(seen).toEqual([0, 1]);
    expect(running).toBe(0);
  });
});
