// Which weakened places a parameter may get to, by which bench/weaken-recall.ts splits its table.
import { describe, expect, it } from "vitest";
import { changedLines, isWithinReach } from "../../bench/support/reach.ts";
import { loadLanguage } from "../../src/lang/registry.ts";

const language = await loadLanguage("python");
const original = `import html

LIMIT = "3"


def show(name, rows):
    text = "x" + name
    for row in rows:
        out(html.escape(row))
    out(html.escape(text))
    out(html.escape(LIMIT))


class Page:
    def show(self, title):
        out(html.escape(title))
`;

function reaches(place: string, weak: string): boolean {
  const lines = changedLines(original, original.replace(place, weak).replace("import html\n", ""));
  return isWithinReach(language.parse(original), lines);
}

describe("the reach of parameters", () => {
  it.each([
    { name: "a parameter", reached: true, place: "html.escape(row)", weak: "row" },
    { name: "a name that a parameter is a part of", reached: true, place: "html.escape(text)", weak: "text" },
    { name: "a constant of the module", reached: false, place: "html.escape(LIMIT)", weak: "LIMIT" },
    { name: "a method's parameter", reached: false, place: "html.escape(title)", weak: "title" },
  ])("says $reached of $name", ({ reached, place, weak }) => {
    expect(reaches(place, weak)).toBe(reached);
  });
});
