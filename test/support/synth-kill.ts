// A synthesis run that is killed and resumed, beside one that is not.
import { expect } from "vitest";
import { scratch } from "./cli.ts";
import { sameFiles, survives } from "./kill.ts";
import { startSameAnswers } from "./same-answers.ts";

const FILES = ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl"];

/** Kills a run over all seeds `kills` times; the files must equal those of an undisturbed run. */
export async function synthSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  const cwd = await scratch();
  const check = sameFiles(cwd, [...FILES, "summary.json"]);
  await survives({ argsFor: (out) => ["synth", "--out", out], cwd, kills, seed, check });
}

/**
 * The same with a service that proposes and repairs programs. Besides, nothing else may be asked than in the
 * undisturbed run, and nothing twice but what was under way at a kill: at most `CONCURRENCY` requests each time.
 */
export async function askingSynthSurvives({ kills, seed }: { kills: number; seed: number }): Promise<void> {
  const cwd = await scratch();
  const service = await startSameAnswers();
  const same = sameFiles(cwd, FILES);
  let asked: readonly string[] | undefined;
  try {
    await survives({
      argsFor: (out) => [
        ...["synth", "--from", "seeds,llm", "--model", "anthropic:m", "--count", "24", "--max-tokens", "200"],
        ...["--repair", "codemod,llm", "--rounds", "1", "--concurrency", `${CONCURRENCY}`, "--out", out],
      ],
      env: { ANTHROPIC_API_URL: service.address, ANTHROPIC_API_KEY: "k" },
      cwd,
      kills,
      seed,
      onWhole: () => {
        asked = service.asked();
        service.forget();
      },
      check: async (out, moments) => {
        await same(out, moments);
        expect(new Set(service.asked()), moments).toEqual(new Set(asked));
        const again = service.asked().length - (asked?.length ?? 0);
        expect(again, moments).toBeLessThanOrEqual(CONCURRENCY * moments.split(",").length);
        service.forget();
      },
    });
  } finally {
    await service.close();
  }
}

const CONCURRENCY = 2;
