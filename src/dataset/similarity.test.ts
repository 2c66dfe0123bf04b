import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jaccard, NearDuplicateIndex, shinglesOf } from "./similarity.ts";

describe("similarity", () => {
  it("finds a program that differs in one word and not another program", () => {
    const index = new NearDuplicateIndex(0.7);
    const text = Array.from({ length: 80 }, (_, i) => `word${i % 37} = f${i}()`).join("\n");
    index.add(text);
    index.add("def other():\n    return 1\n");
    expect(index.near(text.replace("word5 ", "word_five "))).toEqual([0]);
    expect(index.near("class A:\n    pass\n")).toEqual([]);
  });
  it("measures sets as defined", () => {
    const [a, b] = [new Set([1, 2, 3]), new Set([2, 3, 4, 5])];
    expect(jaccard(a, b)).toBe(2 / 5);
    expect(shinglesOf("x").size).toBe(1);
  });

  const word = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
  const program = fc.array(word, { minLength: 30, maxLength: 80 });

  it("finds every planted near-duplicate, whatever came in between", () => {
    fc.assert(
      fc.property(
        program,
        fc.array(program, { maxLength: 20 }),
        fc.nat(),
        word,
        (words, others, at, other) => {
          const changed = words.with(at % words.length, other).join(" ");
          // One word of so many is in five shingles of them: the threshold is set where they still count as near.
          const threshold = 0.65;
          const near = jaccard(shinglesOf(words.join(" ")), shinglesOf(changed)) >= threshold;
          const index = new NearDuplicateIndex(threshold);
          const number = index.add(words.join(" "));
          for (const one of others) index.add(one.join(" "));
          expect(index.near(changed).includes(number)).toBe(near);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("always finds an exact copy, layout aside", () => {
    fc.assert(
      fc.property(program, (words) => {
        const index = new NearDuplicateIndex(1);
        index.add(words.join(" "));
        expect(index.near(words.join("\n  "))).toEqual([0]);
      }),
      { numRuns: 30 },
    );
  });

  it("finds the same pairs in whatever order programs come", () => {
    fc.assert(
      fc.property(fc.array(program, { maxLength: 12 }), fc.nat(), (programs, turn) => {
        const texts = [...programs, ...programs.map((words) => words.slice(1))].map((words) =>
          words.join(" "),
        );
        const pairs = (order: readonly string[]): string[] => {
          const index = new NearDuplicateIndex(0.8);
          return order
            .flatMap((text) => {
              const found = index.near(text).map((number) => [order[number] ?? "", text].sort().join(" | "));
              index.add(text);
              return found;
            })
            .sort();
        };
        const from = turn % (texts.length + 1);
        expect(pairs([...texts.slice(from), ...texts.slice(0, from)].reverse())).toEqual(pairs(texts));
      }),
      { numRuns: 25 },
    );
  });
});
