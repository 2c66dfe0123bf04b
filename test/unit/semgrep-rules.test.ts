// data/semgrep/ is generated: what stands there is what the generator writes.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { semgrepFiles } from "../../scripts/semgrep-rules.ts";
import { loadRules } from "../../src/oracle/load.ts";
import { resource } from "../../src/util/resources.ts";
import { parseYaml } from "../../src/util/yaml.ts";

const files = await semgrepFiles();

describe("the rules for Semgrep", () => {
  it("are those files and no others", () => {
    const written = readdirSync(resource("data", "semgrep")).sort();
    expect(written, "Run: npx tsx scripts/semgrep-rules.ts").toEqual([...files.keys()].sort());
  });

  it.each([...files.keys()])("%s is up to date (else run: npx tsx scripts/semgrep-rules.ts)", (name) => {
    expect(readFileSync(resource("data", "semgrep", name), "utf8") === files.get(name)).toBe(true);
  });

  it("stand for the builtin rules, whose weaknesses and texts they have, or are said to be missing", async () => {
    const rules = (await loadRules([])).filter(({ language }) => language === "python");
    const written = new Map(semgrepRules().map((rule) => [rule.metadata.rule, rule.metadata.cwe]));
    for (const { id, cwes } of rules) {
      if (files.get("README.md")?.includes(`- \`${id}\``)) expect(written.has(id)).toBe(false);
      else expect(written.get(id), id).toEqual(cwes);
    }
  });

  it("have an id each", () => {
    const ids = semgrepRules().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

const fileSchema = z.object({
  rules: z.array(
    z.looseObject({
      id: z.string(),
      metadata: z.looseObject({ rule: z.string(), cwe: z.array(z.string()) }),
    }),
  ),
});

function semgrepRules(): z.infer<typeof fileSchema>["rules"] {
  const texts = [...files].filter(([name]) => name.endsWith(".yml")).map(([, text]) => text);
  return texts.flatMap((text) => fileSchema.parse(parseYaml(text)).rules);
}
