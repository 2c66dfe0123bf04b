import { it } from "vitest";
import { hardenSurvives } from "../support/harden-kill.ts";

it("a hardening that was killed twice ends with the same pairs, summary and verdict", async () => {
  await hardenSurvives({ kills: 2, seed: 4 });
});
