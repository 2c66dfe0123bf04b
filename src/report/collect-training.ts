// Reads the trainer's events from progress.jsonl: losses by step, and what it said at the start.
import { join } from "node:path";
import { z } from "zod";
import { HexacoderError } from "../core/errors.ts";
import { readJsonLines } from "../util/jsonl.ts";
import { readManifest } from "../util/run-folder.ts";
import type { LossPoint, TrainingData } from "./data.ts";

const eventSchema = z.discriminatedUnion("event", [
  z.looseObject({
    event: z.literal("start"),
    base: z.string(),
    device: z.string().optional(),
    dtype: z.string().optional(),
    trainRows: z.number().optional(),
    evalRows: z.number().optional(),
    learningTokens: z.number().optional(),
    trainableParams: z.number().optional(),
    totalParams: z.number().optional(),
    targetModules: z.array(z.string()).optional(),
    versions: z.record(z.string(), z.string()).optional(),
  }),
  z.looseObject({ event: z.literal("step"), step: z.number(), loss: z.number() }),
  z.looseObject({ event: z.literal("eval"), step: z.number(), loss: z.number() }),
  z.looseObject({
    event: z.literal("finished"),
    bestStep: z.number().nullish(),
    seconds: z.number().optional(),
  }),
]);
type TrainerEvent = z.infer<typeof eventSchema>;

/** Reads the events of a folder; undefined when it holds no training. */
export async function collectTraining(folder: string): Promise<Omit<TrainingData, "label"> | undefined> {
  // A resumed run repeats steps after its checkpoint: the last word on a step counts.
  const train = new Map<number, number>();
  const held = new Map<number, number>();
  const facts = new Map<string, string>();
  let bestStep: number | undefined;
  try {
    for await (const line of readJsonLines(join(folder, "progress.jsonl"))) {
      const event = line.kind === "value" ? eventSchema.safeParse(line.value).data : undefined;
      if (event?.event === "step") train.set(event.step, event.loss);
      if (event?.event === "eval") held.set(event.step, event.loss);
      if (event?.event === "start") addFacts(facts, event);
      if (event?.event === "finished") bestStep = event.bestStep ?? undefined;
    }
  } catch (error) {
    if (error instanceof HexacoderError && error.code === "file-not-found") return undefined;
    throw error;
  }
  if (train.size + held.size === 0) return undefined;
  return { train: points(train), held: points(held), facts, bestStep, manifest: await readManifest(folder) };
}

function points(losses: ReadonlyMap<number, number>): LossPoint[] {
  return [...losses].map(([step, loss]) => ({ step, loss })).sort((a, b) => a.step - b.step);
}

function addFacts(facts: Map<string, string>, event: Extract<TrainerEvent, { event: "start" }>): void {
  const values = {
    base: event.base,
    device: [event.device, event.dtype].filter((part) => part !== undefined).join(", "),
    "training rows": event.trainRows,
    "held-out rows": event.evalRows,
    "tokens with loss": event.learningTokens,
    "trained parameters":
      event.trainableParams === undefined
        ? undefined
        : `${event.trainableParams} of ${event.totalParams ?? "?"}`,
    "target modules": event.targetModules?.join(", "),
    versions: Object.entries(event.versions ?? {})
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== "") facts.set(name, String(value));
  }
}
