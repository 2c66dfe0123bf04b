import { describe, expect, it } from "vitest";
import type { EntryReport, HarnessReport, Outcome } from "./harness.ts";
import { whyItFails } from "./works.ts";

const ok: Outcome = { state: "ok", mimetype: "", body: "", error: "", error_type: "", error_line: 0 };
const failed: Outcome = { ...ok, state: "failed", error_type: "NameError", error: "name 'x'", error_line: 3 };
const crashed: Outcome = { ...ok, state: "failed", status: 500 };
const refused: Outcome = { ...ok, state: "refused", status: 403 };
const notAllowed: Outcome = { ...ok, state: "refused", status: 405 };

function entry(...outcomes: Outcome[]): EntryReport {
  const [benign, ...others] = outcomes;
  const families = others.map((found, i) => ({ id: `f${i}`, reached: true, benign: found, finished: true }));
  return { name: "GET /", kind: "route", line: 1, benign, families, uses: [], ended: "" };
}

function ran(entries: EntryReport[], load = ok): string | undefined {
  const report: HarnessReport = { status: "ran", load, entries, mentioned: [], dropped: 0 };
  return whyItFails({ kind: "report", report });
}

describe("a program works", () => {
  it.each([
    ["where its use ends well", [entry(ok)]],
    ["where one of several uses does", [entry(failed, refused, ok)]],
    ["where one entry refuses what another takes", [entry(refused), entry(ok)]],
    ["where a method that it does not take is refused", [entry(notAllowed), entry(ok)]],
  ])("%s", (_name, entries) => {
    expect(ran(entries)).toBeUndefined();
  });

  it.each([
    ["NameError", [entry(failed)]],
    ["NameError", [entry(ok), entry(failed, failed)]],
    ["status 500", [entry(crashed)]],
    ["every use is refused", [entry(refused)]],
    ["every use is refused", []],
    ["no use ended", [entry()]],
  ])("and not where it comes to %s", (why, entries) => {
    expect(ran(entries)).toBe(why);
  });

  it("and not where it does not load, does not parse, or the sandbox ends it", () => {
    expect(ran([], failed)).toBe("NameError");
    expect(
      whyItFails({
        kind: "report",
        report: { status: "load-failed", detail: "killed by signal 9", mentioned: [] },
      }),
    ).toBe("load-failed");
    expect(whyItFails({ kind: "report", report: { status: "parse-error", detail: "line 1" } })).toBe(
      "parse-error",
    );
    expect(whyItFails({ kind: "none", status: "timeout", detail: "" })).toBe("timeout");
  });
});
