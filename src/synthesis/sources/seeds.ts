// The hand-written vulnerable programs that ship with the package (data/seeds), in a list a language.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type CweId, cweIdSchema } from "../../core/cwe.ts";
import type { Language } from "../../core/language.ts";
import { sha256 } from "../../util/hash.ts";
import { resource } from "../../util/resources.ts";
import type { CandidateSource, Proposal } from "../candidate.ts";

const seedSchema = z.object({
  id: z.string().min(1),
  file: z.string().min(1),
  cwe: cweIdSchema,
  framework: z.string(),
  source: z.string(),
  sink: z.string(),
  idea: z.string(),
});

/** The lists, below data/seeds; the programs are named relative to that folder. */
const lists = {
  python: "seeds.json",
  c: "c/seeds.json",
} as const satisfies Record<Language, string>;

/** A hand-written vulnerable program and what it is about. */
export type Seed = z.infer<typeof seedSchema> & {
  /** Its language. */
  readonly language: Language;
  /** The program. */
  readonly code: string;
};

/** Which seeds are wanted. */
export interface SeedFilter {
  /** Those of this language; Python when absent. */
  readonly language?: Language | undefined;
  /** Those of these weaknesses; all when absent. */
  readonly cwes?: readonly CweId[] | undefined;
}

/** Reads the seeds of a language, in the order of their list. */
export async function readSeeds({ language = "python", cwes }: SeedFilter = {}): Promise<Seed[]> {
  const folder = resource("data", "seeds");
  const text = await readFile(join(folder, lists[language]), "utf8");
  const { seeds } = z.object({ seeds: z.array(seedSchema) }).parse(JSON.parse(text));
  const wanted = cwes === undefined ? seeds : seeds.filter((seed) => cwes.includes(seed.cwe));
  return await Promise.all(
    wanted.map(async (seed) => ({
      ...seed,
      language,
      code: await readFile(join(folder, seed.file), "utf8"),
    })),
  );
}

/** Proposes each seed once. */
export async function seedSource(filter: SeedFilter = {}): Promise<CandidateSource> {
  const seeds = await readSeeds(filter);
  return {
    inputs: { seeds: sha256(seeds.map((seed) => `${seed.id}\n${seed.code}`).join("\n")) },
    size: seeds.length,
    async *propose() {
      for (const seed of seeds) yield proposalOf(seed);
    },
  };
}

function proposalOf(seed: Seed): Proposal {
  const { id, code, cwe, language, framework, source, sink } = seed;
  return {
    kind: "candidate",
    candidate: {
      id,
      language,
      code,
      cwe,
      source: { kind: "seed", ref: id, family: id, framework, source, sink },
    },
  };
}
