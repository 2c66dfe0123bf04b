import { it } from "vitest";
import { evalSurvives } from "../support/eval-kill.ts";

it("an evaluation that was killed twice ends with the same completions, scores and summary", async () => {
  await evalSurvives({ kills: 2, seed: 3 });
});
