// Gets answers for every program even where some make the tool fail: what a call has answered is kept,
// a suspect is asked alone, and otherwise the rest is halved until the culprit is alone. A tool that
// fails on a harmless program is broken: then nothing is tried any more.
import type { SourceFile } from "../../core/finding.ts";
import type { Adapter, Answers, CallContext, Failure, Look } from "./adapter.ts";

/** Calls that may fail before the rest is given up. */
const MOST_FAILURES = 64;

/** Looks at programs of one language. */
export async function lookAtAll(
  files: readonly SourceFile[],
  adapter: Adapter,
  context: CallContext,
): Promise<ReadonlyMap<SourceFile, Look>> {
  const work = new Division(adapter, context);
  for (let start = 0; start < files.length; start += adapter.batch) {
    await work.look(files.slice(start, start + adapter.batch));
  }
  return work.looks;
}

class Division {
  readonly looks = new Map<SourceFile, Look>();
  readonly #adapter: Adapter;
  readonly #context: CallContext;
  #failures = 0;
  #works = false;
  #givenUp: Failure | undefined;

  constructor(adapter: Adapter, context: CallContext) {
    this.#adapter = adapter;
    this.#context = context;
  }

  async look(files: readonly SourceFile[]): Promise<void> {
    if (files.length === 0) return;
    if (this.#givenUp !== undefined) return this.#setAside(files, this.#givenUp);
    const { looks, failure } = await this.#call(files);
    for (const [file, look] of looks) this.looks.set(file, look);
    const rest = files.filter((file) => !looks.has(file));
    if (rest.length === 0) return;
    await this.#failed(rest, {
      failure: failure ?? { reason: "tool-failed", detail: "It gave no answer for this program." },
      progress: looks.size > 0,
    });
  }

  async #failed(rest: readonly SourceFile[], how: { failure: Failure; progress: boolean }): Promise<void> {
    const { failure, progress } = how;
    this.#failures++;
    const [first, ...others] = rest;
    if (this.#failures > MOST_FAILURES) this.#giveUp("after too many failures");
    else if (!progress && (await this.#isBroken(first)))
      this.#giveUp("even on a program without a fault", failure);
    if (first === undefined || others.length === 0) return this.#setAside(rest, failure);
    return failure.culprit === undefined ? this.#halve(rest) : this.#tryAlone(failure.culprit, rest);
  }

  async #halve(files: readonly SourceFile[]): Promise<void> {
    const middle = files.length >> 1;
    await this.look(files.slice(0, middle));
    await this.look(files.slice(middle));
  }

  /** A suspect is asked alone: a tool may have broken before it came to the program that it seemed to be at. */
  async #tryAlone(suspect: SourceFile, files: readonly SourceFile[]): Promise<void> {
    await this.look([suspect]);
    const others = files.filter((file) => file !== suspect);
    await (this.looks.get(suspect)?.status === "looked" ? this.#halve(others) : this.look(others));
  }

  /** Whether it fails on a program that nothing is wrong with; asked once. */
  async #isBroken(first: SourceFile | undefined): Promise<boolean> {
    const text = first === undefined ? undefined : this.#adapter.harmless[first.language];
    if (first === undefined || text === undefined || this.#works) return false;
    const harmless: SourceFile = {
      path: `harmless${first.language === "python" ? ".py" : ".c"}`,
      language: first.language,
      text,
    };
    const { looks } = await this.#call([harmless]);
    this.#works = looks.get(harmless)?.status === "looked";
    return !this.#works;
  }

  async #call(files: readonly SourceFile[]): Promise<Answers> {
    this.#context.signal?.throwIfAborted();
    const answers = await this.#adapter.look(files, this.#context);
    // What a cancelled call says of its programs is not their fault.
    this.#context.signal?.throwIfAborted();
    return answers;
  }

  #giveUp(why: string, failure?: Failure): void {
    const { reason, detail } = failure ?? { reason: "tool-failed" as const, detail: "" };
    this.#givenUp = {
      reason,
      detail: `${this.#adapter.name} was not asked further, as it failed ${why}. ${detail}`.trim(),
    };
  }

  #setAside(files: readonly SourceFile[], { reason, detail }: Failure): void {
    for (const file of files) this.looks.set(file, { status: "unscanned", reason, detail });
  }
}
