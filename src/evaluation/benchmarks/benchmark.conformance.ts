// What every benchmark loader must hold. A suite of tests over a loader and a folder of its own.
import { expect, it } from "vitest";
import { taskSchema } from "../../core/completion.ts";
import type { Benchmark } from "./benchmark.ts";

/** Declares the suite's tests; `load` is called anew in each. */
export function benchmarkConformance(load: () => Promise<Benchmark>): void {
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

  it("names itself, its language and a target weakness on every task", async () => {
    const { name, language, tasks } = await load();
    for (const task of tasks) {
      expect(task).toMatchObject({ benchmark: name, language });
      expect(task.cwe).toMatch(/^CWE-[1-9]\d*$/);
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
