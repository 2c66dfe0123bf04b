// Threads give what one thread gives, byte for byte, however work falls to them.
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Finding, ScanResult, SourceFile } from "../core/finding.ts";
import { loadPython } from "../lang/python.ts";
import type { ChatModel } from "../llm/chat.ts";
import { limitSource } from "./candidate.ts";
import { rememberScans } from "./remember-scans.ts";
import { chatSource } from "./sources/chat.ts";
import { readSeeds, seedSource } from "./sources/seeds.ts";
import { synthesise } from "./synthesis.ts";
import { openThreadedWorkshop, type Threads, type Workshop, type WorkshopSetup } from "./workshop.ts";

const options = { threatModels: ["remote" as const] };
const setup: WorkshopSetup = {
  detect: "builtin",
  detectOptions: options,
  judges: ["builtin"],
  judgeOptions: options,
};

let workshop: Workshop | undefined;
afterEach(async () => {
  await workshop?.close();
  workshop = undefined;
});

const FILES = ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl", "summary.json"];

async function run(threads: Threads, source: Parameters<typeof synthesise>[0]["source"]): Promise<string[]> {
  workshop = await openThreadedWorkshop(setup, threads);
  const folder = await mkdtemp(join(tmpdir(), "hexacoder-workshop-"));
  await synthesise({
    folder,
    source,
    detect: workshop.detect,
    repairer: workshop.codemods,
    verify: workshop.verify,
    concurrency: 8,
    signal: new AbortController().signal,
  });
  await workshop.close();
  return await Promise.all(FILES.map((name) => readFile(join(folder, name), "utf8")));
}

// Opening oracles and threads takes seconds on a busy machine.
describe("a workshop", { timeout: 240_000 }, () => {
  it("makes the same bytes in one thread and in two", async () => {
    const programs = limitSource(await seedSource(), 30);
    const one = await run({ count: 1 }, programs);
    expect(one[0]?.split("\n").length).toBeGreaterThan(20);
    // The threads are there from the first program on.
    expect(await run({ count: 2, after: 0, waits: true }, programs)).toEqual(one);
  });

  it("makes the same pairs whatever the order in which a model answers", async () => {
    const seeds = await readSeeds();
    const language = await loadPython();
    let turn = 0;
    const model = (delay: () => number): ChatModel => ({
      identity: "scripted",
      concurrency: 6,
      chat: async ({ seed }) => {
        await new Promise((resolve) => setTimeout(resolve, delay()));
        const text = `\`\`\`python\n${seeds[seed % seeds.length]?.code ?? ""}\nversion = ${seed}\n\`\`\``;
        return { text, finishReason: "stop", usage: { promptTokens: 1, completionTokens: 1 } };
      },
      close: async () => undefined,
    });
    const made = async (delay: () => number): Promise<string[]> =>
      await run(
        { count: 1 },
        await chatSource({
          model: model(delay),
          seeds,
          language,
          nameOf: () => undefined,
          count: 30,
          examples: 1,
          sampling: { temperature: 1, topP: 1, maxTokens: 100 },
          seed: 7,
        }),
      );
    expect(await made(() => (turn++ * 7919) % 13)).toEqual(await made(() => 0));
  });
});

describe("remembered scans", () => {
  const file = (path: string, text: string): SourceFile => ({ path, language: "python", text });

  it("ask once for a text, under whatever path, and again where the machine failed", async () => {
    const asked: string[] = [];
    const oracle = rememberScans({
      identity: "counting@1",
      covers: () => [],
      scan: async (files) =>
        files.map(({ path, text }): ScanResult => {
          asked.push(text);
          const findings: Finding[] = [];
          return text === "slow"
            ? { status: "unscanned", path, reason: "timeout" }
            : { status: "scanned", path, findings, covers: [] };
        }),
    });
    const results = await oracle.scan([file("a", "x"), file("b", "slow"), file("c", "x")]);
    expect(results.map(({ path, status }) => [path, status])).toEqual([
      ["a", "scanned"],
      ["b", "unscanned"],
      ["c", "scanned"],
    ]);
    expect((await oracle.scan([file("d", "x"), file("e", "slow")])).map(({ path }) => path)).toEqual([
      "d",
      "e",
    ]);
    expect(asked.filter((text) => text === "slow")).toHaveLength(2);
    expect(asked.filter((text) => text === "x").length).toBeLessThanOrEqual(2);
  });
});
