// Programs that a completion model writes on from the openings of seeds.
import type { LanguageSupport } from "../../lang/lang.ts";
import type { CompletionModel, CompletionRequest } from "../../llm/llm.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { hashOf, shortHashOf } from "../../util/hash.ts";
import { seededRandom, shuffled } from "../../util/random.ts";
import type { CandidateSource, Proposal } from "../candidate.ts";
import { mapAhead } from "../flow.ts";
import { openingsOf } from "../openings.ts";
import type { Seed } from "./seeds.ts";

/** What the source needs. */
export interface ModelSourceOptions {
  /** Writes the programs. It keeps its answers itself, so that a resumed run asks for nothing twice. */
  readonly model: CompletionModel;
  /** Whose openings are continued, all of one language. */
  readonly seeds: readonly Seed[];
  /** Finds where a seed's weakness is. */
  readonly detect: SecurityOracle;
  /** For openings, and to end a program where its function ends. */
  readonly language: LanguageSupport;
  /** How many programs to ask for. */
  readonly count: number;
  /** Programs asked for in one request. */
  readonly perRequest: number;
  /** Sampling. */
  readonly sampling: { readonly temperature: number; readonly topP: number; readonly maxTokens: number };
  /** Decides openings and samples. */
  readonly seed: number;
}

/** The beginning of a seed, to be written on. */
export interface Opening {
  /** The seed. */
  readonly seed: Seed;
  /** The program up to a statement before its weakness. */
  readonly text: string;
}

interface PlannedRequest {
  readonly key: string;
  readonly opening: Opening;
  readonly request: CompletionRequest;
}

/** Proposes what the model writes on from the seeds' openings, `count` programs in all. */
export async function modelSource(options: ModelSourceOptions): Promise<CandidateSource> {
  const openings = await seedOpenings(options);
  const requests = plan(openings, options);
  return {
    inputs: { openings: hashOf(openings.map((opening) => opening.text)) },
    size: options.count,
    async *propose(signal) {
      const ask = (planned: PlannedRequest): Promise<Proposal[]> => proposals(planned, options, signal);
      const atOnce = options.model.concurrency;
      for await (const found of mapAhead(requests, { atOnce, window: 4 * atOnce }, ask)) yield* found;
    },
  };
}

/** Every opening of the seeds, in their order. */
export async function seedOpenings(
  options: Pick<ModelSourceOptions, "seeds" | "detect" | "language">,
): Promise<Opening[]> {
  const files = options.seeds.map((seed) => ({
    path: seed.file,
    language: seed.language,
    text: seed.code,
  }));
  const results = await options.detect.scan(files);
  return options.seeds.flatMap((seed, i) => {
    const result = results[i];
    if (result?.status !== "scanned") return [];
    const findings = result.findings.filter((finding) => finding.cwes[0] === seed.cwe);
    return openingsOf(seed.code, findings, options.language).map((text) => ({ seed, text }));
  });
}

/** Goes round the openings in a random order, so that any number of requests is spread evenly. */
function plan(openings: readonly Opening[], options: ModelSourceOptions): PlannedRequest[] {
  const random = seededRandom(options.seed);
  const requests: PlannedRequest[] = [];
  let order: Opening[] = [];
  for (let asked = 0; asked < options.count && openings.length > 0; asked += options.perRequest) {
    if (order.length === 0) order = shuffled(openings, random);
    const opening = order.pop();
    if (opening === undefined) break;
    const request: CompletionRequest = {
      prompt: opening.text,
      n: Math.min(options.perRequest, options.count - asked),
      ...options.sampling,
      stop: [],
      seed: options.seed + asked,
    };
    requests.push({
      key: shortHashOf([options.model.identity, options.model.adapter, request]),
      opening,
      request,
    });
  }
  return requests;
}

async function proposals(
  planned: PlannedRequest,
  options: ModelSourceOptions,
  signal: AbortSignal,
): Promise<Proposal[]> {
  const answer = await options.model.complete(planned.request, { signal });
  return answer.completions.map((completion, i) => proposalOf(planned, completion.text, i, options));
}

function proposalOf(
  planned: PlannedRequest,
  text: string,
  sample: number,
  options: ModelSourceOptions,
): Proposal {
  const { seed, text: opening } = planned.opening;
  const ref = `${planned.key}/${sample}`;
  if (text.trim() === "")
    return { kind: "unusable", ref, reason: "empty-answer", detail: "the model wrote nothing" };
  return {
    kind: "candidate",
    candidate: {
      id: ref,
      language: seed.language,
      code: options.language.cut(opening, text),
      source: {
        kind: "llm",
        ref,
        family: seed.id,
        framework: seed.framework,
        model: options.model.identity,
      },
    },
  };
}
