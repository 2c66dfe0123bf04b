import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { resource } from "./resources.ts";
import { parseYaml } from "./yaml.ts";

const data = resource("data");
const names = readdirSync(data, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.ya?ml$/.test(name),
);

it.each(names)("%s says the same, built or not", (name) => {
  const text = readFileSync(join(data, name), "utf8");
  expect(parseYaml(text)).toEqual(parse(text));
});

it("reads a text that was not built, and says what is wrong with one that is none", () => {
  expect(parseYaml("a: [1, two]\n# not shipped\n")).toEqual({ a: [1, "two"] });
  expect(() => parseYaml("a: [1,\nb")).toThrow(/line/);
});
