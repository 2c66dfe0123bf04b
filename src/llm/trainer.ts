// How Node starts the trainer package and reads what it says: one JSON event a line on standard output, free
// text on standard error. Training reads its events in training/events.ts; here is what serving shares with it.
import { z } from "zod";
import { type ErrorCode, HexacoderError } from "../core/errors.ts";
import { type PythonModule, trainerModule } from "../util/python.ts";

/** The server listens. */
export const readyEventSchema = z.object({
  event: z.literal("ready"),
  /** Version of the protocol. */
  protocol: z.literal(1),
  /** Base URL of the API, ending in /v1. */
  url: z.url(),
  /** The base model's id in requests. */
  model: z.string(),
  /** Ids of the adapters in requests. */
  adapters: z.array(z.string()),
  /** Tokens of prompt and completion together. */
  contextLength: z.int().min(1),
  /** cpu or cuda. */
  device: z.string(),
  /** float32 or bfloat16. */
  dtype: z.string(),
  /** python, torch, transformers, peft, hexacoderTrainer. */
  versions: z.record(z.string(), z.string()),
});
/** See {@link readyEventSchema}. */
export type ReadyEvent = z.infer<typeof readyEventSchema>;

/** The last event of a process that did not do what it was asked. */
export const failedEventSchema = z.object({
  event: z.literal("failed"),
  /** Which failure; trainer/hexacoder_trainer/errors.py lists them. */
  code: z.string(),
  /** What failed and where. */
  message: z.string(),
  /** What to do next. */
  remedy: z.string(),
});
/** See {@link failedEventSchema}. */
export type FailedEvent = z.infer<typeof failedEventSchema>;

/** How to start the trainer package; throws `trainer-missing` where setup has not run. */
export function requireTrainer(env: NodeJS.ProcessEnv): PythonModule {
  const found = trainerModule(env);
  if (found !== undefined) return found;
  throw new HexacoderError("trainer-missing", {
    message: env.HEXACODER_PYTHON
      ? `There is no Python at ${env.HEXACODER_PYTHON}, which the variable HEXACODER_PYTHON names.`
      : "The trainer's Python environment is not installed; training and local models need it.",
    remedy: "Run: hexacoder setup (in a checkout: npm run setup).",
  });
}

// The trainer's codes in our words; both sides give the same exit status.
const codes: Readonly<Record<string, ErrorCode>> = {
  "bad-data": "bad-record",
  "out-exists": "run-exists",
  "out-busy": "run-exists",
  "resume-mismatch": "run-mismatch",
  "tokenizer-without-offsets": "bad-input",
  "no-target-modules": "bad-input",
  "no-learning-tokens": "bad-input",
  "unsupported-model": "bad-input",
  "bad-run-file": "bad-usage",
  "bad-arguments": "bad-usage",
  "adapter-base-mismatch": "adapter-base-mismatch",
  "adapter-not-found": "model-missing",
  "base-not-found": "model-missing",
  "device-not-found": "tool-missing",
  "package-missing": "tool-missing",
  "port-unavailable": "tool-missing",
  "disk-full": "disk-full",
  "not-writable": "output-not-writable",
  interrupted: "interrupted",
};

/** The error that a `failed` event stands for, with the trainer's own remedy. */
export function trainerFailure(event: FailedEvent): HexacoderError {
  return new HexacoderError(codes[event.code] ?? "trainer-failed", {
    message: event.message,
    remedy: event.remedy,
  });
}

/** Keeps the last lines of a child's standard error, for the message of its failure. */
export class LastLines {
  readonly #lines: string[] = [];
  readonly #limit: number;

  constructor(limit = 20) {
    this.#limit = limit;
  }

  /** Takes a line in. */
  add(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(line);
    if (this.#lines.length > this.#limit) this.#lines.shift();
  }

  /** The lines, or a word about their absence. */
  text(): string {
    return this.#lines.length === 0 ? "(it said nothing)" : this.#lines.join("\n");
  }
}
