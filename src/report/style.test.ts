// Contrast of the page's colours, as WCAG 2.2 asks: 4.5 for text, 3 for what is drawn, in both schemes.
import { describe, expect, it } from "vitest";
import { colours } from "./style.ts";

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

it("measures contrast as WCAG does", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.478, 2);
});

type Name = keyof typeof colours;
const schemes = [
  { scheme: "light", place: 0 },
  { scheme: "dark", place: 1 },
] as const;

describe.each(schemes)("in $scheme", ({ place }) => {
  const of = (a: Name, b: Name): number => contrast(colours[a][place], colours[b][place]);

  it.each<[Name, Name]>([
    ["text", "bg"],
    ["text", "panel"],
    ["quiet", "bg"],
    ["quiet", "panel"],
    ["link", "bg"],
    ["before", "bg"],
    ["after", "bg"],
    ["before", "before-tint"],
    ["after", "after-tint"],
    ...(["text", "comment", "string", "number", "keyword", "call"] as const).flatMap(
      (name): [Name, Name][] => [
        [name, "bg"],
        [name, "removed"],
        [name, "added"],
      ],
    ),
    ["removed-sign", "removed"],
    ["added-sign", "added"],
  ])("%s can be read on %s", (text, ground) => {
    expect(of(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each<[Name, Name]>([
    ["before", "panel"],
    ["after", "panel"],
    ["other", "bg"],
    ["other", "panel"],
    ["whisker", "bg"],
    ["risk", "removed"],
  ])("%s can be seen on %s", (drawn, ground) => {
    expect(of(drawn, ground)).toBeGreaterThanOrEqual(3);
  });
});
