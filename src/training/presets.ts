// Settings of a training run: the paper's common values (data/presets/defaults.json), over them a preset for
// the model (data/presets/NAME.json), over it what the user says. What differs between models is data.
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import { HexacoderError } from "../core/errors.ts";
import { resource } from "../util/resources.ts";

/** Programs that draw a loss curve. */
export const trackers = ["tensorboard", "wandb"] as const;

const loraSchema = z.strictObject({
  /** Rank of the update matrices. */
  rank: z.int().min(1),
  /** Scale of the update is alpha/rank. */
  alpha: z.number().positive(),
  /** Dropout on the adapter's input. */
  dropout: z.number().min(0).lt(1),
  /** Suffixes of module names to adapt; null finds the attention projections. */
  targetModules: z.array(z.string().min(1)).min(1).nullable(),
  /** Suffixes of parameters to adapt that are no linear layers, such as fused experts; takes dropout 0. */
  targetParameters: z.array(z.string().min(1)).min(1).nullable(),
  /** Which biases to train. */
  bias: z.literal("none"),
});

/** Everything that a training run can be told, completed. */
export const trainingSettingsSchema = z.strictObject({
  /** Seed of order, initialisation and dropout. */
  seed: z.int().min(0),
  /** Passes over the training rows. */
  epochs: z.number().positive(),
  /** Upper bound of optimizer steps; null: none. */
  maxSteps: z.int().min(1).nullable(),
  /** Rows an optimizer step. */
  batchSize: z.int().min(1),
  /** Rows a forward pass; null: batchSize. */
  microBatchSize: z.int().min(1).nullable(),
  /** Peak learning rate. */
  learningRate: z.number().positive(),
  /** Learning rate after warm-up. */
  schedule: z.enum(["cosine", "constant"]),
  /** Share of all steps spent warming up. */
  warmupRatio: z.number().min(0).max(1),
  /** AdamW's weight decay. */
  weightDecay: z.number().min(0),
  /** Longest row in tokens; the rest is cut off. */
  maxLength: z.int().min(2),
  /** Largest gradient norm; null: no clipping. */
  gradClip: z.number().positive().nullable(),
  /** The adapter's shape. */
  lora: loraSchema,
  /** Learn the tokens of changed spans only, or all; or prefer each row to its vulnerable side (DPO). */
  loss: z.enum(["masked", "unmasked", "dpo"]),
  /** With the loss dpo: how closely to stay to the base; larger is closer. */
  beta: z.number().positive(),
  /** Evaluations an epoch. */
  evalPerEpoch: z.int().min(1),
  /** Steps between checkpoints. */
  saveEverySteps: z.int().min(1),
  /** Export the adapter of the lowest evaluation loss, else the last. */
  keepBest: z.boolean(),
  /** Of the base; auto: bfloat16 on a GPU, float32 on a processor. */
  dtype: z.enum(["auto", "float32", "bfloat16"]),
  /** auto: a GPU where there is one. */
  device: z.enum(["auto", "cpu", "cuda"]),
  /** CPU threads; null: PyTorch's choice. */
  threads: z.int().min(1).nullable(),
  /** Trade compute for GPU memory. */
  gradientCheckpointing: z.boolean(),
  /** The base's linear layers in four bits (QLoRA), on a GPU; null: as they are. */
  quantize: z.enum(["4bit"]).nullable(),
  /** Liger's fused kernels, on a GPU. */
  liger: z.boolean(),
  /** Shares the base's weights out among the processes, so that none holds all (FSDP). */
  fsdp: z.boolean(),
  /** Where the loss curve goes beside our own progress; null: nowhere. */
  reportTo: z.array(z.enum(trackers)).min(1).nullable(),
  /** Weight of the divergence from the base at unlearned tokens; 0: the paper's loss. */
  anchor: z.number().min(0),
  /** Share of the trained change that the exported adapter makes; 1: all of it. */
  strength: z.number().min(0).max(1),
  /** Weight of making what the fix removed unlikely, on the rows' vulnerable sides; 0: the paper's loss. */
  unlikelihood: z.number().min(0),
  /** Evaluations without a better one after which training stops; null: never. */
  patience: z.int().min(1).nullable(),
  /** Rows as they are, or as answers in the base's chat template. */
  template: z.enum(["plain", "chat"]),
  /** What the user asks in a chat example whose row has no `prompt`; `{language}` is the row's. */
  chatRequest: z.string().min(1),
  /** Part of an epoch's rows that come from the replay file, where one is given; 0: none. */
  replayShare: z.number().min(0).lt(1),
});
/** See {@link trainingSettingsSchema}. */
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;

