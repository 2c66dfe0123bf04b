import { expect, it } from "vitest";
import { summaryOf } from "../../test/support/summaries.ts";
import { summaryText } from "./summary-text.ts";

const arm = { strategy: "one-step", oracle: "o", pass1: null } as const;

it("an arm without any verdict shows no flagged rate: 0 would look like safety", () => {
  const summary = summaryOf([{ ...arm, role: "base", flagged: 0 }]);
  const row = (unscanned: number): string =>
    summaryText({ ...summary, arms: summary.arms.map((one) => ({ ...one, unscanned })) }).split("\n")[1] ??
    "";
  expect(row(9)).toMatch(/^own\/base\/one-step\/o +10 +0\.0 %/);
  expect(row(10)).toMatch(/^own\/base\/one-step\/o +10 +- +- +90\.0 %/);
});
