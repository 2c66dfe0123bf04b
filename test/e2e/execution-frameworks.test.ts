// The execution oracle on handlers of each web framework, the real ones, asked without a socket; and on programs of
// every family in styles of their own (classes, decorators, data classes, generators, coroutines).
import { afterAll, describe, expect, it } from "vitest";
import { createExecutionOracle } from "../../src/oracle/execution/oracle.ts";
import { groupedFixtures } from "../support/execution-fixtures.ts";

const oracle = await createExecutionOracle({ threatModels: ["remote"], jobs: 2 });
afterAll(() => oracle.close());
const fixtures = [...groupedFixtures("frameworks"), ...groupedFixtures("styles")];

describe.each([...new Set(fixtures.map(({ group }) => group))])("%s", (group) => {
  const own = fixtures.filter((fixture) => fixture.group === group);

  it("has at least five programs of each kind", () => {
    for (const kind of ["exploited", "resisted"]) {
      expect(own.filter(({ expected }) => expected === kind).length).toBeGreaterThanOrEqual(5);
    }
  });

  it("is exploited where it is weak and nowhere else", async () => {
    const wrong = await Promise.all(
      own.map(async ({ text, expected, family, name, miss }) => {
        const { families, overall } = await oracle.examine(text);
        const verdict = families.get(family) ?? overall;
        const said = verdict.kind === "absent" ? "resisted" : verdict.kind;
        return said === expected || miss !== undefined
          ? []
          : [`${family}, ${name}: ${JSON.stringify(verdict)}`];
      }),
    );
    expect(wrong.flat()).toEqual([]);
  });
});
