import { it } from "vitest";
import { askingSynthSurvives, synthSurvives } from "../support/synth-kill.ts";

it("synthesis that was killed at 50 random moments ends with the same pairs", async () => {
  await synthSurvives({ kills: 50, seed: 7 });
});

it("synthesis that asks a model, killed at 50 random moments, asks again only for what was under way", async () => {
  await askingSynthSurvives({ kills: 50, seed: 8 });
});
