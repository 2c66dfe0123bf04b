// A small share of the fuzzing in test/soak/oracle-fuzz.test.ts, in every run.
import { describe, expect, it } from "vitest";
import { createBuiltinOracle } from "../../src/oracle/engines/builtin.ts";
import { fuzzOracle } from "../support/fuzz-oracle.ts";
import { mutatedPrograms, realPrograms } from "../support/mutated-programs.ts";

const options = { threatModels: ["remote" as const] };
const oracles = { first: await createBuiltinOracle(options), second: await createBuiltinOracle(options) };

describe("the builtin oracle", () => {
  it("answers 5,000 broken programs, each the same way twice", async () => {
    // Short ones, for the time it takes; the soak takes all.
    const short = realPrograms().filter(({ text }) => text.length < 1_200);
    const programs = mutatedPrograms(short, { truncated: 3, random: 6_000, seed: 1 });
    let left = 5_000;
    const outcome = await fuzzOracle(programs, oracles, () => left-- <= 0);
    expect(outcome).toMatchObject({ programs: 5_000, failures: [] });
    // Enough must still be programs, or nothing was tried.
    expect(outcome.scanned).toBeGreaterThan(200);
    expect(outcome.findings).toBeGreaterThan(100);
  }, 300_000);

  it("would be caught giving two answers, or none", async () => {
    const one = { path: "a.py", language: "python" as const, text: "print(1)\n" };
    let calls = 0;
    const unsteady = {
      ...oracles.first,
      identity: "x",
      covers: () => [],
      scan: async () => [
        { status: "unscanned" as const, path: "a.py", reason: "timeout" as const, detail: String(calls++) },
      ],
    };
    expect((await fuzzOracle([one], { first: unsteady, second: unsteady })).failures).toMatchObject([
      { why: "two answers" },
    ]);
    const broken = { ...unsteady, scan: () => Promise.reject(new Error("a trap")) };
    expect((await fuzzOracle([one], { first: broken, second: broken })).failures[0]?.why).toContain("a trap");
  });
});
