import { it } from "vitest";
import { evalSurvives } from "../support/eval-kill.ts";

it("an evaluation that was killed at 20 random moments ends with the same summary", async () => {
  await evalSurvives({ kills: 20, seed: 5 });
});
