import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readKeys } from "./keys.ts";
import { readPrices } from "./prices.ts";

async function fileWith(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "hexacoder-keys-")), "file");
  await writeFile(path, text);
  return path;
}

describe("keys", () => {
  it.each([
    { what: "a key alone", text: "sk-1\n", expected: "sk-1" },
    { what: "a named key", text: "# mine\nOPENAI_API_KEY=sk-2\nOTHER_KEY=x\n", expected: "sk-2" },
    { what: "a quoted key with export", text: 'export OPENAI_API_KEY="sk-3"\n', expected: "sk-3" },
    { what: "another service's key", text: "OTHER_KEY=x\n", expected: "from-env" },
  ])("come from a file with $what", async ({ text, expected }) => {
    const keys = await readKeys({ OPENAI_API_KEY: "from-env" }, await fileWith(text));
    expect(keys("OPENAI_API_KEY")).toBe(expected);
  });

  it.each(["", "sk-secret-a\nsk-secret-b\n", "sk-secret-a\nOPENAI_API_KEY=sk-secret-b\n"])(
    "that cannot be read (%#) are not shown",
    async (text) => {
      const error: unknown = await readKeys({}, await fileWith(text)).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "bad-input" });
      expect(`${error} ${JSON.stringify(error)}`).not.toContain("secret");
    },
  );
});

describe("a table of prices", () => {
  it("ships empty: what is not known is not invented", async () => {
    expect(await readPrices()).toEqual([]);
  });

  it.each(["{", "[]", '{"prices":[{"model":"m"}]}', '{"prices":[],"more":1}'])(
    "%s is refused with the format",
    async (text) => {
      await expect(readPrices(await fileWith(text))).rejects.toMatchObject({
        code: "bad-input",
        remedy: expect.stringContaining("inputUsdPerMillionTokens"),
      });
    },
  );
});
