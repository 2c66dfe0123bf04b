import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SourceFile } from "../../core/finding.ts";
import type { Adapter, Answers, CallContext, Look } from "./adapter.ts";
import { lookAtAll } from "./divide.ts";
import { arrangeRuleMap } from "./rule-map.ts";

const context: CallContext = {
  tool: { path: "/none", version: "1" },
  env: {},
  limits: { baseMs: 0, perProgramMs: 0, memoryBytes: 0 },
  signal: undefined,
};
const LOOKED: Look = { status: "looked", reports: [] };
const failed = (culprit?: SourceFile): Answers => ({
  looks: new Map(),
  failure: { reason: "tool-failed", detail: "broken", ...(culprit === undefined ? {} : { culprit }) },
});

/** An adapter that answers as `answer` says, and counts its calls. */
function adapterOf(
  answer: (files: readonly SourceFile[]) => Answers,
  batch = 100,
): Adapter & { calls: number } {
  return {
    name: "fake",
    map: arrangeRuleMap({ rules: {}, weak: "advice" }),
    settings: "",
    batch,
    limits: context.limits,
    harmless: { python: "harmless" },
    calls: 0,
    async look(files) {
      this.calls++;
      return answer(files);
    },
  };
}

const programs = (texts: readonly string[]): SourceFile[] =>
  texts.map((text, index) => ({ path: `${index}.py`, language: "python", text }));
const isBad = ({ text }: SourceFile): boolean => text === "bad";
const allLooked = (files: readonly SourceFile[]): Answers => ({
  looks: new Map(files.map((file) => [file, LOOKED])),
});

const texts = fc.array(fc.constantFrom("good", "good", "good", "bad"), { maxLength: 40 });

describe("a call that fails", () => {
  it("costs exactly the programs at which it fails", async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 50 }), async (list, batch) => {
        const files = programs(list);
        const adapter = adapterOf((some) => (some.some(isBad) ? failed() : allLooked(some)), batch);
        const looks = await lookAtAll(files, adapter, context);
        expect(files.map((file) => looks.get(file)?.status)).toEqual(
          list.map((text) => (text === "bad" ? "unscanned" : "looked")),
        );
      }),
    );
  });

  it("keeps what it had answered, and blames nobody wrongly", async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async (list, blamesFirst) => {
        const files = programs(list);
        const adapter = adapterOf((some) => {
          const at = some.findIndex(isBad);
          if (at < 0) return allLooked(some);
          const done = some.slice(0, blamesFirst ? 0 : at);
          return { ...failed(some[blamesFirst ? 0 : at]), looks: allLooked(done).looks };
        });
        const looks = await lookAtAll(files, adapter, context);
        expect(files.map((file) => looks.get(file)?.status)).toEqual(
          list.map((text) => (text === "bad" ? "unscanned" : "looked")),
        );
      }),
    );
  });

  it("is not tried for ever when the tool is broken", async () => {
    const adapter = adapterOf(() => failed());
    const files = programs(Array.from({ length: 1000 }, () => "good"));
    const looks = await lookAtAll(files, adapter, context);
    expect(adapter.calls).toBe(2); // the programs, and the harmless one
    expect([...looks.values()].every(({ status }) => status === "unscanned")).toBe(true);
  });

  it("is not tried for ever when almost every program breaks it", async () => {
    const files = programs(Array.from({ length: 3000 }, () => "bad"));
    const adapter = adapterOf((some) => (some.some(isBad) ? failed() : allLooked(some)), 3000);
    const looks = await lookAtAll(files, adapter, context);
    expect(looks.size).toBe(3000);
    expect(adapter.calls).toBeLessThan(100);
  });

  it("says so for programs that the tool passes over in silence", async () => {
    const files = programs(["good", "bad"]);
    const adapter = adapterOf((some) => allLooked(some.filter((file) => !isBad(file))));
    const looks = await lookAtAll(files, adapter, context);
    expect(files.map((file) => looks.get(file))).toMatchObject([
      { status: "looked" },
      { status: "unscanned", reason: "tool-failed" },
    ]);
  });
});
