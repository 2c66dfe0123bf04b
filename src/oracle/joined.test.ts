import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import { joinOracles } from "./joined.ts";
import { parseOracleSpec } from "./joined-spec.ts";
import type { SecurityOracle } from "./oracle.ts";
import { openOracle } from "./registry.ts";

const cwe = (n: number): CweId => parseCweId(String(n));

function fake(name: string, covers: number[], answer: number[] | "parse-error"): SecurityOracle {
  const covered = covers.map(cwe);
  const region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 };
  const findings = (answer === "parse-error" ? [] : answer).map(
    (n): Finding => ({ ruleId: `${name}/${n}`, cwes: [cwe(n)], level: "error", message: "m", region }),
  );
  return {
    identity: name,
    covers: () => covered,
    scan: async (files) =>
      files.map(
        ({ path }): ScanResult =>
          answer === "parse-error"
            ? { status: "unscanned", path, reason: answer }
            : { status: "scanned", path, findings, covers: covered },
      ),
  };
}

const file = { path: "a.py", language: "python" as const, text: "" };

const name = (identities: readonly string[]): string => identities.join();

async function joined(needed: number, ...oracles: SecurityOracle[]): Promise<ScanResult | undefined> {
  return (await joinOracles(oracles, { needed, name }).scan([file]))[0];
}

describe("joined oracles", () => {
  it.each([
    { rule: "any", needed: 1, a: [78], b: [79], found: [78, 79], covers: [22, 78, 79] },
    { rule: "all", needed: 2, a: [78], b: [79], found: [], covers: [78] },
    { rule: "all", needed: 2, a: [78], b: [78], found: [78], covers: [78] },
    // What the other does not cover is no agreement.
    { rule: "all", needed: 2, a: [22], b: [], found: [], covers: [78] },
  ] as const)("$rule of $a and $b finds $found", async ({ needed, a, b, found, covers }) => {
    const result = await joined(needed, fake("a", [22, 78], [...a]), fake("b", [78, 79], [...b]));
    if (result?.status !== "scanned") throw new Error("not scanned");
    expect(result.findings.map(({ cwes }) => cwes[0])).toEqual(found.map(cwe));
    expect(result.covers).toEqual(covers.map(cwe));
  });

  it("covers only what those that looked cover, when one could not look", async () => {
    const result = await joined(1, fake("a", [22], "parse-error"), fake("b", [78], []));
    expect(result).toMatchObject({ status: "scanned", covers: [cwe(78)] });
  });

  it("needs every one of them for all", async () => {
    const result = await joined(2, fake("a", [78], "parse-error"), fake("b", [78], [78]));
    expect(result).toMatchObject({ status: "unscanned", reason: "parse-error" });
  });
});

