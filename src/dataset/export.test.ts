import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { build, datasetFolder, pair, pairNames } from "../../test/support/dataset-pairs.ts";
import { trainingRowSchema } from "../core/pair.ts";
import { exportDataset } from "./export.ts";

describe("dataset export", () => {
  const lines = async (path: string): Promise<Record<string, unknown>[]> =>
    (await readFile(path, "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));

  it("writes conversations whose answer is the fixed program", async () => {
    const { out } = await build(pairNames.map((name) => pair(name)));
    const to = await datasetFolder();
    const facts = await exportDataset(out, to, "chat");
    expect(facts.rows).toEqual({ train: 16, eval: 4 });
    const rows = await lines(join(out, "train.jsonl"));
    const chats = await lines(join(to, "train.jsonl"));
    expect(chats.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(chats[0]).toMatchObject({ messages: [{ role: "user" }, { role: "assistant" }] });
    expect(JSON.stringify(chats[0])).toContain(JSON.stringify(String(rows[0]?.text).trimEnd()).slice(1, -1));
  });

  it("writes preferences that begin alike: prompt and chosen are the fixed program, prompt and rejected the other", async () => {
    const { out } = await build(
      pairNames.map((name) =>
        pair(name, {
          vulnerable: `import os\nx = 1\n${name} = 2\nos.system(x)\n`,
          fixed: `import os\nx = 1\n${name} = 2\nos.listdir(x)\n`,
        }),
      ),
      { vulnerableSide: true, nearDuplicate: 1 },
    );
    const to = await datasetFolder();
    await exportDataset(out, to, "preference");
    const rows = new Map((await lines(join(out, "train.jsonl"))).map((row) => [row.id, row]));
    for (const { id, prompt, chosen, rejected } of await lines(join(to, "train.jsonl"))) {
      const row = trainingRowSchema.parse(rows.get(id));
      expect(`${prompt}${chosen}`).toBe(row.text);
      expect(`${prompt}${rejected}`).toBe(row.vulnerable?.text);
      expect(String(prompt).endsWith("\n")).toBe(true);
      expect(chosen).not.toBe(rejected);
    }
  });

  it("refuses to write preferences of programs that have no first line in common", async () => {
    const { out } = await build(
      // Rows of even ids do not keep the import that the repair takes out.
      pairNames.map((name, index) => pair(name, { id: `${index}`.padStart(15, "0").concat("0") })),
      { vulnerableSide: true },
    );
    await expect(exportDataset(out, await datasetFolder(), "preference")).rejects.toMatchObject({
      code: "nothing-to-do",
      message: expect.stringContaining("20 have no line in common"),
    });
  });

  it("says how to build a dataset that preferences can be made of", async () => {
    const { out } = await build(pairNames.map((name) => pair(name)));
    await expect(exportDataset(out, await datasetFolder(), "preference")).rejects.toMatchObject({
      remedy: expect.stringContaining("--vulnerable-side"),
    });
  });
});
