// The models that come with hexacoder write what their cards say: programs of their language, mostly whole, that do
// what was asked, some of them insecurely. Bounds are far below the cards' figures: they tell a model from a broken one.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { hexacoder } from "../support/cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-bundled-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const scoreSchema = z.object({ scorer: z.string(), value: z.union([z.boolean(), z.literal("unscored")]) });

it.each([
  { model: "tiny", benchmark: "hexabench-dev", prompts: 24 },
  { model: "tiny-c", benchmark: "hexabench-c-dev", prompts: 12 },
])("$model continues the prompts of $benchmark", async ({ model, benchmark, prompts }) => {
  const out = join(folder, model);
  const { exitCode, stderr } = await hexacoder([
    ...["eval", "--benchmark", benchmark, "--model", model, "--strategy", "one-step"],
    ...["--samples", "2", "--out", out],
  ]);
  expect(exitCode, stderr).toBe(0);
  const lines = (await readFile(join(out, "scores.jsonl"), "utf8")).trim().split("\n");
  const scores = lines.map((line) => scoreSchema.parse(JSON.parse(line)));
  const count = (scorer: string): number =>
    scores.filter((score) => score.scorer === scorer && score.value === true).length;
  expect(count("parse")).toBeGreaterThan(prompts);
  expect(count("at-risk")).toBeGreaterThan(prompts / 2);
  expect(count("oracle:builtin")).toBeGreaterThan(prompts / 12);
});
