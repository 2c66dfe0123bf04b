// 200,000 broken programs: every prefix of 200 programs, and the rest changed at random. Each gets an
// answer, the same one twice. HEXACODER_FUZZ_PROGRAMS changes the number, HEXACODER_FUZZ_SEED the seed.
import { describe, expect, it } from "vitest";
import { createBuiltinOracle } from "../../src/oracle/engines/builtin.ts";
import { fuzzOracle } from "../support/fuzz-oracle.ts";
import { mutatedPrograms, realPrograms } from "../support/mutated-programs.ts";

const wanted = Number(process.env.HEXACODER_FUZZ_PROGRAMS ?? 200_000);
const seed = Number(process.env.HEXACODER_FUZZ_SEED ?? 1);
const options = { threatModels: ["remote" as const] };

describe("the builtin oracle", () => {
  it(`answers ${wanted} broken programs, each the same way twice`, async () => {
    const oracles = { first: await createBuiltinOracle(options), second: await createBuiltinOracle(options) };
    const programs = realPrograms();
    // Half of the programs at most are prefixes: one of a program resembles the next.
    const sizes = programs.map(({ text }) => text.length).sort((a, b) => a - b);
    const prefixes = (count: number): number => sizes.slice(0, count).reduce((sum, size) => sum + size, 0);
    let truncated = Math.min(200, sizes.length);
    while (prefixes(truncated) > wanted / 2) truncated--;
    const started = Date.now();
    let left = wanted;
    const outcome = await fuzzOracle(
      mutatedPrograms(programs, { truncated, random: wanted, seed }),
      oracles,
      () => left-- <= 0,
    );
    const { scanned, findings } = outcome;
    console.log(
      `${outcome.programs} programs (every prefix of ${truncated}), ${scanned} scanned, ${findings} findings, ${Math.round((Date.now() - started) / 1000)} s`,
    );
    expect(outcome).toMatchObject({ programs: wanted, failures: [] });
  });
});
