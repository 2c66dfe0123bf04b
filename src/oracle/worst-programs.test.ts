// Programs that are hard by their size or shape finish within the step budget or come back unscanned.
// No clocks here: `npx tsx bench/scan-speed.ts --worst` prints times, at full length.
import { describe, expect, it } from "vitest";
import { worstCPrograms } from "../../test/support/worst-c-programs.ts";
import { worstPrograms } from "../../test/support/worst-programs.ts";
import { createBuiltinOracle } from "./engines/builtin.ts";

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });

async function outcome(text: string, language: "python" | "c" = "python"): Promise<string> {
  const [result] = await oracle.scan([{ path: "worst", language, text }]);
  return result?.status === "unscanned" ? result.reason : (result?.status ?? "no answer");
}

describe("a program that is hard by its shape", () => {
  it.each(worstPrograms(200_000))(
    "comes back: $name",
    async ({ text }) => {
      expect(["scanned", "timeout", "parse-error"]).toContain(await outcome(text));
    },
    120_000,
  );

  it.each(worstCPrograms())(
    "comes back: $name",
    async ({ text }) => {
      expect(["scanned", "timeout", "too-large"]).toContain(await outcome(text, "c"));
    },
    120_000,
  );

  it("leaves the oracle as it was", async () => {
    const text = "import os\nfrom flask import request\nos.system(request.args['x'])\n";
    const [result] = await oracle.scan([{ path: "a.py", language: "python", text }]);
    expect(result).toMatchObject({ status: "scanned", findings: [{ ruleId: "py/command-line-injection" }] });
  });

  it("is refused before the grammar sees it when it is nested deeper than Python allows", async () => {
    const nested = (levels: number): string =>
      Array.from({ length: levels }, (_, i) => `${" ".repeat(i)}if x:\n`).join("") +
      `${" ".repeat(levels)}pass\n`;
    expect(await outcome(nested(99))).toBe("scanned");
    expect(await outcome(nested(100))).toBe("parse-error");
    expect(await outcome(nested(1_000))).toBe("parse-error");
    expect(await outcome(`x = (\n${" ".repeat(200)}1)\n`)).toBe("scanned");
  });
});
