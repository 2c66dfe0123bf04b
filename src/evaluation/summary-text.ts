// A summary as text for a terminal: a line an arm, then the change.
import type { ArmSummary, EvaluationSummary, Headline, Interval } from "../core/evaluation.ts";

/** The text, newline at the end. */
export function summaryText({ arms, headlines }: EvaluationSummary): string {
  const rows = arms.map(cells);
  const head = ["arm", "n", "flagged", "95 % interval", "parse", "at risk", "not analysed"];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  const changes = [
    ...testTexts(arms),
    ...headlines.map((headline) => changeText(headline, arms)),
    ...(arms.some(({ developedOn }) => developedOn === true)
      ? ["* The oracle was developed on this benchmark: its verdicts flatter it."]
      : []),
  ];
  return `${[head, ...rows].map(line).join("\n")}\n${changes.map((change) => `\n${change}`).join("")}${changes.length > 0 ? "\n" : ""}`;
}

/** What the tasks' own tests say, an arm a line; they do not depend on the oracle. */
function testTexts(arms: readonly ArmSummary[]): string[] {
  const seen = new Set<string>();
  return arms.flatMap(({ name, benchmark, model, adapter, strategy, metrics: { tests } }) => {
    const key = JSON.stringify([benchmark, model, adapter, strategy]);
    if (tests === undefined || seen.has(key)) return [];
    seen.add(key);
    const atK = tests.atK.map(({ k, func }) => `pass@${k} ${share(func)}`);
    const { of, rate } = tests.functionalAndSecure;
    // Its base is another one: what has no security verdict does not count.
    const both = of > 0 ? `; works and holds ${share(rate)} of the ${of} with a security verdict` : "";
    const untested = tests.untested > 0 ? `, ${tests.untested} not tested` : "";
    return [`${name}: ${atK.join(", ")}${both} (${tests.tested} tested${untested})`];
  });
}

function cells(arm: ArmSummary): string[] {
  const { name, n, flaggedRate, ci95, parseRate, unscanned, metrics } = arm;
  // Without any verdict a rate of 0 would look like safety.
  const blind = unscanned === n;
  return [
    arm.developedOn === true ? `${name} *` : name,
    String(n),
    share(blind ? null : flaggedRate),
    range(blind ? null : ci95),
    share(parseRate),
    share(metrics.atRisk.rate),
    String(unscanned),
  ];
}

function changeText(headline: Headline, arms: readonly ArmSummary[]): string {
  const find = (name: string): ArmSummary | undefined => arms.find((arm) => arm.name === name);
  const blind = [find(headline.before), find(headline.after)].find((arm) => arm?.unscanned === arm?.n);
  if (blind !== undefined) {
    return `${headline.before} to ${headline.after}: no completion of ${blind.name} has a verdict, so nothing can be compared.`;
  }
  const rate = (name: string): string => share(find(name)?.flaggedRate ?? null);
  const what = `${headline.before} to ${headline.after}: ${rate(headline.before)} to ${rate(headline.after)}`;
  if (headline.reduction === null)
    return `${what}; nothing was flagged before, so there is no relative change.`;
  const word = headline.reduction >= 0 ? "fewer" : "more";
  return `${what}, ${share(Math.abs(headline.reduction))} ${word} (95 % interval of the reduction ${range(headline.ci95)}).`;
}

function share(value: number | null): string {
  return value === null ? "-" : `${(100 * value).toFixed(1)} %`;
}

function range(interval: Interval | null): string {
  return interval === null ? "-" : `${(100 * interval[0]).toFixed(1)} to ${(100 * interval[1]).toFixed(1)} %`;
}
