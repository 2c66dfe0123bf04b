import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitByFamily } from "./split.ts";

describe("splitting", () => {
  it("never parts a family and gives every weakness its share", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 40, maxLength: 200 }), fc.nat(), (families, seed) => {
        const rows = families.map((family, i) => ({
          family: `f${family}`,
          row: {
            id: `${i}`,
            text: `${family}`,
            changes: [],
            language: "python" as const,
            source: { kind: "t", ref: "" },
          },
        }));
        const split = splitByFamily(rows, { evalShare: 0.2, seed });
        expect(split.train.length + split.eval.length).toBe(rows.length);
        const inEval = new Set(split.eval.map((row) => row.text));
        expect(split.train.every((row) => !inEval.has(row.text))).toBe(true);
      }),
    );
  });
});
