// hexabench is only worth something while it stays what it was when it was frozen, and apart from
// everything that models learn from.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { promptContainment, readHexabenchPrompts } from "../../src/dataset/decontaminate.ts";
import { readSeeds } from "../../src/synthesis/sources/seeds.ts";
import { resource } from "../../src/util/resources.ts";

const folder = resource("data", "benchmarks", "hexabench");
const listSchema = z.object({
  prompts: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      cwe: z.string(),
      split: z.enum(["test", "dev"]),
      framework: z.string(),
      source: z.string(),
    }),
  ),
  frozen: z.object({ sha256: z.string() }),
});
const list = listSchema.parse(JSON.parse(await readFile(join(folder, "prompts.json"), "utf8")));

/** The hash of the 64 test prompts when they were frozen. It stands here, too, so that nobody thaws them in passing. */
const FROZEN = "9e662d4e270203124fbac45226ef81191e2f6d401ec24e048190d136c20eb7c3";

describe("hexabench", () => {
  it("has 64 test prompts, eight a weakness, and 24 for development", () => {
    const count = (split: string): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const prompt of list.prompts.filter((one) => one.split === split)) {
        counts.set(prompt.cwe, (counts.get(prompt.cwe) ?? 0) + 1);
      }
      return counts;
    };
    expect([...count("test").values()]).toEqual([8, 8, 8, 8, 8, 8, 8, 8]);
    expect([...count("dev").values()]).toEqual([3, 3, 3, 3, 3, 3, 3, 3]);
  });

  it("is frozen", async () => {
    const digest = createHash("sha256");
    const test = list.prompts.filter((prompt) => prompt.split === "test");
    for (const prompt of test.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      digest.update(`${prompt.id}\n${await readFile(join(folder, prompt.file), "utf8")}\n`);
    }
    expect(digest.digest("hex")).toBe(FROZEN);
    expect(list.frozen.sha256).toBe(FROZEN);
  });

  it("shares no combination of weakness, source and framework with the seeds", async () => {
    const used = new Set(list.prompts.map(({ cwe, framework, source }) => `${cwe} ${framework} ${source}`));
    const shared = (await readSeeds()).filter(({ cwe, framework, source }) =>
      used.has(`${cwe} ${framework} ${source}`),
    );
    expect(shared.map((seed) => seed.id)).toEqual([]);
  });

  it("has no prompt that a seed contains", async () => {
    const contains = promptContainment(await readHexabenchPrompts());
    for (const seed of await readSeeds()) expect(contains(seed.code), seed.id).toBeUndefined();
  });
});
