import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addEdits, applyEdits, type Edit, replace, wrap } from "./edits.ts";

describe("applyEdits", () => {
  it.each([
    { what: "nothing", edits: [], expected: "abcdef" },
    { what: "a replacement", edits: [replace({ start: 1, end: 3 }, "X")], expected: "aXdef" },
    { what: "an insertion at the end", edits: [replace({ start: 6, end: 6 }, "!")], expected: "abcdef!" },
    {
      what: "edits in any order",
      edits: [replace({ start: 4, end: 5 }, "Y"), ...wrap({ start: 0, end: 2 }, "(", ")")],
      expected: "(ab)cdYf",
    },
  ])("applies $what", ({ edits, expected }) => {
    expect(applyEdits("abcdef", edits)).toBe(expected);
  });

  it("keeps the order of insertions at one place", () => {
    const list = ["1", "2", "3"].map((text) => replace({ start: 2, end: 2 }, text));
    expect(applyEdits("abcd", list)).toBe("ab123cd");
  });

  it("refuses edits that overlap", () => {
    expect(() =>
      applyEdits("abcd", [replace({ start: 0, end: 2 }, "x"), replace({ start: 1, end: 3 }, "y")]),
    ).toThrow();
  });

  it("leaves everything outside of the edits as it was", () => {
    const spans = fc.array(fc.tuple(fc.nat(30), fc.nat(4), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(fc.string({ minLength: 40, maxLength: 60 }), spans, (text, wanted) => {
        const kept: Edit[] = [];
        for (const [start, length, added] of wanted)
          addEdits(kept, [{ start, end: start + length, text: added }]);
        const removed = kept.reduce((sum, { start, end }) => sum + end - start, 0);
        const added = kept.reduce((sum, edit) => sum + edit.text.length, 0);
        const result = applyEdits(text, kept);
        expect(result).toHaveLength(text.length - removed + added);
        expect(result.endsWith(text.slice(34))).toBe(true);
      }),
    );
  });
});

describe("addEdits", () => {
  it("takes the same edit once", () => {
    const list: Edit[] = [];
    const edit = replace({ start: 1, end: 2 }, "x");
    expect([addEdits(list, [edit]), addEdits(list, [{ ...edit }]), list.length]).toEqual([true, true, 1]);
  });

  it("adds all of them or none", () => {
    const list = [replace({ start: 4, end: 6 }, "x")];
    expect(addEdits(list, [replace({ start: 0, end: 1 }, "a"), replace({ start: 5, end: 8 }, "b")])).toBe(
      false,
    );
    expect(list).toHaveLength(1);
  });
});
