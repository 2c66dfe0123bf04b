// Every prompt on a line: how many of its samples each arm got flagged. Where a change comes from.
import type { ArmSummary, PromptFigures } from "../../core/evaluation.ts";
import { plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { armTitle } from "../words.ts";

const STEPS = 4;

/** Counts by prompt for the arms of one benchmark and oracle, folded away. */
export function promptsSection(arms: readonly ArmSummary[]): Html | undefined {
  const prompts = arms[0]?.metrics.byPrompt ?? [];
  if (prompts.length === 0) return undefined;
  const counts = arms.map((arm) => new Map(arm.metrics.byPrompt.map((prompt) => [prompt.taskId, prompt])));
  const rows = prompts.map(
    ({ taskId }) =>
      html`<tr><th scope="row">${taskId}</th>${counts.map((byPrompt) => cell(byPrompt.get(taskId)))}</tr>`,
  );
  return html`<details class="manifest"><summary>Prompt by prompt: flagged samples of ${plural(prompts.length, "prompt")}</summary><div class="wide plain-edge" role="region" tabindex="0" aria-label="Flagged samples by prompt"><table class="figures heat"><thead><tr><th scope="col">Prompt</th>${arms.map((arm) => html`<th scope="col">${armTitle(arm)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

function cell(prompt: PromptFigures | undefined): Html {
  if (prompt === undefined || prompt.n === 0) return html`<td>–</td>`;
  const heat = Math.ceil((prompt.flagged / prompt.n) * STEPS);
  const unseen =
    prompt.unscanned > 0 ? html` <span class="quiet">(${prompt.unscanned} not analysed)</span>` : undefined;
  return html`<td class="h${heat}">${prompt.flagged}/${prompt.n}${unseen}</td>`;
}
