import { it } from "vitest";
import { queueSurvives } from "../support/queue-kill.ts";

it("synthesis over a queue survives 50 kills of its workers", async () => {
  await queueSurvives({ kills: 50, seed: 11, victims: ["worker"] });
});

it("synthesis over a queue survives 20 kills of workers and runs in turn", async () => {
  await queueSurvives({ kills: 20, seed: 12, victims: ["worker", "run"] });
});
