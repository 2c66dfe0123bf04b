import { it } from "vitest";
import { hardenSurvives } from "../support/harden-kill.ts";

// Half a minute on a quiet machine; on one with much other work it took nine.
const TIMEOUT_MS = 1_800_000;

it(
  "a hardening that was killed twice ends with the same pairs, summary and verdict",
  async () => {
    await hardenSurvives({ kills: 2, seed: 4 });
  },
  TIMEOUT_MS,
);
