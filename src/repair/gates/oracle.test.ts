// An oracle's verdict on a repair: the weakness is gone, and no other has come.
import { describe, expect, it } from "vitest";
import { parseCweId } from "../../core/cwe.ts";
import { finding, oracleOf } from "./gates.testing.ts";
import { oracleGate } from "./oracle.ts";

describe("oracle gate", () => {
  const file = { path: "p.py", language: "python" as const, text: "before" };
  const request = { file, candidate: "after", cwe: parseCweId("22") };
  const weak = [finding("22", 1)];
  it.each([
    { what: "a clean repair", answers: { before: weak, after: [] }, expected: "passed" },
    { what: "the weakness still there", answers: { before: weak, after: weak }, expected: "failed" },
    { what: "a new weakness", answers: { before: weak, after: [finding("79", 2)] }, expected: "failed" },
    {
      what: "another weakness that was there before",
      answers: { before: [...weak, finding("79", 1)], after: [finding("79", 2)] },
      expected: "passed",
    },
    { what: "new advice", answers: { before: weak, after: [finding("79", 2, "note")] }, expected: "passed" },
    {
      what: "a repair that it could not look at",
      answers: { before: weak, after: "unscanned" as const },
      expected: "failed",
    },
  ])("$expected with $what", async ({ answers, expected }) => {
    expect((await oracleGate(oracleOf(answers), request, {})).status).toBe(expected);
  });

  it("has no verdict on a weakness that the oracle does not look for", async () => {
    expect((await oracleGate(oracleOf({}, ["79"]), request, {})).status).toBe("not-applicable");
  });
});
