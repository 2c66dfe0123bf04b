// `duplicate`: whether an earlier sample of the same prompt in the same arm is the same program,
// white space at the end aside (SVEN's sec-rate counts each program once).
import type { Completion, Score } from "../../core/completion.ts";
import { sha256 } from "../../util/hash.ts";
import type { Scorer } from "./scorer.ts";

/** Samples of a prompt are written side by side; this many prompts back is far enough to look. */
const REMEMBERED_PROMPTS = 256;

/** Makes the scorer; it remembers programs, so each run of scoring needs its own. */
export function duplicateScorer(): Scorer {
  const scorer = "duplicate";
  const prompts = new Map<string, Map<string, string>>();
  return {
    name: scorer,
    identity: "duplicate@1",
    watchesAll: true,
    score: (batch) => Promise.resolve(batch.map(({ completion }) => judge(completion))),
  };

  function judge(completion: Completion): Score {
    const seen = programsOf(completion);
    const hash = sha256(completion.text.trimEnd());
    const first = seen.get(hash);
    if (first === undefined) seen.set(hash, completion.id);
    return {
      completionId: completion.id,
      scorer,
      value: first !== undefined,
      detail: first === undefined ? {} : { of: first },
    };
  }

  function programsOf({ taskId, model, adapter, strategy }: Completion): Map<string, string> {
    const key = JSON.stringify([taskId, model, adapter ?? null, strategy]);
    const known = prompts.get(key);
    if (known !== undefined) return known;
    const programs = new Map<string, string>();
    prompts.set(key, programs);
    const oldest = prompts.size > REMEMBERED_PROMPTS ? prompts.keys().next().value : undefined;
    if (oldest !== undefined) prompts.delete(oldest);
    return programs;
  }
}
