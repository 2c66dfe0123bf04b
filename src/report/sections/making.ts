// How the figures came about: benchmarks, models, oracles, versions, seeds, options and input
// hashes of every stage, from the manifests; then the limits, and what the words mean.
import type { EvaluationSummary } from "../../core/evaluation.ts";
import type { Manifest } from "../../core/manifest.ts";
import { groupBy } from "../../util/group.ts";
import { count } from "../format.ts";
import { type Html, html } from "../html.ts";
import { factsTable } from "./training.ts";

/** Benchmarks and manifests. */
export function makingSection(summaries: readonly EvaluationSummary[], manifests: readonly Manifest[]): Html {
  const benchmarks = new Map(
    summaries.flatMap(({ benchmarks }) => benchmarks.map((one) => [one.identity, one])),
  );
  const rows = [...benchmarks.values()].map(
    (one) =>
      html`<tr><th scope="row">${one.title}</th><td>${one.identity}</td><td>${count(one.prompts)} of ${count(one.promptsInAll)}</td><td>${count(one.samples)}</td><td>${one.licence}</td></tr>`,
  );
  return html`<section><h2>How it was made</h2>${
    rows.length === 0
      ? undefined
      : html`<div class="wide" role="region" tabindex="0" aria-label="Benchmarks"><table class="figures"><thead><tr><th scope="col">Benchmark</th><th scope="col">Identity</th><th scope="col">Prompts</th><th scope="col">Samples a prompt</th><th scope="col">Licence</th></tr></thead><tbody>${rows}</tbody></table></div>`
  }${stagesView(manifests)}</section>`;
}

const MOST_STAGES = 8;

/** A stage's kind, and what its manifest says, by name. */
interface Stage {
  readonly kind: string;
  readonly facts: ReadonlyMap<string, string>;
}

/** The manifests: within one fold where there are many, and what all of a kind share only once. */
function stagesView(manifests: readonly Manifest[]): Html {
  const stages = manifests.map((manifest) => ({ kind: manifest.kind, facts: factsOf(manifest) }));
  if (stages.length <= MOST_STAGES) return html`${stages.map(stageView)}`;
  const kinds = [...groupBy(stages, ({ kind }) => kind).values()];
  return html`<details class="manifest"><summary>${count(stages.length)} stages: models, oracles, options, seeds, versions</summary><div class="inside">${kinds.map(kindView)}</div></details>`;
}

function kindView(stages: readonly Stage[]): Html {
  const [first] = stages;
  if (first === undefined || stages.length === 1) return html`${stages.map(stageView)}`;
  const isShared = ([name, value]: readonly [string, string]): boolean => {
    return stages.every(({ facts }) => facts.get(name) === value);
  };
  const shared = new Map([...first.facts].filter(isShared));
  const own = stages.map(({ kind, facts }) => ({
    kind,
    facts: new Map([...facts].filter(([name]) => !shared.has(name))),
  }));
  return html`<details class="manifest"><summary>All ${count(stages.length)} stages <b>${first.kind}</b>: what they share</summary>${factsTable(shared)}</details>${own.map(stageView)}`;
}

function stageView({ kind, facts }: Stage): Html {
  return html`<details class="manifest"><summary>Stage <b>${kind}</b>: models, oracles, options, seeds, versions</summary>${factsTable(facts)}</details>`;
}

function factsOf(manifest: Manifest): ReadonlyMap<string, string> {
  const { options, inputs, seeds, identities, versions, startedAt } = manifest;
  return new Map<string, string>([
    ["started", startedAt],
    ...prefixed("", identities),
    ...prefixed("", options),
    ...prefixed("seed: ", seeds),
    ...prefixed("version: ", versions),
    ...prefixed("input: ", inputs),
  ]);
}

function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [prefix + name, typeof value === "string" ? value : JSON.stringify(value)]);
}

/** What the figures do not show. */
export function limitsSection(
  summaries: readonly EvaluationSummary[],
  modelRemarks: readonly string[],
): Html | undefined {
  if (summaries.length === 0) return undefined;
  const ofBenchmarks = summaries.flatMap(({ benchmarks }) => benchmarks.flatMap((one) => one.remarks));
  const remarks = new Set([...modelRemarks, ...ofBenchmarks]);
  const oracles = new Set(
    summaries.flatMap(({ arms }) => arms.map(({ oracle }) => oracle.split("@")[0] ?? oracle)),
  );
  const tested = summaries.some(({ arms }) => arms.some(({ metrics }) => metrics.tests !== undefined));
  return html`<section><h2>Limits</h2><ul>${
    summaries.length === 0
      ? undefined
      : html`<li>A static oracle (${[...oracles].join(", ")}) is the judge. “Not flagged” means that it found no trace of the prompt's weakness: it does not mean secure. It misses what it has no rule for, and it does not run the code.</li><li>Where the same oracle chose and checked the training pairs, the model has been taught by its judge. Look at the examples, and judge with a second oracle and with tests, too.</li>${tested ? undefined : html`<li>Nothing here measures whether the code does what the prompt asks. Parse rate and at-risk rate only show that the model has not stopped writing code that does the risky thing.</li>`}`
  }${[...remarks].map((remark) => html`<li>${remark}</li>`)}</ul></section>`;
}
