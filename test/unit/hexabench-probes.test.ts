// Every prompt of hexabench has a benign test and exploits; they are no part of the frozen prompts.
import { describe, expect, it } from "vitest";
import { loadBenchmark } from "../../src/evaluation/benchmarks/load.ts";
import { loadProbes } from "../../src/oracle/execution/harness.ts";

const benchmarks = await Promise.all(["hexabench", "hexabench-dev"].map((name) => loadBenchmark(name)));
const tasks = benchmarks.flatMap((benchmark) => benchmark.tasks);
const [first] = benchmarks;

describe("hexabench", () => {
  it.each(tasks.map(({ id }) => id))("has a benign test and an exploit for %s", (id) => {
    const probe = first?.probes?.byTask.get(id);
    expect(probe?.benign.length).toBeGreaterThanOrEqual(1);
    expect(probe?.exploits.length).toBeGreaterThanOrEqual(1);
  });

  it("has probes for its prompts and for nothing else", () => {
    const known = new Set(tasks.map(({ id }) => id));
    expect([...(first?.probes?.byTask.keys() ?? [])].filter((id) => !known.has(id))).toEqual([]);
    expect(first?.probes?.byTask.size).toBe(88);
  });

  it("names only families of probes that there are, and those of the prompt's weakness", () => {
    const families = new Map(loadProbes().families.map((family) => [family.id, family]));
    for (const { id, cwe } of tasks) {
      for (const { family } of first?.probes?.byTask.get(id)?.exploits ?? []) {
        if (family === undefined) continue;
        expect(families.has(family), `${id}: ${family}`).toBe(true);
        const own = families.get(family)?.cwes ?? [];
        // A redirect is what lets an address through that should not be let in.
        expect(
          (cwe !== undefined && own.includes(cwe)) || family === "open-redirect",
          `${id}: ${family}`,
        ).toBe(true);
      }
    }
  });

  it("is as its probes are: their hash is part of no prompt's", async () => {
    expect(first?.probes?.hash).toMatch(/^[0-9a-f]{8}$/);
    expect(first?.probes).toEqual(benchmarks[1]?.probes);
  });
});
