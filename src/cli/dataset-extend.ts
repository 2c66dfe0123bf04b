// `hexacoder dataset extend`: the model that was trained on a dataset writes on from openings of seeds, and what
// comes out secure joins the rows. Composes generation and dataset; both meet in the run folder.
import { basename, resolve } from "node:path";
import { Command } from "commander";
import type { Completion, Task } from "../core/completion.ts";
import type { CweId } from "../core/cwe.ts";
import type { Language } from "../core/language.ts";
import type { Manifest } from "../core/manifest.ts";
import { extendDataset, noOpening, type Opening } from "../dataset/extend.ts";
import { readRows } from "../dataset/read-rows.ts";
import { generateMissing } from "../evaluation/evaluate.ts";
import type { Arm } from "../evaluation/plan.ts";
import { readCompletions } from "../evaluation/run-files.ts";
import { paperSampling } from "../generation/generation.ts";
import { createGenerator } from "../generation/strategies.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { CompletionModel } from "../llm/llm.ts";
import { openModelServer } from "../llm/registry.ts";
import type { ExecutionOracle } from "../oracle/execution/oracle.ts";
import { createOperationProbe, type OperationProbe } from "../oracle/operations.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { openOracle } from "../oracle/registry.ts";
import { seedOpenings } from "../synthesis/sources/model.ts";
import { readSeeds } from "../synthesis/sources/seeds.ts";
import { hashOf, sha256File, shortHashOf } from "../util/hash.ts";
import { openRunFolder } from "../util/run-folder.ts";
import { runtimeVersions } from "../util/versions.ts";
import type { CliContext } from "./context.ts";
import { presentDataset } from "./dataset-words.ts";
import { promptsAtOnce } from "./eval-tools.ts";
import { numberBetween, wholeNumber } from "./options.ts";
import { createProgress } from "./progress.ts";

interface ExtendFlags {
  model: string;
  adapter: string;
  out: string;
  samples: number;
  keep: number;
  localImports: boolean;
  nearDuplicate: number;
  works: boolean;
  seed: number;
  resume: boolean;
  json: boolean;
}

/** What `--local-imports` says in help, here and for `build`. */
export const LOCAL_IMPORTS =
  "in every other row, imports that were added stand in the function that uses them";

/** The command. */
export function extendCommand(context: CliContext): Command {
  return new Command("extend")
    .description("add programs that the trained model itself writes securely (rejection sampling)")
    .argument("<dataset>", "a folder that dataset build or import has written")
    .requiredOption("--model <model>", "the base, such as tiny or hf:ORG/NAME")
    .requiredOption("--adapter <dir>", "the adapter that was trained on the dataset")
    .requiredOption("--out <dir>", "the new dataset folder")
    .option("--samples <n>", "programs to draw from each opening", wholeNumber(1), 5)
    .option("--keep <n>", "most of them to learn from", wholeNumber(1), 2)
    .option("--works", "keep only those that work: a benign use ends well in the sandbox (Python)", false)
    .option("--local-imports", LOCAL_IMPORTS, false)
    .option("--near-duplicate <x>", "Jaccard index of near-duplicates", numberBetween(0.1, 1), 0.9)
    .option("--seed <n>", "decides the samples", wholeNumber(0), 42)
    .option("--resume", "go on with a run that was cut short", false)
    .option("--json", "print the numbers as JSON", false)
    .action(async (dataset: string, options: ExtendFlags) => {
      await extend(context, resolve(context.cwd, dataset), options);
    });
}

async function extend(context: CliContext, dataset: string, options: ExtendFlags): Promise<void> {
  const oracle = await openOracle("builtin", { threatModels: ["remote"] });
  const probe = await createOperationProbe();
  const openings = await openingsFor(dataset, oracle);
  if (openings.size === 0) throw noOpening(dataset);
  const out = resolve(context.cwd, options.out);
  const { model: base, adapter } = options;
  const runs = options.works ? await openExecution(context) : undefined;
  const server = await openModelServer({
    ...{ base, adapters: { adapter } },
    ...{ env: context.env, cwd: context.cwd, signal: context.signal },
  });
  try {
    const model = server.model("adapter");
    const manifest = await manifestOf(options, { dataset, openings, model, oracle, probe, runs });
    await openRunFolder(out, manifest, options);
    await draw(context, out, armOf(options, openings, model));
    const { identities, startedAt } = manifest;
    const facts = await extendDataset({
      ...{ dataset, out, openings, oracle, probe },
      completions: await completionsIn(out),
      languages: { python: await loadLanguage("python"), c: await loadLanguage("c") },
      whyItFails: runs && ((text) => runs.whyItFails(text, context.signal)),
      ...{ keep: options.keep, nearDuplicate: options.nearDuplicate, localImports: options.localImports },
      provenance: { run: basename(out), startedAt, madeBy: identities },
    });
    presentDataset(context, options, out, facts);
  } finally {
    await Promise.all([server.close(), runs?.close()]);
  }
}

