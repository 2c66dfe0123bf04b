import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resource } from "../util/resources.ts";
import { collectTraining } from "./collect-training.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hexacoder-training-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a training's events", () => {
  it("are read as the trainer writes them", async () => {
    await copyFile(resource("test/fixtures/trainer-events.jsonl"), join(folder, "progress.jsonl"));
    const data = await collectTraining(folder);
    expect(data).toMatchObject({
      train: [{ step: 41, loss: 1.8731 }],
      held: [{ step: 60, loss: 1.6402 }],
      bestStep: 120,
    });
    expect(data?.facts.get("base")).toBe("models/tiny");
  });

  it("count once where a resumed run repeats steps", async () => {
    const steps = [1, 2, 3, 2, 3, 4].map((step, i) => ({ event: "step", step, loss: i }));
    await writeFile(
      join(folder, "progress.jsonl"),
      steps.map((step) => `${JSON.stringify(step)}\n`).join(""),
    );
    const data = await collectTraining(folder);
    expect(data?.train).toEqual([1, 2, 3, 4].map((step) => ({ step, loss: step === 1 ? 0 : step + 1 })));
  });

  it("are none in a folder without training", async () => {
    expect(await collectTraining(folder)).toBeUndefined();
  });
});
