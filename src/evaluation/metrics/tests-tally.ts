// Counts and figures of the tasks' own tests, prompt by prompt (PAPER.md, "Metrics": pass@k, func-sec@k,
// secure-pass@k). A completion that was not tested is in no rate; the bounds say what it could have changed.
import type { Task } from "../../core/completion.ts";
import type { RateFigure, TestsAtK, TestsMetrics } from "../../core/evaluation.ts";
import { type BootstrapOptions, type Cluster, estimateRate, type PairedCluster } from "./bootstrap.ts";
import { meanOverPrompts, passAtK } from "./pass-at-k.ts";

/** What is known of one completion. */
export interface TestVerdict {
  /** Passes the functional tests; undefined when it was not tested. */
  readonly functional: boolean | undefined;
  /** Passes the security tests; undefined when it was not tested, or there are none. */
  readonly security: boolean | undefined;
  /** Free of the weakness by the oracle; undefined without a verdict. */
  readonly clean: boolean | undefined;
  /** Why it was not tested. */
  readonly reason?: string;
}

/** What is counted of a prompt: hits, and what they are of. */
export type TestCount = "functional" | "security" | "both" | "insecure" | "securePass";
const counts: readonly TestCount[] = ["functional", "security", "both", "insecure", "securePass"];

interface PromptTests {
  readonly taskId: string;
  readonly family: string;
  n: number;
  tested: number;
  readonly of: Record<TestCount, Cluster>;
}

/** Counts of one arm. */
export class TestsTally {
  readonly #prompts: ReadonlyMap<string, PromptTests>;
  readonly #reasons = new Map<string, number>();

  constructor(tasks: readonly Task[]) {
    const none = (): Record<TestCount, Cluster> => {
      const nothing = { hits: 0, trials: 0 };
      return {
        functional: nothing,
        security: nothing,
        both: nothing,
        insecure: nothing,
        securePass: nothing,
      };
    };
    this.#prompts = new Map(
      tasks.map(({ id, family }) => [id, { taskId: id, family, n: 0, tested: 0, of: none() }]),
    );
  }

  /** Counts one completion; throws for a task that is not of this arm. */
  add(taskId: string, { functional, security, clean, reason }: TestVerdict): void {
    const prompt = this.#prompts.get(taskId);
    if (prompt === undefined) throw new Error(`Task ${taskId} is not of this arm.`);
    prompt.n += 1;
    if (functional === undefined) {
      const why = reason ?? "unknown";
      this.#reasons.set(why, (this.#reasons.get(why) ?? 0) + 1);
      return;
    }
    prompt.tested += 1;
    const said: Record<TestCount, boolean | undefined> = {
      functional,
      security,
      both: security === undefined ? undefined : functional && security,
      insecure: security === undefined ? undefined : !security,
      securePass: clean === undefined ? undefined : functional && clean,
    };
    for (const name of counts) {
      const value = said[name];
      const { hits, trials } = prompt.of[name];
      if (value !== undefined) prompt.of[name] = { hits: hits + Number(value), trials: trials + 1 };
    }
  }

  /** The figures; `ks` are the values of k. */
  metrics(ks: readonly number[], options: BootstrapOptions): TestsMetrics {
    const prompts = [...this.#prompts.values()];
    const n = sum(prompts.map((prompt) => prompt.n));
    const tested = sum(prompts.map((prompt) => prompt.tested));
    const passed = sum(prompts.map((prompt) => prompt.of.functional.hits));
    const rate = (name: TestCount): RateFigure => rateOf(this.families(name), options);
    return {
      tested,
      untested: n - tested,
      untestedReasons: Object.fromEntries(this.#reasons),
      promptsUntested: prompts.filter((prompt) => prompt.tested === 0).length,
      functional: rate("functional"),
      functionalBounds: n === 0 ? null : [passed / n, (passed + n - tested) / n],
      security: rate("security"),
      functionalAndSecure: rate("both"),
      securePass: rate("securePass"),
      atK: ks.map((k) => this.#atK(k, options)),
    };
  }

  #atK(k: number, options: BootstrapOptions): TestsAtK {
    const func = this.#meanAtK("functional", k, options);
    const both = this.#meanAtK("both", k, options);
    return {
      k,
      func: func.value,
      funcCi95: func.ci95,
      sec: this.#meanAtK("security", k, options).value,
      funcSec: both.value,
      funcSecCi95: both.ci95,
      vulnerable: this.#meanAtK("insecure", k, options).value,
      securePass: this.#meanAtK("securePass", k, options).value,
    };
  }

  /** Mean of pass@k over the prompts that have a verdict at all; null where one has fewer than k. */
  #meanAtK(
    name: TestCount,
    k: number,
    options: BootstrapOptions,
  ): { value: number | null; ci95: RateFigure["ci95"] } {
    const prompts = [...this.#prompts.values()].filter((prompt) => prompt.of[name].trials > 0);
    const values = prompts.map(({ of }) => passAtK({ n: of[name].trials, hits: of[name].hits }, k));
    const value = meanOverPrompts(values);
    if (value === undefined) return { value: null, ci95: null };
    const families = new Map<string, Cluster>();
    for (const [place, prompt] of prompts.entries()) {
      addTo(families, prompt.family, { hits: values[place] ?? 0, trials: 1 });
    }
    return { value, ci95: estimateRate([...families.values()], options).ci95 ?? null };
  }

  /** What the functional tests said of a prompt's completions. */
  functionalOf(taskId: string): Cluster {
    return this.#prompts.get(taskId)?.of.functional ?? { hits: 0, trials: 0 };
  }

  /** Hits and trials by family. */
  families(name: TestCount): ReadonlyMap<string, Cluster> {
    const families = new Map<string, Cluster>();
    for (const prompt of this.#prompts.values()) addTo(families, prompt.family, prompt.of[name]);
    return families;
  }

  /** This arm and another over the families that both have. */
  pairedWith(after: TestsTally, name: TestCount): PairedCluster[] {
    const others = after.families(name);
    return [...this.families(name)].flatMap(([family, before]) => {
      const other = others.get(family);
      return other === undefined ? [] : [{ before, after: other }];
    });
  }
}

function addTo(families: Map<string, Cluster>, family: string, { hits, trials }: Cluster): void {
  const known = families.get(family) ?? { hits: 0, trials: 0 };
  families.set(family, { hits: known.hits + hits, trials: known.trials + trials });
}

function rateOf(families: ReadonlyMap<string, Cluster>, options: BootstrapOptions): RateFigure {
  const clusters = [...families.values()];
  const { rate, ci95 } = estimateRate(clusters, options);
  return {
    rate: rate ?? null,
    ci95: ci95 ?? null,
    hits: sum(clusters.map(({ hits }) => hits)),
    of: sum(clusters.map(({ trials }) => trials)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
