// A finding's flow as a reader follows it: stops, a line of the program each, with what happens there in
// order. The same numbers stand in the list and beside the lines of code.
import type { Finding, FlowStep } from "../core/finding.ts";
import { type Html, html } from "./html.ts";

/** A line that a value passes. */
export interface FlowStop {
  /** The line, from 1. */
  readonly line: number;
  /** What happens to the value there, in order. */
  readonly messages: readonly string[];
}

/** Steps that follow one another on a line make one stop. */
export function stopsOf(flow: readonly FlowStep[]): FlowStop[] {
  const stops: { line: number; messages: string[] }[] = [];
  for (const { region, message } of flow) {
    const last = stops.at(-1);
    if (last?.line === region.startLine) last.messages.push(message);
    else stops.push({ line: region.startLine, messages: [message] });
  }
  return stops;
}

/** Numbers of the stops by line, of the first finding that has a flow: those of several would get mixed up. */
export function stopsByLine(findings: readonly Finding[]): ReadonlyMap<number, readonly number[]> {
  const flow = findings.find(({ codeFlow = [] }) => codeFlow.length > 1)?.codeFlow ?? [];
  const byLine = new Map<number, number[]>();
  for (const [place, { line }] of stopsOf(flow).entries()) {
    byLine.set(line, [...(byLine.get(line) ?? []), place + 1]);
  }
  return byLine;
}

/** The stops as a list; nothing for no flow. */
export function flowView(flow: readonly FlowStep[] | undefined): Html | undefined {
  if (flow === undefined || flow.length === 0) return undefined;
  return html`<ol class="flow">${stopsOf(flow).map(({ line, messages }) => html`<li>line ${line}: ${messages.join(" → ")}</li>`)}</ol>`;
}