describe("a quorum", () => {
  const three = (a: number[], b: number[], c: number[]): SecurityOracle[] => [
    fake("a", [22, 78], a),
    fake("b", [78], b),
    fake("c", [78, 89], c),
  ];

  it.each([
    { a: [78], b: [78], c: [], found: [78] },
    { a: [78], b: [], c: [], found: [] },
    // One that covers it alone cannot be two.
    { a: [22], b: [], c: [89], found: [] },
  ])("of two flags $found where they find $a, $b, $c", async ({ a, b, c, found }) => {
    const result = await joined(2, ...three(a, b, c));
    if (result?.status !== "scanned") throw new Error("not scanned");
    expect(result.findings.map(({ cwes }) => cwes[0])).toEqual(found.map(cwe));
    expect(result.covers).toEqual([cwe(78)]);
  });

  it("is still one when a third could not look, and none when a second could not either", async () => {
    const broken = fake("x", [78], "parse-error");
    const [a] = three([78], [], []);
    const [, b] = three([], [78], []);
    if (a === undefined || b === undefined) throw new Error("no oracles");
    expect(await joined(2, a, b, broken)).toMatchObject({
      status: "scanned",
      findings: [{ ruleId: "a/78" }],
    });
    expect(await joined(2, a, broken, broken)).toMatchObject({ status: "unscanned" });
  });

  const answers = fc.array(fc.subarray([22, 78, 89]), { minLength: 1, maxLength: 5 });
  const oraclesOf = (found: number[][]): SecurityOracle[] =>
    found.map((one, index) => fake(`o${index}`, [22, 78, 89], one));

  async function flagged(
    needed: number,
    oracles: readonly SecurityOracle[],
  ): Promise<Set<string | undefined>> {
    const result = await joined(needed, ...oracles);
    if (result?.status !== "scanned") throw new Error("not scanned");
    return new Set(result.findings.map(({ cwes }) => cwes[0]));
  }

  it("flags what at least so many flag, neither more nor less, in any order of the oracles", async () => {
    await fc.assert(
      fc.asyncProperty(answers, fc.nat(), async (found, pick) => {
        const needed = 1 + (pick % found.length);
        const expected = [22, 78, 89].filter((n) => found.filter((one) => one.includes(n)).length >= needed);
        const oracles = oraclesOf(found);
        expect(await flagged(needed, oracles)).toEqual(new Set(expected.map(cwe)));
        expect(await flagged(needed, [...oracles].reverse())).toEqual(new Set(expected.map(cwe)));
      }),
    );
  });

  it("that asks for more flags no more, and covers no more", async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (found) => {
        for (let needed = 1; needed < found.length; needed++) {
          const [weak, strong] = [needed, needed + 1].map((n) =>
            joinOracles(oraclesOf(found), { needed: n, name }),
          );
          if (weak === undefined || strong === undefined) throw new Error("no oracles");
          const more = await flagged(needed, oraclesOf(found));
          for (const one of await flagged(needed + 1, oraclesOf(found))) expect(more.has(one)).toBe(true);
          for (const one of strong.covers("python")) expect(weak.covers("python")).toContain(one);
        }
      }),
    );
  });
});

describe("specs of oracles", () => {
  it.each([
    { text: "a", names: ["a"], needed: 1, written: "a" },
    { text: "a + b", names: ["a", "b"], needed: 1, written: "a+b" },
    { text: "a&b&c", names: ["a", "b", "c"], needed: 3, written: "a&b&c" },
    { text: "2of:a+b+c", names: ["a", "b", "c"], needed: 2, written: "2of:a+b+c" },
    { text: "majority:a+b+c+d", names: ["a", "b", "c", "d"], needed: 3, written: "3of:a+b+c+d" },
    { text: "majority:a", names: ["a"], needed: 1, written: "1of:a" },
  ])("$text needs $needed of $names", ({ text, names, needed, written }) => {
    const reading = parseOracleSpec(text);
    if (!reading.ok) throw new Error(reading.why);
    expect(reading.spec).toMatchObject({ names, needed });
    expect(reading.spec.write(reading.spec.names)).toBe(written);
  });

  it.each(["a+b&c", "0of:a+b", "3of:a+b", "2of:a&b", "2of:a+a"])("%j is none", (text) => {
    expect(parseOracleSpec(text).ok).toBe(false);
  });

  it("come back as they were written", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, fc.nat(), (all, pick) => {
        const text = `${1 + (pick % all.length)}of:${all.join("+")}`;
        const reading = parseOracleSpec(text);
        expect(reading.ok && reading.spec.write(reading.spec.names)).toBe(text);
      }),
    );
  });
});

describe("oracles by name", () => {
  it.each([
    "bandti",
    "builtin+nothing",
    "",
    "builtin+builtin&builtin",
    "3of:builtin+bandit",
    "2of:builtin+bandti",
  ])("refuses %j and lists the good ones", async (spec) => {
    const opening = openOracle(spec, { threatModels: ["remote"] });
    await expect(opening).rejects.toMatchObject({ code: "unknown-oracle" });
  });

  it("opens builtin and joins of it", async () => {
    const one = await openOracle("builtin", { threatModels: ["remote"] });
    const two = await openOracle("builtin & builtin", { threatModels: ["remote"] });
    expect(two.identity).toBe(`${one.identity}&${one.identity}`);
    expect(two.covers("python")).toEqual(one.covers("python"));
  });
});
