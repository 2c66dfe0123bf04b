import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resource } from "../util/resources.ts";
import { choosePreset, completeSettings, listPresets } from "./presets.ts";

describe("presets", () => {
  it.each([
    { base: "tiny", name: "tiny" },
    { base: "tiny-c", name: "tiny" },
    { base: "hf:Salesforce/codegen-350M-multi", name: "codegen-350m" },
    { base: "hf:/models/CodeGen-2B-multi/", name: "codegen-2b" },
    { base: "hf:facebook/incoder-6B", name: "incoder-6b" },
    { base: "hf:Qwen/Qwen2.5-Coder-1.5B", name: "qwen2.5-coder-1.5b" },
    { base: "hf:deepseek-ai/DeepSeek-Coder-V2-Lite-Base", name: "deepseek-coder-v2-lite" },
    { base: "hf:Qwen/Qwen2.5-Coder-7B-Instruct", name: "qwen2.5-coder" },
    { base: "hf:Qwen/Qwen3-Coder-30B-A3B-Instruct", name: "qwen3-coder" },
    { base: "hf:bigcode/starcoder2-3b", name: "starcoder2" },
    { base: "hf:deepseek-ai/deepseek-coder-1.3b-base", name: "llama-like" },
    { base: "hf:someone/else", name: undefined },
  ])("$base takes $name by itself", ({ base, name }) => {
    expect(choosePreset(undefined, base)?.name).toBe(name);
  });

  it("never leave two for the same model to the order of files", () => {
    const patterns = listPresets().flatMap(({ bases }) => bases);
    expect(new Set(patterns).size).toBe(patterns.length);
  });

  it("complete to valid settings, each of them", () => {
    for (const preset of listPresets()) expect(completeSettings(preset, {}).lora.rank).toBeGreaterThan(0);
  });

  it("have other rates for preferences, under what the user says", () => {
    const tiny = choosePreset("tiny", "");
    expect(completeSettings(tiny, { loss: "dpo" })).toMatchObject({
      learningRate: 5e-5,
      epochs: 3,
      anchor: 0,
    });
    expect(completeSettings(tiny, { loss: "dpo", learningRate: 1e-4 })).toMatchObject({ learningRate: 1e-4 });
    expect(completeSettings(tiny, { loss: "masked" })).toMatchObject({ learningRate: 1e-3, anchor: 1 });
  });

  it("an unknown one is refused with the list", () => {
    expect(() => choosePreset("gpt", "tiny")).toThrow(
      expect.objectContaining({ code: "bad-usage", remedy: expect.stringContaining("codegen-350m-script") }),
    );
  });
});

// PAPER.md, the table of models: batch, epochs, rate, rank, alpha, targets.
it.each([
  { name: "codegen-350m", rank: 64, targets: "qkv_proj" },
  { name: "codegen-2b", rank: 64, targets: "qkv_proj" },
  { name: "incoder-6b", rank: 64, targets: "q_proj,k_proj,v_proj" },
  { name: "qwen2.5-coder-1.5b", rank: 8, targets: "q_proj,k_proj,v_proj" },
  {
    name: "deepseek-coder-v2-lite",
    rank: 16,
    targets: "q_proj,kv_a_proj_with_mqa,kv_b_proj,o_proj,gate_proj,up_proj,down_proj",
    dropout: 0, // not the paper's: PEFT has no dropout on fused experts
  },
])("$name has the paper's values", ({ name, rank, targets, dropout = 0.1 }) => {
  expect(completeSettings(choosePreset(name, ""), {})).toMatchObject({
    batchSize: 16,
    epochs: 10,
    learningRate: 5e-4,
    schedule: "cosine",
    warmupRatio: 0.03,
    weightDecay: 0.001,
    maxLength: 512,
    loss: "masked",
    lora: { rank, alpha: 16, dropout, targetModules: targets.split(",") },
  });
});

describe("settings", () => {
  it("of the user go over the preset's, one by one", () => {
    const settings = completeSettings(choosePreset("codegen-350m", ""), { epochs: 2, lora: { alpha: 8 } });
    expect(settings).toMatchObject({ epochs: 2, batchSize: 16, lora: { rank: 64, alpha: 8, dropout: 0.1 } });
  });

  it("have no key that the trainer's run file does not know", () => {
    const schema = JSON.parse(readFileSync(resource("trainer", "schema", "run.schema.json"), "utf8"));
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(Object.keys(completeSettings(undefined, {}))),
    );
  });
});
