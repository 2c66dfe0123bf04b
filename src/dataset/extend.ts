// `dataset extend`: what a model writes securely by itself becomes training rows, beside the repaired pairs
// (rejection sampling, as arXiv 2308.01825 does it for mathematics and arXiv 2308.08998 in rounds). Pairs show
// a model the few tokens of a fix; its own secure programs show how it goes on before and after one.
import type { Completion } from "../core/completion.ts";
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import type { SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { TrainingRow } from "../core/pair.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import type { OperationProbe } from "../oracle/operations.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { mapOrdered } from "../util/ordered.ts";
import { type DatasetFacts, factsOf, type RunProvenance } from "./card.ts";
import { carelessness, withoutIdleImports } from "./careless.ts";
import { promptContainment, readHexabenchPrompts } from "./decontaminate.ts";
import { leftOutWords } from "./left-out.ts";
import { readRows } from "./read-rows.ts";
import { hasLocalImports } from "./rows.ts";
import { NearDuplicateIndex } from "./similarity.ts";
import type { Split } from "./split.ts";
import { writeDataset } from "./write.ts";

/** A beginning that the model was asked to write on, and the program that it is the beginning of. */
export interface Opening {
  /** The program so far. */
  readonly prompt: string;
  /** A whole program that begins so and shows what is to be done with a request's values. */
  readonly example: string;
  /** The program's family. */
  readonly family: string;
  /** Its language. */
  readonly language: Language;
  /** The weakness that it invites. */
  readonly cwe: CweId;
  /** Its framework, for the card. */
  readonly framework: string;
}

/** What `dataset extend` is asked. */
export interface ExtendOptions {
  /** The dataset folder that is extended. */
  readonly dataset: string;
  /** The new dataset folder. */
  readonly out: string;
  /** Openings by the task's id of their completions. */
  readonly openings: ReadonlyMap<string, Opening>;
  /** What the model wrote, in any order. */
  readonly completions: readonly Completion[];
  /** Says what is secure. */
  readonly oracle: SecurityOracle;
  /** Says what a program does with a request's values. */
  readonly probe: OperationProbe;
  /** The programs' languages. */
  readonly languages: Readonly<Record<Language, LanguageSupport>>;
  /**
   * Says in a few words why a program does not work, where only those that do are learned from; a language that it
   * is not asked about has no program that does.
   */
  readonly whyItFails?: ((text: string) => Promise<string | undefined>) | undefined;
  /** Whether every other new row has the imports that the model added where they are used. */
  readonly localImports?: boolean | undefined;
  /** Most rows of one opening. */
  readonly keep: number;
  /** Jaccard index from which two of the new programs are near-duplicates. */
  readonly nearDuplicate: number;
  /** How the programs came about, for the card. */
  readonly provenance: RunProvenance;
}

/** Kind of source of the new rows. */
const SAMPLED = "sampled";

/** Writes the dataset with the new rows in its training part; returns what it holds. */
export async function extendDataset(options: ExtendOptions): Promise<DatasetFacts> {
  const split: Split = { train: [], eval: [] };
  for (const part of ["train", "eval"] as const) {
    for await (const row of readRows(options.dataset, part)) split[part].push(row);
  }
  const { rows, leftOut, apartFrom } = await selectRows(options);
  if (rows.length === 0) throw nothingLearned(options, leftOut);
  split.train.push(...rows);
  const { provenance } = options;
  const facts = factsOf(split, { made: "extend", spans: "tokens", leftOut, apartFrom, runs: [provenance] });
  await writeDataset(options.out, split, facts);
  return facts;
}

/** Nothing can be drawn for a dataset: also told before a model is loaded for it. */
export function noOpening(dataset: string): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `The model wrote no program: there is no opening of a seed for the weaknesses of ${dataset}.`,
    remedy:
      "With nothing to draw from, name a dataset whose rows to train on have weaknesses of the seeds (hexacoder synth --from seeds).",
  });
}

