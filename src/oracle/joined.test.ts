import { describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import { type JoinRule, joinOracles } from "./joined.ts";
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

async function joined(rule: JoinRule, ...oracles: SecurityOracle[]): Promise<ScanResult | undefined> {
  return (await joinOracles(oracles, rule).scan([file]))[0];
}

describe("joined oracles", () => {
  it.each([
    { rule: "any", a: [78], b: [79], found: [78, 79], covers: [22, 78, 79] },
    { rule: "all", a: [78], b: [79], found: [], covers: [78] },
    { rule: "all", a: [78], b: [78], found: [78], covers: [78] },
    // What the other does not cover is no agreement.
    { rule: "all", a: [22], b: [], found: [], covers: [78] },
  ] as const)("$rule of $a and $b finds $found", async ({ rule, a, b, found, covers }) => {
    const result = await joined(rule, fake("a", [22, 78], [...a]), fake("b", [78, 79], [...b]));
    if (result?.status !== "scanned") throw new Error("not scanned");
    expect(result.findings.map(({ cwes }) => cwes[0])).toEqual(found.map(cwe));
    expect(result.covers).toEqual(covers.map(cwe));
  });

  it("covers only what those that looked cover, when one could not look", async () => {
    const result = await joined("any", fake("a", [22], "parse-error"), fake("b", [78], []));
    expect(result).toMatchObject({ status: "scanned", covers: [cwe(78)] });
  });

  it("needs every one of them for all", async () => {
    const result = await joined("all", fake("a", [78], "parse-error"), fake("b", [78], [78]));
    expect(result).toMatchObject({ status: "unscanned", reason: "parse-error" });
  });
});

describe("oracles by name", () => {
  it.each(["bandti", "builtin+nothing", "", "builtin+builtin&builtin"])(
    "refuses %j and lists the good ones",
    async (spec) => {
      const opening = openOracle(spec, { threatModels: ["remote"] });
      await expect(opening).rejects.toMatchObject({ code: "unknown-oracle" });
    },
  );

  it("opens builtin and joins of it", async () => {
    const one = await openOracle("builtin", { threatModels: ["remote"] });
    const two = await openOracle("builtin & builtin", { threatModels: ["remote"] });
    expect(two.identity).toBe(`${one.identity}&${one.identity}`);
    expect(two.covers("python")).toEqual(one.covers("python"));
  });
});
