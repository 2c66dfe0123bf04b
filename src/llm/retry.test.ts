import { describe, expect, it } from "vitest";
import type { Clock } from "./clock.ts";
import { type FailureKind, ProviderFailure } from "./failure.ts";
import { Lane } from "./lane.ts";
import { withRetries } from "./retry.ts";

/** A clock that jumps. */
function fakeClock(): Clock & { slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}

const failure = (kind: FailureKind, retryAfterMs?: number): ProviderFailure =>
  new ProviderFailure({ kind, said: "", mayBePaid: false, retryAfterMs });

describe("trying again", () => {
  it("waits as long as the service asks, else ever longer", async () => {
    const clock = fakeClock();
    const failures = [failure("busy", 7000), failure("busy"), failure("unreachable"), failure("timeout")];
    const once = async () => {
      const next = failures.shift();
      if (next !== undefined) throw next;
      return "done";
    };
    expect(await withRetries(once, undefined, { clock, random: () => 1 })).toBe("done");
    expect(clock.slept).toEqual([7000, 1000, 2000, 4000]);
  });

  it.each([
    { kind: "busy" as const, tries: 6 },
    { kind: "bad-answer" as const, tries: 3 },
    { kind: "key" as const, tries: 1 },
    { kind: "model" as const, tries: 1 },
    { kind: "bad-request" as const, tries: 1 },
  ])("ends after $tries tries that fail with $kind", async ({ kind, tries }) => {
    let tried = 0;
    const once = async () => {
      tried++;
      throw failure(kind);
    };
    await expect(withRetries(once, undefined, { clock: fakeClock() })).rejects.toBeInstanceOf(
      ProviderFailure,
    );
    expect(tried).toBe(tries);
  });

  it("does not wait for hours", async () => {
    const clock = fakeClock();
    const once = () => Promise.reject(failure("busy", 7_200_000));
    await expect(withRetries(once, undefined, { clock })).rejects.toBeInstanceOf(ProviderFailure);
    expect(clock.slept).toEqual([]);
  });
});

describe("a lane", () => {
  it("never has more than its bound under way", async () => {
    const lane = new Lane({ concurrency: 3 });
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, () => lane.run(1, work, undefined)));
    expect(most).toBe(3);
  });

  it("spreads requests and tokens over the minute", async () => {
    const clock = fakeClock();
    const starts: number[] = [];
    const lane = new Lane({ concurrency: 1, requestsPerMinute: 60, tokensPerMinute: 600 }, clock);
    const work = async () => starts.push(clock.now());
    for (const tokens of [1, 30, 1, 1]) await lane.run(tokens, work, undefined);
    expect(starts).toEqual([0, 1000, 4000, 5000]);
  });

  it("stays closed for as long as the service asked", async () => {
    const clock = fakeClock();
    const lane = new Lane({ concurrency: 2 }, clock);
    lane.pause(5000);
    expect(await lane.run(1, async () => clock.now(), undefined)).toBe(5000);
  });

  it("lets others in where one gave up waiting", async () => {
    const lane = new Lane({ concurrency: 1 });
    const controller = new AbortController();
    let release = (): void => undefined;
    const first = lane.run(1, () => new Promise<void>((resolve) => (release = resolve)), undefined);
    const gone = lane.run(1, async () => "never", controller.signal);
    const last = lane.run(1, async () => "in", undefined);
    controller.abort();
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await first;
    await expect(gone).rejects.toMatchObject({ name: "AbortError" });
    expect(await last).toBe("in");
  });
});