function nothingLearned(
  { completions, dataset }: ExtendOptions,
  leftOut: Readonly<Record<string, number>>,
): HexacoderError {
  const words = leftOutWords(leftOut);
  if (words === "") return noOpening(dataset);
  return new HexacoderError("nothing-to-do", {
    message: `None of the programs that the model wrote (${completions.length}) can be learned from: ${words}.`,
    remedy: "Train on the pairs first and name that adapter, or draw more --samples.",
  });
}

interface Drawn {
  readonly completion: Completion;
  readonly opening: Opening;
}

async function selectRows(
  options: ExtendOptions,
): Promise<Pick<DatasetFacts, "leftOut" | "apartFrom"> & { rows: TrainingRow[] }> {
  const leftOut: Record<string, number> = {};
  const leave = (reason: string): void => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  const prompts = await readHexabenchPrompts();
  const drawn = inOrder(options);
  const safe = [finished, careful, ...(await secureGates(options, drawn))];
  const gates = [
    ...safe,
    ...(await workingGates(options, drawn, safe)),
    unlikeOthers(options, promptContainment(prompts)),
  ];
  const rows: TrainingRow[] = [];
  for (const one of drawn) {
    const reason = firstReason(gates, one, options);
    const row = reason === undefined ? rowOf(one, options) : undefined;
    if (row === undefined) leave(reason ?? "nothing to learn");
    else rows.push(row);
  }
  return { rows, leftOut, apartFrom: { hexabench: prompts.length } };
}

/** Why a program is not learned from; undefined when nothing is against it. */
type Gate = (drawn: Drawn, options: ExtendOptions) => string | undefined;