const partialSettingsSchema = trainingSettingsSchema
  .partial()
  .extend({ lora: loraSchema.partial().optional() });
/** Some settings; the rest comes from below. */
export type PartialSettings = z.infer<typeof partialSettingsSchema>;

const presetSchema = z.strictObject({
  /** One sentence: which model, after whom. */
  description: z.string().min(1),
  /** Names of bases that it is for, `*` for anything; none: only by name. */
  bases: z.array(z.string().min(1)),
  /** What a reader should know. */
  notes: z.string().optional(),
  /** Over the defaults. */
  settings: partialSettingsSchema,
  /** Over the settings where the loss is dpo, which wants other rates. */
  withDpo: partialSettingsSchema.optional(),
});
/** A preset, under its file's name. */
export type Preset = z.infer<typeof presetSchema> & { readonly name: string };

const DEFAULTS = "defaults";

/** All presets, by name; the defaults are not among them. */
export function listPresets(): Preset[] {
  const names = readdirSync(resource("data", "presets")).filter((file) => file.endsWith(".json"));
  return names
    .map((file) => basename(file, ".json"))
    .filter((name) => name !== DEFAULTS)
    .sort()
    .map(readPreset);
}

function readPreset(name: string): Preset {
  const path = resource("data", "presets", `${name}.json`);
  return { name, ...presetSchema.parse(JSON.parse(readFileSync(path, "utf8"))) };
}

/** The preset of that name, or the one for the base, or undefined where none is for it. */
export function choosePreset(name: string | undefined, base: string): Preset | undefined {
  const presets = listPresets();
  if (name === undefined) return closestPreset(presets, base);
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset !== undefined) return preset;
  throw new HexacoderError("bad-usage", {
    message: `There is no preset "${name}".`,
    remedy: `Take one of: ${presets.map((candidate) => candidate.name).join(", ")}.`,
  });
}

/** Where several are for the base, the one that says most about its name. */
function closestPreset(presets: readonly Preset[], base: string): Preset | undefined {
  const fitting = presets.flatMap((preset) =>
    preset.bases.filter((pattern) => matches(pattern, base)).map((pattern) => ({ preset, pattern })),
  );
  return fitting.sort((one, other) => other.pattern.length - one.pattern.length)[0]?.preset;
}

/** `base` is a hub id or a folder; its last part is what patterns are about. */
function matches(pattern: string, base: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const name =
    base
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .at(-1) ?? "";
  return new RegExp(`^${parts.join(".*")}$`, "i").test(name);
}

/** Defaults, then the preset, then what the user says. */
export function completeSettings(preset: Preset | undefined, overrides: PartialSettings): TrainingSettings {
  const defaults = readPreset(DEFAULTS);
  const user = given(overrides);
  const common = [defaults.settings, preset?.settings ?? {}];
  const loss = [...common, user].findLast((layer) => layer.loss !== undefined)?.loss;
  const ofLoss = loss === "dpo" ? [defaults.withDpo ?? {}, preset?.withDpo ?? {}] : [];
  const layers = [...common, ...ofLoss, user];
  const flat = Object.assign({}, ...layers);
  const lora = Object.assign({}, ...layers.map((layer) => given(layer.lora ?? {})));
  return trainingSettingsSchema.parse({ ...flat, lora });
}

/** Without keys whose value is undefined, which would hide the layers below. */
function given<T extends object>(values: T): Partial<T> {
  // The entries are a subset of T's own.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
