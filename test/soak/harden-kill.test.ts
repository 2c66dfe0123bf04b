import { it } from "vitest";
import { hardenSurvives } from "../support/harden-kill.ts";

it("a hardening that was killed at 20 random moments ends with the same pairs, summary and verdict", async () => {
  await hardenSurvives({ kills: 20, seed: 9 });
});
