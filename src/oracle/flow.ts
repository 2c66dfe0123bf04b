// The way of data from source to sink, as a code flow that a person can read.
import type { FlowStep, Region } from "../core/finding.ts";
import type { SyntaxNode } from "../lang/syntax.ts";
import type { Fact, Step } from "./taint/domain.ts";

const MAX_STEPS = 40;

/** The steps of a fact, the source first, the sink last. */
export function flowOf(fact: Fact, sink: SyntaxNode, regionOf: (node: SyntaxNode) => Region): FlowStep[] {
  const steps: FlowStep[] = [];
  for (const step of stepsOf(fact.step)) {
    const region = regionOf(step.node);
    const last = steps.at(-1);
    if (last !== undefined && sameRegion(last.region, region)) continue;
    steps.push({ region, message: step.message });
  }
  const end = { region: regionOf(sink), message: "reaches the sink" };
  const last = steps.at(-1);
  if (last !== undefined && steps.length > 1 && sameRegion(last.region, end.region)) steps.pop();
  const shown =
    steps.length > MAX_STEPS ? [...steps.slice(0, MAX_STEPS / 2), ...steps.slice(-MAX_STEPS / 2)] : steps;
  return [...shown, end];
}

/** Whether data gets there only by a step that CodeQL does not follow. */
export function goesBeyond(fact: Fact): boolean {
  return stepsOf(fact.step).some((step) => step.beyond === true);
}

function stepsOf(last: Step): Step[] {
  const backwards: Step[] = [];
  for (
    let step: Step | undefined = last;
    step !== undefined && backwards.length < 4 * MAX_STEPS;
    step = step.previous
  ) {
    if (step.inner !== undefined) backwards.push(...stepsOf(step.inner).reverse());
    else backwards.push(step);
  }
  return backwards.reverse();
}

function sameRegion(a: Region, b: Region): boolean {
  return (
    a.startLine === b.startLine &&
    a.startColumn === b.startColumn &&
    a.endLine === b.endLine &&
    a.endColumn === b.endColumn
  );
}
