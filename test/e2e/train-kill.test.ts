import { it } from "vitest";
import { trainingSurvives } from "../support/train-kill.ts";

it("a training that was killed twice ends with the same adapter", async () => {
  await trainingSurvives({ kills: 2, seed: 1 });
});
