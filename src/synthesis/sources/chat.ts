// Programs that a chat model writes after the example of seeds (HexaCoder, section 3.1, after CodeLMSec): it is
// shown a few with the weakness and asked for another one. Examples, scenario, framework and length are drawn
// anew for every request, by its number, so that any request can be made again.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { CweId } from "../../core/cwe.ts";
import { type Language, languageSchema } from "../../core/language.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { readAnswer } from "../../llm/answers.ts";
import type { ChatModel, ChatRequest } from "../../llm/chat.ts";
import { fenceNamesOf } from "../../llm/fences.ts";
import { hashOf, shortHashOf } from "../../util/hash.ts";
import { type Random, seededRandom, shuffled } from "../../util/random.ts";
import { resource } from "../../util/resources.ts";
import { parseYaml } from "../../util/yaml.ts";
import type { CandidateSource, Proposal } from "../candidate.ts";
import { mapAhead } from "../flow.ts";
import type { Seed } from "./seeds.ts";

/** What the source needs. */
export interface ChatSourceOptions {
  /** Writes the programs. It keeps its answers itself, so that a resumed run asks for nothing twice. */
  readonly model: ChatModel;
  /** Examples, all of one language. */
  readonly seeds: readonly Seed[];
  readonly language: LanguageSupport;
  /** Name of a weakness, for the prompt. */
  readonly nameOf: (cwe: CweId) => string | undefined;
  /** How many programs to ask for, one a request. */
  readonly count: number;
  /** Examples in a request. */
  readonly examples: number;
  readonly sampling: { readonly temperature: number; readonly topP: number; readonly maxTokens: number };
  /** Decides what is drawn. */
  readonly seed: number;
}

const variationSchema = z.strictObject({
  scenarios: z.array(z.string()).min(1),
  frameworks: z.array(z.string()).min(1),
  lengths: z.array(z.tuple([z.int(), z.int()])).min(1),
});
type Variations = z.infer<typeof variationSchema>;

/** A request and what was drawn for it. */
export interface PlannedProposal {
  readonly key: string;
  readonly cwe: CweId;
  readonly examples: readonly Seed[];
  readonly scenario: string;
  readonly framework: string;
  readonly request: ChatRequest;
}

/** Proposes what the model writes after the seeds' example: `count` requests. */
export async function chatSource(options: ChatSourceOptions): Promise<CandidateSource> {
  const variations = await readVariations(options.language.language);
  const { seeds, count } = options;
  return {
    inputs: { examples: hashOf(seeds.map(({ id, code }) => [id, code])), prompts: hashOf(variations) },
    size: undefined,
    async *propose(signal) {
      const ask = (planned: PlannedProposal): Promise<Proposal[]> => proposals(planned, options, signal);
      const requests = seeds.length === 0 ? [] : plan(options, variations, count);
      const atOnce = options.model.concurrency;
      for await (const found of mapAhead(requests, { atOnce, window: 4 * atOnce }, ask)) yield* found;
    },
  };
}

/** The requests of a run, in order, made as they are read; the same for the same options. */
export async function planProposals(options: ChatSourceOptions): Promise<Iterable<PlannedProposal>> {
  return plan(options, await readVariations(options.language.language), options.count);
}

async function readVariations(language: Language): Promise<Variations> {
  const text = await readFile(resource("data", "prompts", "propose.yml"), "utf8");
  return z.record(languageSchema, variationSchema).parse(parseYaml(text))[language];
}

function* plan(
  options: ChatSourceOptions,
  variations: Variations,
  count: number,
): Generator<PlannedProposal> {
  const cwes = [...new Set(options.seeds.map(({ cwe }) => cwe))];
  for (let number = 0; number < count; number++) {
    // Weaknesses take turns, so that any number of requests is spread evenly.
    const cwe = cwes[number % cwes.length];
    if (cwe === undefined) return;
    yield planOne({ options, variations, cwe, number });
  }
}

function planOne({
  options,
  variations,
  cwe,
  number,
}: {
  options: ChatSourceOptions;
  variations: Variations;
  cwe: CweId;
  number: number;
}): PlannedProposal {
  const random = seededRandom(Number.parseInt(shortHashOf([options.seed, number]).slice(0, 8), 16));
  const own = options.seeds.filter((seed) => seed.cwe === cwe);
  const examples = shuffled(own, random).slice(0, options.examples);
  const scenario = pick(variations.scenarios, random);
  const framework = pick(variations.frameworks, random);
  const [fewest, most] = pick(variations.lengths, random);
  const { sampling, seed, language } = options;
  const weakness = [cwe, options.nameOf(cwe)].filter((part) => part !== undefined).join(", ");
  const content = proposalPrompt({
    language: language.language,
    weakness,
    examples,
    scenario,
    framework,
    lines: `${fewest} to ${most}`,
  });
  const request = {
    messages: [SYSTEM, { role: "user" as const, content }],
    ...sampling,
    seed: seed + number,
  };
  return { key: shortHashOf([options.model.identity, request]), cwe, examples, scenario, framework, request };
}

const SYSTEM = {
  role: "system",
  content:
    "You write programs that test a static analyser and train a repair tool. They are read, never deployed. Each has one known weakness, as an ordinary programmer would leave it in by mistake.",
} as const;

const FENCE = "```";

function proposalPrompt(wanted: {
  language: Language;
  weakness: string;
  examples: readonly Seed[];
  scenario: string;
  framework: string;
  lines: string;
}): string {
  const { language, weakness, examples, scenario, framework, lines } = wanted;
  const name = language === "c" ? "C" : "Python";
  const shown = examples.map(({ code }) => `${FENCE}${language}\n${code.trimEnd()}\n${FENCE}`);
  const using = framework === "none" ? "without a web framework" : `with ${framework}`;
  return [
    `These ${name} programs have the weakness ${weakness}:`,
    ...shown,
    `Write another ${name} program with the same weakness, for ${scenario}, ${using}, ${lines} lines long.`,
    "It must be whole: every import, every function. It must not resemble the examples in names or structure. No comment, name or message may point at the weakness. Answer with the program only.",
  ].join("\n\n");
}

async function proposals(
  planned: PlannedProposal,
  options: ChatSourceOptions,
  signal: AbortSignal,
): Promise<Proposal[]> {
  const { language, model } = options;
  const reply = await model.chat(planned.request, { signal });
  const fenceNames = fenceNamesOf(language.language);
  const answer = readAnswer(reply, { parses: (text) => language.parses(text), fenceNames });
  if (answer.kind !== "programs") {
    return [{ kind: "unusable", ref: planned.key, reason: answer.kind, detail: answer.detail }];
  }
  // A program that only repeats an example is no new one: the oracle has seen it as a seed.
  const examples = new Set(planned.examples.map(({ code }) => code.trim()));
  return answer.programs.map((code, index): Proposal => {
    const ref = `${planned.key}/${index}`;
    if (examples.has(code.trim())) {
      return {
        kind: "unusable",
        ref,
        reason: "repeats-example",
        detail: "the answer is one of the examples",
      };
    }
    return {
      kind: "candidate",
      candidate: {
        id: ref,
        language: language.language,
        code,
        source: {
          kind: "llm",
          ref,
          // What was written after the same example must not be split between training and evaluation.
          family: planned.examples[0]?.id ?? planned.key,
          framework: planned.framework,
          scenario: planned.scenario,
          asked: planned.cwe,
          model: model.identity,
        },
      },
    };
  });
}

function pick<T>(items: readonly [T, ...T[]] | readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to draw from");
  return item;
}
