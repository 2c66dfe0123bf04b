import { it } from "vitest";
import { synthSurvives } from "../support/synth-kill.ts";

it("synthesis that was killed at 20 random moments ends with the same pairs", async () => {
  await synthSurvives({ kills: 20, seed: 7 });
});
