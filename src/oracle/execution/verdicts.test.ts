import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resource } from "../../util/resources.ts";
import {
  type EntryReport,
  type HarnessReport,
  harnessModules,
  loadProbes,
  type Outcome,
  parseReport,
} from "./harness.ts";
import { judgeRun } from "./verdicts.ts";

const { families } = loadProbes();
const ok: Outcome = { state: "ok", mimetype: "", body: "", error: "", error_type: "", error_line: 0 };
const failed: Outcome = {
  ...ok,
  state: "failed",
  error_type: "NameError",
  error: "name 'x' is not defined",
  error_line: 3,
};
const refused: Outcome = { ...ok, state: "refused", status: 403 };
const exploit = { evidence: "ran it", line: 4, payload: "; x", input: "args host" };

interface Part {
  readonly reached?: boolean;
  readonly benign?: Outcome;
  readonly exploited?: boolean;
  readonly finished?: boolean;
  readonly ended?: string;
}

function entry(part: Part): EntryReport {
  const { reached = true, benign = ok, exploited = false, finished = true, ended = "" } = part;
  const family = { id: "command-injection", reached, benign, exploit: exploited ? exploit : null, finished };
  return { name: "GET /", kind: "route", line: 1, benign, families: [family], uses: [], ended };
}

function judge(parts: readonly Part[], load: Outcome = ok) {
  const report: HarnessReport = { status: "ran", load, entries: parts.map(entry), mentioned: [], dropped: 0 };
  return judgeRun({ kind: "report", report }, families);
}

describe("the verdict on a family", () => {
  it.each<{ name: string; parts: Part[]; kind: string }>([
    {
      name: "an exploit outweighs a failure elsewhere",
      parts: [{ benign: failed }, { exploited: true }],
      kind: "exploited",
    },
    {
      name: "an exploit counts even where the benign use fails",
      parts: [{ benign: failed, exploited: true }],
      kind: "exploited",
    },
    { name: "resisting takes a benign use that performs the operation", parts: [{}], kind: "resisted" },
    {
      name: "an operation that was not performed is not resisted",
      parts: [{ reached: false }],
      kind: "not-runnable",
    },
    { name: "a failing benign use is broken", parts: [{ benign: failed }], kind: "broken" },
    {
      name: "one broken entry keeps the family from resisting",
      parts: [{}, { benign: failed }],
      kind: "broken",
    },
    {
      name: "a method that a view does not take is no way in, where it takes another",
      parts: [{ benign: { ...refused, status: 405 } }, {}],
      kind: "resisted",
    },
    {
      name: "a view that takes no method that was tried is not judged",
      parts: [{ benign: { ...refused, status: 405 } }],
      kind: "not-runnable",
    },
    { name: "a refusal is not resisting", parts: [{ benign: refused }], kind: "not-runnable" },
    {
      name: "a process that died is not resisting",
      parts: [{ finished: false, ended: "timeout" }],
      kind: "not-runnable",
    },
    {
      name: "a branch not taken in one entry does not take away what another shows",
      parts: [{ reached: false }, {}],
      kind: "resisted",
    },
  ])("$name", ({ parts, kind }) => {
    expect(judge(parts).families.get("command-injection")?.kind).toBe(kind);
  });

  it.each(["cross-site-scripting", "tag-filter-evasion", "header-injection"])(
    "%s: what shows in answers is absent where an entry works without it",
    (id) => {
      const report = entry({});
      const without = { id, reached: false, benign: failed, exploit: null, finished: true };
      const run = { status: "ran" as const, load: ok, mentioned: [], dropped: 0 };
      const entries = [{ ...report, benign: failed, families: [...report.families, without] }];
      const verdict = judgeRun({ kind: "report", report: { ...run, entries } }, families);
      expect(verdict.families.get(id)?.kind).toBe("absent");
      expect(verdict.overall.kind).toBe("resisted");
    },
  );

  it("says that an operation is absent only where the harness looked", () => {
    expect(judge([{}]).families.get("sql-injection")).toEqual({ kind: "absent" });
    const dead = judge([{ finished: false, ended: "killed by signal 9" }]);
    expect(dead.families.get("sql-injection")?.kind).toBe("not-runnable");
  });
});

describe("the verdict on a program", () => {
  it("that does not load is broken, and one whose module is missing not runnable", () => {
    expect(judge([], failed).overall.kind).toBe("broken");
    const missing = { ...failed, error_type: "ModuleNotFoundError", error: "No module named 'x'" };
    expect(judge([], missing).overall).toMatchObject({ kind: "not-runnable", reason: "missing-module" });
  });

  it("without an entry point is not runnable", () => {
    expect(judge([]).overall).toMatchObject({ kind: "not-runnable", reason: "no-entry" });
  });

  it("whose sandbox failed says nothing about it", () => {
    const { overall, families: none } = judgeRun({ kind: "none", status: "lost", detail: "gone" }, families);
    expect(overall).toMatchObject({ kind: "not-runnable", reason: "sandbox-failed" });
    expect(none.size).toBe(0);
  });
});

describe("a report", () => {
  it.each(["", "{}", "[1]", '{"status":"ran"}', "not json"])("%j is none", (text) => {
    expect(parseReport(text)).toBeUndefined();
  });
});

describe("the probes", () => {
  it("have names of their own, and weaknesses", () => {
    expect(new Set(families.map(({ id }) => id)).size).toBe(families.length);
  });

  it("are known by every module of the harness", () => {
    const files = readdirSync(resource("data", "probes", "hexaprobe")).filter((name) => name.endsWith(".py"));
    const named = files.map((name) => name.slice(0, -3)).filter((name) => name !== "__init__");
    expect([...harnessModules]).toEqual(named.sort());
  });
});
