// docs/rules/ is generated: what stands there is what the generator writes.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { rulePages } from "../../scripts/rule-pages.ts";
import { resource } from "../../src/util/resources.ts";

const pages = await rulePages();

it("has a page for every rule and no other", () => {
  const written = readdirSync(resource("docs", "rules")).sort();
  expect(written, "Run: npx tsx scripts/rule-pages.ts").toEqual([...pages.keys()].sort());
});

it.each([...pages.keys()])("%s is up to date (else run: npx tsx scripts/rule-pages.ts)", (name) => {
  expect(readFileSync(resource("docs", "rules", name), "utf8")).toBe(pages.get(name));
});
