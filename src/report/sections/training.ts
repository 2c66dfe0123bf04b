// The training run: its loss, and what the trainer said of itself.
import type { TrainingData } from "../data.ts";
import { decimal } from "../format.ts";
import { type Html, html } from "../html.ts";
import { lossCurveView } from "../loss-curve.ts";

const MOST_OPEN = 2;

/** All training runs: folded where there are many. */
export function trainingSections(trainings: readonly TrainingData[]): Html {
  if (trainings.length <= MOST_OPEN) {
    return html`${trainings.map((one) => html`<section><h2>Training</h2>${trainingView(one)}</section>`)}`;
  }
  return html`<section><h2>Training</h2>${trainings.map((one) => html`<details class="manifest"><summary><b>${one.label}</b></summary><div class="inside">${trainingView(one)}</div></details>`)}</section>`;
}

function trainingView(data: TrainingData): Html {
  const curve = lossCurveView(data);
  return html`${sentence(data)}${
    curve === undefined
      ? undefined
      : html`<figure>${curve}<figcaption><span class="key train"></span> training rows <span class="key held"></span> held-out rows${data.bestStep === undefined ? undefined : html` <span class="key best"></span> weights kept (step ${data.bestStep})`}. Loss is cross-entropy on the tokens that a repair changed.</figcaption></figure>`
  }${factsTable(data.facts)}`;
}

function sentence({ held }: TrainingData): Html | undefined {
  const first = held[0];
  const lowest = held.reduce(
    (best, point) => (point.loss < best.loss ? point : best),
    first ?? { step: 0, loss: 0 },
  );
  if (first === undefined || held.length < 2) return undefined;
  return html`<p>Loss on held-out rows went from ${decimal(first.loss)} (step ${first.step}) to ${decimal(lowest.loss)} at its lowest (step ${lowest.step}).</p>`;
}

/** A small table of names and values; nothing for none. */
export function factsTable(facts: ReadonlyMap<string, string>): Html | undefined {
  if (facts.size === 0) return undefined;
  return html`<table class="plain"><tbody>${[...facts].map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>`;
}
