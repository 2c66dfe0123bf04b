// Answers by what was asked: a model that writes the same program twice, which small ones do all the time, has it
// run once.
import type { SandboxResult } from "../../sandbox/job.ts";
import { sha256 } from "../../util/hash.ts";

/** Answers that are kept; the oldest goes first. */
const MOST_ANSWERS = 1000;
/** Longer ones are not worth their memory. */
const MOST_CHARACTERS = 64 * 1024;

/** Remembers how jobs ended; those that did not come to their end are asked anew. */
export class Remembered {
  readonly #answers = new Map<string, Promise<SandboxResult>>();

  /** The answer to a question, from before where there is one; `run` asks. */
  async ask(question: string, run: () => Promise<SandboxResult>): Promise<SandboxResult> {
    const key = sha256(question);
    const before = this.#answers.get(key);
    if (before !== undefined) {
      // Who asked first hears of its failure.
      const answer = await before.catch(() => undefined);
      if (answer !== undefined && isKept(answer)) return answer;
    }
    const asked = run();
    this.#answers.set(key, asked);
    try {
      const answer = await asked;
      if (!isKept(answer)) this.#forget(key, asked);
      return answer;
    } catch (error) {
      this.#forget(key, asked);
      throw error;
    } finally {
      this.#trim();
    }
  }

  #forget(key: string, asked: Promise<SandboxResult>): void {
    if (this.#answers.get(key) === asked) this.#answers.delete(key);
  }

  #trim(): void {
    for (const key of this.#answers.keys()) {
      if (this.#answers.size <= MOST_ANSWERS) return;
      this.#answers.delete(key);
    }
  }
}

/** A cancelled job, or one that lost its sandbox, says nothing about the next. */
function isKept({ status, stdout }: SandboxResult): boolean {
  return status === "exited" && stdout.length <= MOST_CHARACTERS;
}
