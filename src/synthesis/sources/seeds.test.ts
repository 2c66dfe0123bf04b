import { describe, expect, it } from "vitest";
import { parseCweId } from "../../core/cwe.ts";
import { languages } from "../../core/language.ts";
import { loadLanguage } from "../../lang/registry.ts";
import { readSeeds, seedSource } from "./seeds.ts";

describe("the seeds", () => {
  it.each(languages)("of %s all parse and have names of their own", async (name) => {
    const language = await loadLanguage(name);
    const seeds = await readSeeds({ language: name });
    expect(seeds.length).toBeGreaterThan(0);
    expect(seeds.filter(({ code }) => !language.parses(code)).map(({ id }) => id)).toEqual([]);
    expect(new Set(seeds.map(({ id }) => id)).size).toBe(seeds.length);
    expect(new Set(seeds.map((seed) => seed.language))).toEqual(new Set([name]));
  });

  it("are Python where nothing else is asked for", async () => {
    expect(await readSeeds()).toEqual(await readSeeds({ language: "python" }));
  });

  it("of one language are never proposed as the other's", async () => {
    const ids = async (language: "python" | "c") => (await readSeeds({ language })).map(({ id }) => id);
    const python = new Set(await ids("python"));
    expect((await ids("c")).filter((id) => python.has(id))).toEqual([]);
  });

  it("are those of the weaknesses asked for, proposed in their language", async () => {
    const source = await seedSource({ language: "c", cwes: [parseCweId("190")] });
    const proposals = [];
    for await (const proposal of source.propose(new AbortController().signal)) proposals.push(proposal);
    expect(proposals).toHaveLength(source.size ?? 0);
    for (const proposal of proposals) {
      expect(proposal).toMatchObject({ kind: "candidate", candidate: { language: "c", cwe: "CWE-190" } });
    }
  });
});
