// hexabench-c is only worth something while it stays what it was when it was frozen, apart from everything that
// models learn from, and while a secure and an insecure answer to its prompts can be told apart.
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { evaluationSummarySchema } from "../../src/core/evaluation.ts";
import { loadBenchmark } from "../../src/evaluation/benchmarks/load.ts";
import { loadLanguage } from "../../src/lang/registry.ts";
import { createOperationProbe } from "../../src/oracle/operations.ts";
import { openOracle } from "../../src/oracle/registry.ts";
import { readSeeds } from "../../src/synthesis/sources/seeds.ts";
import { sha256 } from "../../src/util/hash.ts";
import { resource } from "../../src/util/resources.ts";
import { startCompletionEndpoint } from "../support/completion-endpoint.ts";
import { runCli } from "../support/run-cli.ts";

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

describe("hexacoder eval", { timeout: 120_000 }, () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), "hexacoder-c-"));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const armsOf = (out: string) => evaluationSummarySchema.parse(JSON.parse(out)).arms;

  it("flags the insecure half of the continuations, all of which do their task", async () => {
    const prompts = new Map(dev.tasks.map((task) => [task.id, task.prompt]));
    const lines = continuations.map(({ id, code }) =>
      JSON.stringify({ taskId: id, text: programOf(prompts.get(id) ?? "", code), model: "by-hand" }),
    );
    await writeFile(join(cwd, "by-hand.jsonl"), lines.join("\n"));
    const options = ["--benchmark", "hexabench-c-dev", "--out", "scored", "--json"];
    const { out } = await runCli(["eval", "score", "by-hand.jsonl", ...options], { cwd });
    const twelve = { n: 24, flagged: 12, parseRate: 1, unscanned: 0, atRisk: 24 };
    expect(armsOf(out)).toMatchObject([{ benchmark: "hexabench-c-dev", language: "c", ...twelve }]);
  });

  it("takes a model through the frozen prompts, in one step and in two, to a report", async () => {
    const endpoint = await startCompletionEndpoint({ texts: ["#include <limits.h>\n    abort();\n}\n"] });
    const options = [
      "--benchmark",
      "hexabench-c",
      "--limit",
      "4",
      "--samples",
      "1",
      "--out",
      "run",
      "--json",
    ];
    const { code, out } = await runCli(["eval", "--model", endpoint.model, ...options], { cwd });
    await endpoint.close();
    expect(code).toBe(0);
    const [one, two] = armsOf(out);
    expect(one).toMatchObject({ name: "hexabench-c/base/one-step", n: 4, atRisk: 0 });
    expect(two).toMatchObject({ name: "hexabench-c/base/two-step", n: 4, atRisk: 0 });
    expect((await runCli(["report", "run", "--out", "report.html"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "report.html"), "utf8")).toContain("hexabench-c");
  });
});
