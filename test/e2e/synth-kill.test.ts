import { it } from "vitest";
import { synthSurvives } from "../support/synth-kill.ts";

it("synthesis that was killed twice ends with the same pairs", async () => {
  await synthSurvives({ kills: 2, seed: 1 });
});
