// What we write, read by the library that it is written for.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { type CodePair, trainingRowSchema } from "../../src/core/pair.ts";
import { exportDataset } from "../../src/dataset/export.ts";
import { runProcess } from "../../src/util/process.ts";
import { trainerVenv } from "../../src/util/python.ts";
import { resource } from "../../src/util/resources.ts";
import { build, datasetFolder, pair, pairNames } from "../support/dataset-pairs.ts";

type Rows = Record<string, unknown>[];

let data: string;
let unsplit: string;
let chat: string;
let preference: string;
let found: Record<string, Record<string, Rows>>;

beforeAll(async () => {
  // Letters outside ASCII, and one outside the basic plane: offsets must survive.
  const source = (name: string): CodePair["source"] => ({ kind: "t", ref: `é 😀 ${name}` });
  const program = (name: string, last: string): string =>
    `# 😀 ${name}\nimport os\n\ndef ${name}(${name}_x):\n    ${name}_y = "é"\n    ${last}(${name}_x)\n`;
  const pairs = pairNames.map((name) =>
    pair(name, {
      source: source(name),
      vulnerable: program(name, "os.system"),
      fixed: program(name, "os.listdir"),
    }),
  );
  ({ out: data } = await build(pairs, { vulnerableSide: true }));
  ({ out: unsplit } = await build(pairs, { evalShare: 0 }));
  [chat, preference] = [await datasetFolder(), await datasetFolder()];
  await exportDataset(data, chat, "chat");
  await exportDataset(data, preference, "preference");
  found = await readAsHuggingFace([data, unsplit, chat, preference]);
}, 300_000);

it("load_dataset reads a dataset's folder: both splits, all rows, the same values", async () => {
  expect(Object.keys(found[data] ?? {})).toEqual(expect.arrayContaining(["train", "eval"]));
  for (const split of ["train", "eval"]) {
    const rows = (found[data]?.[split] ?? []).map(asTrainingRow);
    expect(rows, split).toEqual((await lines(data, split)).map((row) => trainingRowSchema.parse(row)));
  }
  expect(found[data]?.train).toHaveLength(16);
});

it("load_dataset reads a dataset that nothing was put aside of", () => {
  expect(Object.keys(found[unsplit] ?? {})).not.toContain("eval");
  expect(found[unsplit]?.train).toHaveLength(20);
});

it.each(["train.jsonl", "train.parquet"])("%s can be read by itself", async (file) => {
  const rows = (found[data]?.[file] ?? []).map(asTrainingRow);
  expect(rows).toEqual((await lines(data, "train")).map((row) => trainingRowSchema.parse(row)));
});

it("load_dataset reads both exports as they were written", async () => {
  for (const folder of [chat, preference]) {
    for (const split of ["train", "eval"]) {
      expect(found[folder]?.[split], `${folder} ${split}`).toEqual(await lines(folder, split));
    }
  }
});

/** Parquet holds what is nested as JSON; columns that a row lacks are null. */
function asTrainingRow(row: Record<string, unknown>): unknown {
  const filled = Object.entries(row).filter(([, value]) => value !== null);
  const nested = ["changes", "source", "vulnerable"];
  return trainingRowSchema.parse(
    Object.fromEntries(
      filled.map(([name, value]) => [
        name,
        nested.includes(name) && typeof value === "string" ? JSON.parse(value) : value,
      ]),
    ),
  );
}

async function lines(folder: string, split: string): Promise<Rows> {
  const text = await readFile(join(folder, `${split}.jsonl`), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

async function readAsHuggingFace(folders: readonly string[]): Promise<typeof found> {
  const home = await datasetFolder();
  const result = await runProcess({
    command: [
      join(`${trainerVenv(process.env)}-datasets`, "bin", "python"),
      resource("test", "support", "read-datasets.py"),
      ...folders,
    ],
    env: { ...process.env, HF_HOME: home, HF_HUB_OFFLINE: "1", HF_DATASETS_OFFLINE: "1" },
    timeoutMs: 240_000,
  });
  if (!result.ok) {
    throw new Error(
      `datasets did not read it (installed by: node scripts/setup.mjs --dev):\n${result.stderr}`,
    );
  }
  return JSON.parse(result.stdout);
}
