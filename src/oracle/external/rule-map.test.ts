import { describe, expect, it } from "vitest";
import { parseCweId } from "../../core/cwe.ts";
import type { Report } from "./adapter.ts";
import { externalNames } from "./open.ts";
import { arrangeRuleMap, readRuleMap } from "./rule-map.ts";

const report = (rule: string, more: Partial<Report> = {}): Report => ({
  rule,
  message: "m",
  region: { startLine: 1 },
  columnKind: "utf8Bytes",
  weak: false,
  cwes: [],
  ...more,
});
const cwe = (number: number) => parseCweId(String(number));

describe.each(externalNames)("the map of %s", (name) => {
  it("is valid, and says a licence and a way to get the tool", async () => {
    const map = await readRuleMap(name);
    expect(map.engine).toBe(name);
    expect(map.get).not.toBe("");
  });

  it("names no rule behind one that takes it away", async () => {
    const { rules } = await readRuleMap(name);
    for (const entries of Object.values(rules)) {
      for (const [index, { rule, message }] of (entries ?? []).entries()) {
        const before = (entries ?? []).slice(0, index).filter((one) => one.message === undefined);
        const hidden = before.find((one) =>
          one.rule.endsWith("*") ? rule.startsWith(one.rule.slice(0, -1)) : one.rule === rule,
        );
        expect(hidden, `${rule} ${message ?? ""}`).toBeUndefined();
      }
    }
  });
});

describe("Bandit's misfilings", () => {
  it.each([
    { rule: "B307", filed: 78, ours: "CWE-94" },
    { rule: "B102", filed: 78, ours: "CWE-94" },
    { rule: "B314", filed: 20, ours: "CWE-611" },
    { rule: "B506", filed: 20, ours: "CWE-502" },
    { rule: "B701", filed: 94, ours: "CWE-79" },
    { rule: "B201", filed: 94, ours: "CWE-215" },
  ])("$rule, filed under CWE-$filed, is $ours", async ({ rule, filed, ours }) => {
    const map = arrangeRuleMap(await readRuleMap("bandit"));
    expect(map.meaningOf(report(rule, { cwes: [cwe(filed)] }), "python")?.cwes[0]).toBe(ours);
  });

  it.each(["B404", "B603", "B607", "B101", "B311"])("%s is no verdict", async (rule) => {
    const map = arrangeRuleMap(await readRuleMap("bandit"));
    expect(map.meaningOf(report(rule, { weak: true, cwes: [cwe(78)] }), "python")).toBeUndefined();
  });
});

describe("a report", () => {
  const map = arrangeRuleMap({
    weak: "advice",
    rules: {
      c: [
        { rule: "free", message: "twice", cwes: [cwe(415)], level: "error", as: "verdict" },
        { rule: "free", cwes: [cwe(416)], level: "warning", as: "verdict" },
        { rule: "style.*", level: "warning", as: "none" },
        { rule: "loud", cwes: [cwe(415)], level: "warning", as: "verdict", weak: "verdict" },
      ],
    },
  });

  it.each([
    {
      says: "is told apart by its message",
      it: report("free", { message: "freed twice" }),
      expected: ["CWE-415", "error"],
    },
    { says: "falls to the next entry", it: report("free"), expected: ["CWE-416", "warning"] },
    { says: "of low severity is advice", it: report("free", { weak: true }), expected: ["CWE-416", "note"] },
    {
      says: "of low severity may be a verdict",
      it: report("loud", { weak: true }),
      expected: ["CWE-415", "warning"],
    },
    {
      says: "of an unknown rule is advice where its CWE is covered",
      it: report("new", { cwes: [cwe(415)] }),
      expected: ["CWE-415", "note"],
    },
    {
      says: "of an unknown rule is nothing where it is not",
      it: report("new", { cwes: [cwe(79)] }),
      expected: undefined,
    },
    { says: "of style is nothing", it: report("style.names", { cwes: [cwe(415)] }), expected: undefined },
  ])("$says", ({ it: one, expected }) => {
    const meaning = map.meaningOf(one, "c");
    expect(meaning && [meaning.cwes[0], meaning.level]).toEqual(expected);
  });

  it("means nothing in a language that the tool does not read", () => {
    expect(map.meaningOf(report("free"), "python")).toBeUndefined();
    expect(map.covers("python")).toEqual([]);
    expect(map.covers("c")).toEqual(["CWE-415", "CWE-416"]);
  });
});
