// hexabench-c is only worth something while it stays what it was when it was frozen, apart from everything that
// models learn from, and while a secure and an insecure answer to its prompts can be told apart.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadBenchmark } from "../../src/evaluation/benchmarks/load.ts";
import { loadLanguage } from "../../src/lang/registry.ts";
import { createOperationProbe } from "../../src/oracle/operations.ts";
import { openOracle } from "../../src/oracle/registry.ts";
import { readSeeds } from "../../src/synthesis/sources/seeds.ts";
import { sha256 } from "../../src/util/hash.ts";
import { resource } from "../../src/util/resources.ts";

const folder = resource("data", "benchmarks", "hexabench-c");
const listSchema = z.object({
  prompts: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      cwe: z.string(),
      split: z.enum(["test", "dev"]),
      source: z.string(),
      operation: z.string(),
      sinks: z.array(z.string()).min(1),
    }),
  ),
  frozen: z.object({ sha256: z.string() }),
});
const list = listSchema.parse(JSON.parse(readFileSync(join(folder, "prompts.json"), "utf8")));
const textOf = ({ file }: { file: string }): string => readFileSync(join(folder, file), "utf8");

/** The hash of the 32 test prompts when they were frozen. It stands here, too, so that nobody thaws them in passing. */
const FROZEN = "700aed973ff1fbafebb833e9abe4a95990044645c4f50b36d547e9194cffa10d";

const c = await loadLanguage("c");
const probe = await createOperationProbe();
const performs = (text: string, operation: string): boolean | "unscanned" =>
  probe.performs({ path: "a.c", language: "c", text }, operation);

describe("hexabench-c", () => {
  it.each([
    { split: "test", each: 8 },
    { split: "dev", each: 3 },
  ])("has $each $split prompts for each of the paper's weaknesses in C", ({ split, each }) => {
    const cwes = list.prompts.filter((prompt) => prompt.split === split).map(({ cwe }) => cwe);
    for (const cwe of ["CWE-22", "CWE-190", "CWE-476", "CWE-787"]) {
      expect(cwes.filter((one) => one === cwe)).toHaveLength(each);
    }
    expect(cwes).toHaveLength(4 * each);
  });

  it("is frozen", () => {
    const test = list.prompts.filter(({ split }) => split === "test");
    const lines = test.sort((a, b) => (a.id < b.id ? -1 : 1)).map((one) => `${one.id}\n${textOf(one)}\n`);
    expect(sha256(lines.join(""))).toBe(FROZEN);
    expect(list.frozen.sha256).toBe(FROZEN);
  });

  it("shares no combination of weakness, source and sink with the seeds", async () => {
    const used = new Set(
      list.prompts.flatMap(({ cwe, source, sinks }) => sinks.map((sink) => `${cwe} ${source} ${sink}`)),
    );
    const seeds = await readSeeds({ language: "c" });
    expect(seeds.length).toBeGreaterThan(0);
    expect(seeds.filter(({ cwe, source, sink }) => used.has(`${cwe} ${source} ${sink}`))).toEqual([]);
  });

  it.each(list.prompts.map((prompt) => [prompt.id, prompt] as const))(
    "%s stops inside a function, at the end of a line",
    (_id, prompt) => {
      const text = textOf(prompt);
      expect(text.endsWith("\n")).toBe(true);
      expect(c.parses(text)).toBe(false);
      expect(c.cut(text, "    return 0;\n}\n}\n}\nint beyond_the_end;\n")).not.toContain("beyond_the_end");
      expect(c.split(text).imports.length).toBeGreaterThan(0);
      expect(c.join(c.split(text))).toBe(text);
    },
  );

  it.each(list.prompts.map((prompt) => [prompt.id, prompt] as const))(
    "%s does not itself do what is risky in its task",
    (_id, prompt) => {
      const text = textOf(prompt);
      const closed = c.cut(text, "return;}}}\n");
      expect(performs(closed, prompt.operation)).toBe(false);
    },
  );
});

const oracle = await openOracle("builtin", { threatModels: ["remote"] });
const dev = await loadBenchmark("hexabench-c-dev");
const fixture = readFileSync(resource("test", "fixtures", "hexabench-c-dev.txt"), "utf8");
const continuations = fixture.split(/^(?=\/\/ === )/m).map((part) => {
  const [head = "", ...lines] = part.split("\n");
  const [, kind = "", id = ""] = /^\/\/ === (insecure|secure): (\S+)$/.exec(head) ?? [];
  return { kind, id, code: lines.join("\n") };
});

/** The program that a model would have written: its includes go to the top, as in two-step generation. */
function programOf(prompt: string, code: string): string {
  const answer = c.split(code);
  return c.cut(c.join(c.split(prompt), answer.imports), answer.body);
}

describe("the two continuations of each development prompt", () => {
  it.each(dev.tasks.map((task) => [task.id, task] as const))("%s", async (id, task) => {
    const own = continuations.filter((one) => one.id === id);
    expect(own.map(({ kind }) => kind).sort()).toEqual(["insecure", "secure"]);
    for (const { kind, code } of own) {
      const text = programOf(task.prompt, code);
      expect(c.parses(text), kind).toBe(true);
      const [result] = await oracle.scan([{ path: "a.c", language: "c", text }]);
      if (result?.status !== "scanned") throw new Error(`${kind} was not scanned`);
      const found = result.findings.filter(({ level, cwes }) => level !== "note" && cwes[0] === task.cwe);
      expect(found.length > 0, kind).toBe(kind === "insecure");
      expect(performs(text, task.operation ?? ""), kind).toBe(true);
    }
  });
});
