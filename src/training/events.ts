// What the trainer says while it works: one JSON object a line (trainer/hexacoder_trainer/events.py).
// test/fixtures/trainer-events.jsonl is read by the tests of both sides, so that they cannot drift apart.
import { z } from "zod";
import { failedEventSchema } from "../llm/trainer.ts";

const count = z.int().min(0);
/** With the loss dpo: the share of pairs whose fixed side is preferred; null with the others. */
const preferred = z.number().nullable().default(null);

/** Training is about to begin, or to go on. */
export const startEventSchema = z.object({
  event: z.literal("start"),
  /** Version of the protocol. */
  protocol: z.literal(1),
  /** The base model, as given. */
  base: z.string(),
  /** cpu or cuda. */
  device: z.string(),
  /** float32 or bfloat16. */
  dtype: z.string(),
  /** Training rows that have something to learn. */
  trainRows: count,
  /** Evaluation rows that have something to learn. */
  evalRows: count,
  /** Training rows cut at maxLength. */
  truncatedRows: count,
  /** Training tokens in the loss, one pass. */
  learningTokens: count,
  /** Training tokens, one pass. */
  tokens: count,
  /** Optimizer steps of the whole run. */
  steps: count,
  /** Passes that these steps make. */
  epochs: z.number(),
  /** Parameters of the adapter. */
  trainableParams: count,
  /** Parameters of base and adapter. */
  totalParams: count,
  /** Suffixes of the adapted modules. */
  targetModules: z.array(z.string()),
  /** SHA-256 of the data files. */
  dataHash: z.string(),
  /** python, torch, transformers, peft, hexacoderTrainer. */
  versions: z.record(z.string(), z.string()),
  /** Benign rows beside the training rows, an epoch. */
  replayRows: count,
  /** Tokens of vulnerable sides to make unlikely, one pass. */
  avoidedTokens: count,
  /** Processes that train together. */
  processes: count,
});
/** See {@link startEventSchema}. */
export type StartEvent = z.infer<typeof startEventSchema>;

/** Every event of a training run. */
export const trainerEventSchema = z.discriminatedUnion("event", [
  startEventSchema,
  z.object({
    event: z.literal("rows-without-learning-tokens"),
    /** Which file. */
    split: z.enum(["train", "eval", "replay"]),
    /** Rows left out. */
    count,
    /** Rows in the file. */
    ofRows: count,
    /** Of these: no changed character. */
    noChanges: count,
    /** Of these: every change lies behind maxLength. */
    beyondMaxLength: count,
    /** Ids of the first 20. */
    ids: z.array(z.string()),
    /** Of these, with the loss dpo: there is no vulnerable side to compare with. */
    noVulnerableSide: count.default(0),
  }),
  z.object({
    event: z.literal("resumed"),
    /** Steps already done. */
    step: count,
    /** The checkpoint. */
    path: z.string(),
  }),
  z.object({
    event: z.literal("step"),
    /** Steps done. */
    step: count,
    /** Steps of the whole run. */
    steps: count,
    /** Passes done. */
    epoch: z.number(),
    /** Mean cross-entropy of the step's learning tokens, or preference loss of its pairs, nats. */
    loss: z.number(),
    /** Learning rate of the step. */
    lr: z.number(),
    /** Gradient norm before clipping. */
    gradNorm: z.number(),
    /** Tokens without padding a second. */
    tokensPerSecond: z.number(),
    /** Estimate for the rest of the run. */
    secondsLeft: z.number(),
    preferred,
  }),
  z.object({
    event: z.literal("eval"),
    /** Steps done. */
    step: count,
    /** Mean over all evaluation learning tokens (or pairs) of what the step's loss is, nats. */
    loss: z.number(),
    /** Whether it is the lowest so far. */
    best: z.boolean(),
    preferred,
  }),
  z.object({
    event: z.literal("saved"),
    /** Steps done. */
    step: count,
    /** The checkpoint's folder. */
    path: z.string(),
  }),
  z.object({
    event: z.literal("finished"),
    /** Steps done. */
    step: count,
    /** Evaluation loss of the exported adapter. */
    evalLoss: z.number().nullable(),
    /** Step of the exported adapter. */
    bestStep: count.nullable(),
    /** The adapter's folder. */
    path: z.string(),
    /** Wall time of the process. */
    seconds: z.number(),
  }),
  z.object({
    event: z.literal("merged"),
    /** The merged model's folder. */
    path: z.string(),
    /** Wall time of the process. */
    seconds: z.number(),
  }),
  failedEventSchema,
]);
/** See {@link trainerEventSchema}. */
export type TrainerEvent = z.infer<typeof trainerEventSchema>;

/** Reads one line; undefined for anything that is no event of this protocol. */
export function parseTrainerEvent(line: string): TrainerEvent | undefined {
  try {
    return trainerEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // no JSON
  }
}
