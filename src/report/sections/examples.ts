// Completions to look at: what the first arm wrote, and what the second wrote for the same prompt,
// with the oracle's finding and its flow. Chosen by rule, also where nothing got better.

import type { CweId } from "../../core/cwe.ts";
import type { Finding } from "../../core/finding.ts";
import type { Example, HeadlineExamples } from "../data.ts";
import { diffView } from "../diff-view.ts";
import { flowView, stopsByLine } from "../flow.ts";
import { type Html, html } from "../html.ts";

const OPEN = 2;

/** Before/after pairs of one headline. */
export function examplesSection(
  { better, same }: HeadlineExamples,
  names: ReadonlyMap<CweId, string>,
): Html | undefined {
  if (better.length + same.length === 0) return undefined;
  return html`<section><h2>Examples</h2>${
    better.length === 0
      ? undefined
      : html`<p>For each weakness, the first prompt (by name) that was flagged before and is clean afterwards while it still does the task. Red lines (−) are only in the completion before, green ones (+) only in the completion after, with what changed in a line underlined. A bar marks the line of the finding, numbers the way that the value takes to it.</p>${better.map((example, place) => exampleView(example, names, place < OPEN))}`
  }${
    same.length === 0
      ? undefined
      : html`<h3>Where it did not help</h3><p>The first prompts, one a weakness, that are flagged before and after.</p>${same.map((example) => exampleView(example, names, false))}`
  }</section>`;
}

function exampleView(example: Example, names: ReadonlyMap<CweId, string>, open: boolean): Html {
  const marked = new Set(example.findings.map(({ region }) => region.startLine));
  const label = `${example.taskId}, before and after`;
  return html`<details class="example"${open ? html` open` : undefined}><summary><b>${example.cwe}</b> ${names.get(example.cwe)} <span class="quiet">${example.taskId}, samples ${example.samples.before} and ${example.samples.after}</span></summary>${findingsView(example.findings, "Found before")}${diffView(example.before, example.after, { language: example.language, marked, stops: stopsByLine(example.findings), label })}${
    example.findingsAfter.length === 0 ? undefined : findingsView(example.findingsAfter, "Still found after")
  }</details>`;
}

const MOST_FINDINGS = 3;

/** Findings with their flows as a list. */
export function findingsView(findings: readonly Finding[], title: string): Html {
  return html`<div class="findings">${findings
    .slice(0, MOST_FINDINGS)
    .map(
      ({ ruleId, message, region, codeFlow }) =>
        html`<p><b>${title}</b>, line ${region.startLine}: ${message} <code>${ruleId}</code></p>${flowView(codeFlow)}`,
    )}</div>`;
}
