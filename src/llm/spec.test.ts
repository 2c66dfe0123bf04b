import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HexacoderError } from "../core/errors.ts";
import { bundledModels, parseModelSpec } from "./spec.ts";

const context = { cwd: "/home/someone", env: {} };

describe("a model's spec", () => {
  it.each([
    { text: "hf:Salesforce/codegen-350M-multi", base: "Salesforce/codegen-350M-multi", isFolder: false },
    { text: "hf:./models/mine", base: "/home/someone/models/mine", isFolder: true },
    { text: "hf:../mine", base: "/home/mine", isFolder: true },
    { text: "hf:/data/mine", base: "/data/mine", isFolder: true },
    { text: "hf:.", base: "/home/someone", isFolder: true },
  ])("$text is served locally from $base", ({ text, ...expected }) => {
    expect(parseModelSpec(text, context)).toMatchObject({ kind: "local", name: text, ...expected });
  });

  it.each(bundledModels)("%s is a bundled model's folder, whose weights are there", (name) => {
    const spec = parseModelSpec(name, context);
    expect(spec).toMatchObject({ kind: "local", name, isFolder: true });
    expect(existsSync(join(spec.kind === "local" ? spec.base : "", "model.safetensors"))).toBe(true);
  });

  it.each([
    { text: "gguf:./models/a.gguf", path: "/home/someone/models/a.gguf" },
    { text: "gguf:a b.gguf", path: "/home/someone/a b.gguf" },
    { text: "gguf:/data/a.gguf", path: "/data/a.gguf" },
  ])("$text runs in this process, from $path", ({ text, path }) => {
    expect(parseModelSpec(text, context)).toEqual({ kind: "gguf", path });
  });

  it.each([
    { text: "http://localhost:8000/v1#my/model", url: "http://localhost:8000/v1", model: "my/model" },
    { text: "https://host/v1/#a%20b", url: "https://host/v1", model: "a b" },
    { text: "https://host/v1#90%%E0", url: "https://host/v1", model: "90%%E0" },
    {
      text: "openai:gpt-3.5-turbo-instruct",
      url: "https://api.openai.com/v1",
      model: "gpt-3.5-turbo-instruct",
    },
    { text: "openrouter:qwen/coder:free", url: "https://openrouter.ai/api/v1", model: "qwen/coder:free" },
  ])("$text is $model at $url", ({ text, ...expected }) => {
    expect(parseModelSpec(text, context)).toMatchObject({ kind: "endpoint", ...expected });
  });

  it.each([
    { env: {}, url: "http://127.0.0.1:11434" },
    { env: { OLLAMA_HOST: "box:9999" }, url: "http://box:9999" },
    { env: { OLLAMA_HOST: "https://box/" }, url: "https://box" },
  ])("ollama:NAME is asked at $url", ({ env, url }) => {
    expect(parseModelSpec("ollama:qwen2.5-coder:1.5b", { ...context, env })).toEqual({
      kind: "ollama",
      identity: "ollama:qwen2.5-coder:1.5b",
      url,
      model: "qwen2.5-coder:1.5b",
    });
  });

  it.each([
    "",
    "gpt-4",
    "hf:",
    "hf:codegen",
    "openai:",
    "gguf:",
    "http://host/v1",
    "ftp://host#m",
    "anthropic:claude",
    "http://[#x",
  ])("%j is refused with the list of what is read", (text) => {
    expect(() => parseModelSpec(text, context)).toThrow(
      expect.objectContaining({ code: "unknown-model", remedy: expect.stringContaining("hf:ORG/NAME") }),
    );
  });

  it.each(["https://me:secret@host/v1#m", "https://me:secret@host/v1"])(
    "%s never shows its password",
    (text) => {
      try {
        parseModelSpec(text, context);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(HexacoderError);
        expect(JSON.stringify([String(error), error])).not.toContain("secret");
      }
    },
  );
});
