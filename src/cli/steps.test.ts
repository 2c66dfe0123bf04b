import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { quoted } from "./steps.ts";

it("words are shown as a shell takes them", () => {
  expect(["--out", "runs/a", "my runs", "it's", ""].map(quoted).join(" ")).toBe(
    "--out runs/a 'my runs' 'it'\\''s' ''",
  );
  const word = fc.string({ unit: "binary", maxLength: 20 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      const line = `printf '%s\\0' ${words.map(quoted).join(" ")}`;
      const shown = execFileSync("sh", ["-c", line], { encoding: "utf8" });
      expect(shown).toBe(words.length === 0 ? "\0" : words.map((one) => `${one}\0`).join(""));
    }),
    { numRuns: 30 },
  );
});