function firstReason(gates: readonly Gate[], drawn: Drawn, options: ExtendOptions): string | undefined {
  for (const gate of gates) {
    const reason = gate(drawn, options);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** By opening and sample, so that a run that was cut short and resumed chooses the same. */
function inOrder({ completions, openings, languages }: ExtendOptions): Drawn[] {
  const drawn = completions.flatMap((completion) => {
    const opening = openings.get(completion.taskId);
    if (opening === undefined) return [];
    const text = withoutIdleImports(completion.text, opening.prompt, languages[opening.language]);
    return [{ completion: { ...completion, text }, opening }];
  });
  const key = ({ completion }: Drawn): string => completion.taskId;
  return drawn.sort((a, b) => {
    if (key(a) !== key(b)) return key(a) < key(b) ? -1 : 1;
    return a.completion.sample - b.completion.sample;
  });
}

const finished: Gate = ({ completion, opening }, { languages }) => {
  if (completion.finishReason !== "stop") return "did not come to an end";
  return languages[opening.language].parses(completion.uncut) ? undefined : "does not parse";
};

const careful: Gate = ({ completion, opening }, { languages }) =>
  carelessness(completion.text, opening.prompt, languages[opening.language]);

/** The oracle finds nothing, and the program does what its opening is about: doing less would be no skill. */
async function secureGates(options: ExtendOptions, drawn: readonly Drawn[]): Promise<Gate[]> {
  const { oracle, probe } = options;
  const whole = drawn.filter((one) => finished(one, options) === undefined);
  const results = await oracle.scan(whole.map(fileOf));
  const verdicts = new Map(whole.map(({ completion }, i) => [completion.id, results[i]]));
  const isSecure: Gate = ({ completion }) => {
    const result = verdicts.get(completion.id);
    if (result?.status !== "scanned") return "not analysed";
    return result.findings.length === 0 ? undefined : "flagged";
  };
  const operations = operationsOf(options);
  const doesTheTask: Gate = (drawn) => {
    const wanted = operations.get(drawn.opening);
    const done = probe.of(fileOf(drawn));
    if (wanted === undefined || done === "unscanned") return "not analysed";
    return done.has(wanted) ? undefined : "does not do what its opening is about";
  };
  return [isSecure, doesTheTask];
}

/** Programs at once that are waited for; how many run at once is the runner's to say. */
const MOST_WAITING = 32;

/** The program runs, where that is asked for. It is run only where nothing else is against it. */
async function workingGates(
  options: ExtendOptions,
  drawn: readonly Drawn[],
  before: readonly Gate[],
): Promise<Gate[]> {
  const { whyItFails } = options;
  if (whyItFails === undefined) return [];
  const runnable = drawn.filter(
    (one) => one.opening.language === "python" && firstReason(before, one, options) === undefined,
  );
  const failures = new Map<string, string | undefined>();
  const run = async ({ completion: { id, text } }: Drawn) => ({ id, why: await whyItFails(text) });
  for await (const { id, why } of mapOrdered(runnable, MOST_WAITING, run)) failures.set(id, why);
  return [
    ({ completion: { id } }) => {
      if (!failures.has(id)) return "cannot be run";
      return failures.get(id) === undefined ? undefined : "does not work";
    },
  ];
}

/**
 * What each opening is about: of the operations that its example performs, the one that most examples of the
 * weakness perform.
 */
function operationsOf({ openings, probe }: ExtendOptions): ReadonlyMap<Opening, string> {
  const performed = new Map<string, ReadonlySet<string>>();
  const counts = new Map<string, number>();
  const key = ({ cwe }: Opening, operation: string): string => `${cwe} ${operation}`;
  for (const opening of openings.values()) {
    const { example, language } = opening;
    if (performed.has(example)) continue;
    const found = probe.of({ path: opening.family, language, text: example });
    const operations = found === "unscanned" ? new Set<string>() : found;
    performed.set(example, operations);
    for (const operation of operations)
      counts.set(key(opening, operation), (counts.get(key(opening, operation)) ?? 0) + 1);
  }
  const commonest = (opening: Opening): string | undefined =>
    [...(performed.get(opening.example) ?? [])]
      .sort()
      .sort((a, b) => (counts.get(key(opening, b)) ?? 0) - (counts.get(key(opening, a)) ?? 0))[0];
  return new Map(
    [...openings.values()].flatMap((opening) => {
      const operation = commonest(opening);
      return operation === undefined ? [] : [[opening, operation]];
    }),
  );
}

function unlikeOthers(
  { nearDuplicate, keep }: ExtendOptions,
  containsPrompt: (text: string) => string | undefined,
): Gate {
  const index = new NearDuplicateIndex(nearDuplicate);
  const taken = new Map<Opening, number>();
  return ({ completion, opening }) => {
    if (containsPrompt(completion.text) !== undefined) return "contains a benchmark prompt";
    if (index.near(completion.text).length > 0) return "near-duplicate";
    const count = taken.get(opening) ?? 0;
    if (count >= keep) return "more than wanted of an opening";
    index.add(completion.text);
    taken.set(opening, count + 1);
    return undefined;
  };
}

/** What the model added to its prompt is learned: imports and everything behind the opening. */
function rowOf({ completion, opening }: Drawn, options: ExtendOptions): TrainingRow | undefined {
  const { id, model, adapter } = completion;
  const own = options.languages[opening.language];
  const text =
    options.localImports && hasLocalImports(id) ? importedLocally(completion, own) : completion.text;
  const changes = own.changedSpans(opening.prompt, text);
  if (changes.length === 0) return undefined;
  const { language, cwe, family, framework } = opening;
  const source = { kind: SAMPLED, ref: id, family, framework, model, ...(adapter && { adapter }) };
  return { id, text, changes, language, cwe, source };
}

/** The program with the imports that the model put at the top where it uses them. */
function importedLocally({ text, imports = [] }: Completion, language: LanguageSupport): string {
  return language.join(language.withLocalImports(language.split(text), imports));
}

function fileOf({ completion, opening }: Drawn): SourceFile {
  return { path: completion.id, language: opening.language, text: completion.text };
}