/** Loaded where it is asked for: it checks its sandbox and its Python. */
async function openExecution({ env }: CliContext): Promise<ExecutionOracle> {
  const { createExecutionOracle } = await import("../oracle/execution/oracle.ts");
  return createExecutionOracle({ threatModels: ["remote"], env });
}

/** Openings of the seeds of a dataset's weaknesses, by task id; not of families that its loss is measured on. */
async function openingsFor(dataset: string, detect: SecurityOracle): Promise<Map<string, Opening>> {
  const topics = new Map<Language, Set<CweId>>();
  const held = new Set<unknown>();
  for await (const { source } of readRows(dataset, "eval")) held.add(source.family);
  for await (const { language, cwe } of readRows(dataset, "train")) {
    const cwes = topics.get(language) ?? new Set();
    topics.set(language, cwe === undefined ? cwes : cwes.add(cwe));
  }
  const openings = new Map<string, Opening>();
  for (const [name, cwes] of topics) {
    const seeds = (await readSeeds({ language: name, cwes: [...cwes] })).filter(({ id }) => !held.has(id));
    const found = await seedOpenings({ seeds, detect, language: await loadLanguage(name) });
    for (const { seed, text } of found) {
      const { id: family, code: example, language, cwe, framework } = seed;
      const opening = { prompt: text, example, family, language, cwe, framework };
      openings.set(`openings/${family}/${shortHashOf(text)}`, opening);
    }
  }
  return openings;
}

/** An arm as evaluations have it, so that samples are stored and taken up again as theirs are. */
function armOf(options: ExtendFlags, openings: ReadonlyMap<string, Opening>, model: CompletionModel): Arm {
  const name = "openings";
  const tasks = [...openings].map(
    ([id, { prompt, language, cwe, family }]): Task => ({
      id,
      benchmark: name,
      language,
      prompt,
      cwe,
      family,
    }),
  );
  const { samples } = options;
  const sampling = { ...paperSampling, seed: options.seed };
  const strategy = "two-step";
  return {
    benchmark: {
      ...{ name, title: "openings of the seeds", identity: `${name}@${hashOf(tasks)}`, language: "python" },
      ...{ licence: "MIT", remarks: [], defaults: { samples, maxTokens: sampling.maxTokens }, tasks },
    },
    ...{ tasks, role: "adapter", model: model.identity, adapter: model.adapter, strategy, samples },
    concurrency: promptsAtOnce(model.concurrency, samples),
    generate: createGenerator({ strategy, model, sampling }),
  };
}

async function draw(context: CliContext, folder: string, arm: Arm): Promise<void> {
  const progress = createProgress(context, "dataset");
  await generateMissing(
    { arms: [arm] },
    {
      folder,
      signal: context.signal,
      onProgress: ({ done, total }) => progress.update(`${done} of ${total} programs drawn`),
      onBroken: (lines) =>
        context.talk(`dataset: ${lines} broken lines in completions.jsonl are drawn again`),
    },
  );
  progress.done(`${arm.tasks.length * arm.samples} programs drawn from ${arm.tasks.length} openings`);
}

async function completionsIn(folder: string): Promise<Completion[]> {
  const completions: Completion[] = [];
  for await (const completion of readCompletions(folder)) completions.push(completion);
  return completions;
}

async function manifestOf(
  { samples, keep, nearDuplicate, works, localImports, seed }: ExtendFlags,
  tools: {
    readonly dataset: string;
    readonly openings: ReadonlyMap<string, Opening>;
    readonly model: CompletionModel;
    readonly oracle: SecurityOracle;
    readonly probe: OperationProbe;
    readonly runs: ExecutionOracle | undefined;
  },
): Promise<Manifest> {
  const { dataset, openings, model, oracle, probe, runs } = tools;
  const part = (name: string): Promise<string> => sha256File(resolve(dataset, `${name}.jsonl`));
  return {
    version: 1,
    kind: "dataset",
    options: {
      ...{ extends: true, samples, keep, nearDuplicate },
      ...(works ? { works } : {}),
      ...(localImports ? { localImports } : {}),
    },
    inputs: { train: await part("train"), eval: await part("eval"), openings: hashOf([...openings]) },
    seeds: { samples: seed },
    identities: {
      model: model.identity,
      ...(model.adapter === undefined ? {} : { adapter: model.adapter }),
      ...{ detect: oracle.identity, operations: probe.identity },
      ...(runs === undefined ? {} : { works: runs.identity }),
    },
    versions: runtimeVersions(),
    startedAt: new Date().toISOString(),
  };
}
