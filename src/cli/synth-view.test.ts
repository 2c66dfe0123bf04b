import { describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import { addToSummary, emptySummary, type LedgerLine, type SynthSummary } from "../synthesis/ledger.ts";
import { createLiveView } from "./progress.ts";
import { type SynthMoment, summaryTable, viewLine, viewLines } from "./synth-view.ts";

const cwe = parseCweId("78");
const other = parseCweId("22");
const line = (more: Partial<LedgerLine>): LedgerLine => ({
  key: "k",
  outcome: "clean",
  attempts: [],
  ...more,
});

/** 100 proposals: 40 pairs (30 by rewrites), 10 rejected, 30 clean, 12 duplicates, 8 refusals of a model. */
function summaryOf(more: Partial<SynthSummary> = {}): SynthSummary {
  const summary = emptySummary();
  const add = (n: number, one: LedgerLine): void => {
    for (let i = 0; i < n; i++) addToSummary(summary, one);
  };
  add(30, line({ outcome: "flagged", cwe, attempts: [{ cwe, pair: "p", by: "codemod:argument-list" }] }));
  add(10, line({ outcome: "flagged", cwe: other, attempts: [{ cwe: other, pair: "p", by: "llm" }] }));
  add(7, line({ outcome: "flagged", cwe, attempts: [{ cwe, rejected: "needs-design" }] }));
  add(
    3,
    line({
      outcome: "flagged",
      cwe,
      attempts: [{ cwe, rejected: "gate:oracle:builtin@0.1.0+rules.1(remote)" }],
    }),
  );
  add(30, line({ cwe }));
  add(12, line({ outcome: "duplicate" }));
  add(8, line({ outcome: "unusable", reason: "refused" }));
  return { ...summary, ...more };
}

const spent = {
  requests: 90,
  promptTokens: 9000,
  completionTokens: 1000,
  usd: 2,
  unpriced: false,
  lostTokens: 0,
};
const moment = (more: Partial<SynthMoment> = {}): SynthMoment => ({
  summary: summaryOf(),
  expected: 200,
  seconds: 20,
  before: 0,
  ...more,
});

describe("the view of a synthesis run", () => {
  it("says how far, how fast and how long still, and what became of everything", () => {
    expect(viewLines(moment())).toEqual([
      "programs  100 of 200, 5.0 a second, 20 s, about 20 s left",
      "proposed  100 (12 duplicates, 8 refused)",
      "flagged   50, clean 30",
      "accepted  40 (30 codemod, 10 llm)",
      "rejected  10 (7 needs-design, 3 gate:oracle:builtin)",
    ]);
  });

  it("says what models cost, and what they will have cost in the end", () => {
    const lines = viewLines(moment({ summary: summaryOf({ spent, costUsd: 2 }) }));
    expect(lines.at(-1)).toBe("cost      10,000 tokens, $2.00, about $4.00 in the end");
    expect(viewLines(moment({ summary: summaryOf({ spent, costUsd: null }) })).at(-1)).toContain(
      "cost unknown",
    );
  });

  it("counts what an earlier process did as done, not as fast", () => {
    expect(viewLine(moment({ before: 90 }))).toContain(
      "100 of 200, 0.5 a second, 20 s, about 3 min 20 s left",
    );
  });

  it("promises nothing where the number of programs is not known", () => {
    const [head] = viewLines(moment({ expected: undefined }));
    expect(head).toBe("programs  100, 5.0 a second, 20 s");
  });

  it("ends with a table by weakness and the price of a pair", () => {
    expect(summaryTable(summaryOf({ spent, costUsd: 2 }))).toBe(
      [
        "weakness  proposed  flagged  pairs  repaired by  rejected",
        "CWE-78          70       40     30  30 codemod   7 needs-design, 3 gate:oracle:builtin",
        "CWE-22          10       10     10  10 llm",
        "",
        "40 pairs from 50 flagged programs of 100 proposed; 30 clean, 12 duplicates, 0 not analysed, 8 unusable (refused); 10,000 tokens, $2.00, $0.0500 a pair.",
        "",
      ].join("\n"),
    );
  });
});

describe("a live view", () => {
  /** A stream that keeps what is written, 40 columns wide. */
  function terminal(columns = 40): { stream: NodeJS.WriteStream; written: string[] } {
    const written: string[] = [];
    // Only these two are used.
    const stream = {
      columns,
      write: (text: string) => written.push(text) > 0,
    } as unknown as NodeJS.WriteStream;
    return { stream, written };
  }

  it("redraws in place on a terminal, never wider than it, and takes itself away", () => {
    const { stream, written } = terminal();
    const talked: string[] = [];
    let time = 0;
    const context = { interactive: true, talk: (text: string) => void talked.push(text) };
    const view = createLiveView(context, "synth", { stream, now: () => time });
    view.update(
      () => ["one", "x".repeat(90)],
      () => "",
    );
    view.update(
      () => ["too soon"],
      () => "",
    );
    time += 1000;
    view.update(
      () => ["three"],
      () => "",
    );
    view.done("end");
    expect(written).toEqual([
      `one\n${"x".repeat(39)}\n`,
      "\u001b[2A\r\u001b[Jthree\n",
      "\u001b[1A\r\u001b[J",
    ]);
    expect(talked).toEqual(["synth: end"]);
  });

  it("takes a terminal that knows no size for one of 80 columns", () => {
    const { stream, written } = terminal(0);
    const view = createLiveView({ interactive: true, talk: () => undefined }, "synth", { stream });
    view.update(
      () => ["x".repeat(90)],
      () => "",
    );
    expect(written).toEqual([`${"x".repeat(79)}\n`]);
  });

  it("says a plain line now and then off a terminal, without escapes", () => {
    const talked: string[] = [];
    let time = 0;
    const context = { interactive: false, talk: (text: string) => void talked.push(text) };
    const view = createLiveView(context, "synth", { ...terminal(), now: () => time });
    for (time = 0; time < 31_000; time += 1000)
      view.update(
        () => ["no"],
        () => `at ${time / 1000}`,
      );
    view.done("end");
    expect(talked).toEqual(["synth: at 0", "synth: at 15", "synth: at 30", "synth: end"]);
  });
});
