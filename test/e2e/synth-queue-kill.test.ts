import { it } from "vitest";
import { queueSurvives } from "../support/queue-kill.ts";

it("synthesis over a queue ends with the same pairs when workers are killed, and pays for nothing twice", async () => {
  await queueSurvives({ kills: 2, seed: 1, victims: ["worker"] });
});

it("synthesis over a queue ends with the same pairs when a worker and the run itself are killed", async () => {
  await queueSurvives({ kills: 2, seed: 2, victims: ["run", "worker"] });
});
