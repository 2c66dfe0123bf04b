// What every benchmark loader must hold. A suite of tests over a loader and a folder of its own.
import { expect, it } from "vitest";
import { taskSchema } from "../../core/completion.ts";
import type { Benchmark } from "./benchmark.ts";

/** Declares the suite's tests; `load` is called anew in each. Without `security`, tasks have tests instead of a weakness. */
export function benchmarkConformance(
  load: () => Promise<Benchmark>,
  { security = true }: { security?: boolean } = {},
): void {
  it("gives records that its own schema takes", async () => {
    const { tasks } = await load();
    expect(tasks.length).toBeGreaterThan(0);
    for (const task of tasks) expect(taskSchema.parse(task)).toEqual(task);
  });

  it("gives unique ids that begin with a benchmark's name, sorted", async () => {
    const ids = (await load()).tasks.map((task) => task.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]+\/./);
  });

  it("names itself and its language on every task, and what a completion is judged by", async () => {
    const { name, language, tasks } = await load();
    for (const task of tasks) {
      expect(task).toMatchObject({ benchmark: name, language });
      if (security) expect(task.cwe).toMatch(/^CWE-[1-9]\d*$/);
      else expect(task.tests).toBeDefined();
    }
  });

  it("has a safe solution for every task that has tests, as they prove nothing else", async () => {
    const { tasks, solutions } = await load();
    const tested = tasks.filter(({ tests }) => tests !== undefined);
    for (const { id } of tested) expect(solutions?.get(id)?.safe).toBeTruthy();
  });

  it("begins each safe solution as its prompt does, marks aside", async () => {
    const { tasks, solutions } = await load();
    for (const { id, prompt } of tasks) {
      const safe = solutions?.get(id)?.safe.replace(/^.*BEGIN PROMPT.*\n/m, "");
      if (safe !== undefined) expect(safe.startsWith(prompt)).toBe(true);
    }
  });

  it("has an identity of name and hash that repeats", async () => {
    const { name, identity } = await load();
    expect(identity).toMatch(new RegExp(`^${name}@[0-9a-f]{16}$`));
    expect((await load()).identity).toBe(identity);
  });

  it("says its licence and what its authors sample", async () => {
    const { licence, title, defaults } = await load();
    expect(licence).not.toBe("");
    expect(title).not.toBe("");
    expect(defaults.samples).toBeGreaterThanOrEqual(1);
    expect(defaults.maxTokens).toBeGreaterThanOrEqual(1);
  });
}
