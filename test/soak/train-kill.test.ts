import { it } from "vitest";
import { trainingSurvives } from "../support/train-kill.ts";

it("a training that was killed at 20 random moments ends with the same adapter", async () => {
  await trainingSurvives({ kills: 20, seed: 7 });
});
