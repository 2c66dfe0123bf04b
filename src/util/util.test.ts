import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, hashOf } from "./hash.ts";
import { inBatches, mapOrdered } from "./ordered.ts";
import { runProcess, startProcess } from "./process.ts";
import { seededRandom, shuffled } from "./random.ts";
import { LineIndex } from "./text.ts";

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

describe("hashes", () => {
  it("do not depend on the order of keys, at any depth", () => {
    expect(hashOf({ a: 1, b: { c: 2, d: [3] } })).toBe(hashOf({ b: { d: [3], c: 2 }, a: 1 }));
  });
  it("depend on the order of lists", () => {
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });
  it("leave out undefined fields", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

describe("mapOrdered", () => {
  it("yields in input order and never runs more than the bound at once", async () => {
    let running = 0;
    let most = 0;
    const work = async (n: number): Promise<number> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (7 * n) % 5));
      running--;
      return n * n;
    };
    const results = await collect(mapOrdered([0, 1, 2, 3, 4, 5, 6, 7, 8], 3, work));
    expect(results).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64]);
    expect(most).toBe(3);
  });
  it("passes the first failure on and waits for what is under way", async () => {
    let finished = 0;
    const work = async (n: number): Promise<number> => {
      if (n === 1) throw new Error("one");
      await new Promise((resolve) => setTimeout(resolve, 5));
      return finished++;
    };
    await expect(collect(mapOrdered([0, 1, 2], 3, work))).rejects.toThrow("one");
    expect(finished).toBe(2);
  });
  it("groups into batches without losing the rest", async () => {
    expect(await collect(inBatches([1, 2, 3, 4, 5], 2))).toEqual([[1, 2], [3, 4], [5]]);
  });
});

describe("random numbers", () => {
  it("repeat for a seed and differ between seeds", () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
  it("shuffle into a permutation", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(), (items, seed) => {
        expect(shuffled(items, seededRandom(seed)).sort()).toEqual([...items].sort());
      }),
    );
  });
});

describe("line index", () => {
  it("finds its way back from every offset", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\n", "é", "😀", " ")), (parts) => {
        const text = parts.join("");
        const index = new LineIndex(text);
        for (let offset = 0; offset <= text.length; offset++) {
          const { line, column } = index.position(offset);
          expect(index.offset(line, column)).toBe(offset);
          expect(text.slice(0, offset).split("\n").length).toBe(line);
        }
      }),
    );
  });
});

describe("processes", () => {
  const node = (script: string): [string, ...string[]] => [process.execPath, "-e", script];

  it("hand on output, status and input without a shell", async () => {
    const result = await runProcess({
      command: [
        process.execPath,
        "-e",
        "process.stdin.pipe(process.stdout); process.exitCode = 3",
        "; echo $HOME",
      ],
      input: "hello",
    });
    expect(result).toMatchObject({ ok: false, exitCode: 3, ended: "by-itself", stdout: "hello" });
  });
  it.each([
    ["timed-out", { timeoutMs: 100 }],
    ["output-limit", { maxOutputBytes: 10 }],
    ["cancelled", { signal: AbortSignal.timeout(100) }],
  ])("end %s, with their children", async (ended, limits) => {
    const endless = node("setInterval(() => console.log('0123456789'.repeat(9)), 5)");
    expect(await runProcess({ command: endless, ...limits })).toMatchObject({ ok: false, ended });
  });
  it("that cannot be started are a result, not an exception", async () => {
    expect(await runProcess({ command: ["/no/such/program"] })).toMatchObject({
      ok: false,
      ended: "not-started",
    });
  });
  it("that run on are stopped by closing their input", async () => {
    const lines: string[] = [];
    const running = startProcess({
      command: node("console.log('up'); process.stdin.on('end', () => process.exit(0)).resume()"),
      onStdoutLine: (line) => lines.push(line),
    });
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await running.stop()).toMatchObject({ ok: true, exitCode: 0 });
  });
});
