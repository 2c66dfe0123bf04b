import { describe, expect, it } from "vitest";
import type { Manifest } from "../../core/manifest.ts";
import { makingSection } from "./making.ts";

function stage(kind: string, number: number): Manifest {
  return {
    version: 1,
    kind,
    options: { temperature: 0.25, out: `evals/${kind}-${number}` },
    inputs: {},
    seeds: {},
    identities: { oracle: "builtin@7" },
    versions: { node: "v20.19.0" },
    startedAt: "2026-11-23T10:00:00Z",
  };
}

function pageOf(kinds: Readonly<Record<string, number>>): string {
  const manifests = Object.entries(kinds).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_none, number) => stage(kind, number)),
  );
  return makingSection([], manifests).toString();
}

const times = (page: string, text: string): number => page.split(text).length - 1;

describe("how it was made", () => {
  it("says everything of each stage where there are few", () => {
    const page = pageOf({ synth: 1, eval: 2 });
    expect(times(page, "builtin@7")).toBe(3);
    expect(times(page, "evals/eval-1")).toBe(1);
    expect(page).not.toContain("what they share");
  });

  it("says once what many stages of a kind share, and of each what is its own", () => {
    const page = pageOf({ synth: 1, eval: 10 });
    expect(page).toContain("11 stages");
    expect(page).toContain("All 10 stages <b>eval</b>: what they share");
    expect(times(page, "builtin@7")).toBe(2);
    expect(times(page, "v20.19.0")).toBe(2);
    for (let number = 0; number < 10; number++) expect(times(page, `evals/eval-${number}<`)).toBe(1);
  });
});
