// Options that do not go together, refused before anything is read or written. The trainer refuses them in a run
// file, too; here they bear the names that a user of the command line knows.
import { HexacoderError } from "../core/errors.ts";
import type { TrainingSettings } from "./presets.ts";

/** What is asked for beside the settings. */
interface Beside {
  /** Whether a file of benign programs is to be mixed in. */
  readonly replay: boolean;
  /** Processes that train together. */
  readonly processes: number;
}

interface Conflict {
  readonly when: (settings: TrainingSettings, beside: Beside) => boolean;
  readonly message: string;
  readonly remedy: string;
}

const conflicts: readonly Conflict[] = [
  {
    when: ({ loss, unlikelihood, anchor }, { replay }) =>
      loss === "dpo" && (replay || unlikelihood > 0 || anchor > 0),
    message:
      "--replay, --unlikelihood and --anchor are terms of the other losses; --loss dpo has none of them.",
    remedy: "Leave them out: --beta says how closely to stay to the base. Or take another loss.",
  },
  {
    when: ({ fsdp }, { processes }) => fsdp && processes === 1,
    message: "--fsdp shares the base out among processes, and there is one.",
    remedy: "Add --processes N, a GPU each, or leave --fsdp out.",
  },
  {
    when: ({ fsdp, quantize }) => fsdp && quantize !== null,
    message: "--fsdp cannot share out a base in four bits (--quantize 4bit).",
    remedy: "Take one of the two.",
  },
  {
    when: ({ fsdp, lora }) => fsdp && lora.targetParameters !== null,
    message: "--fsdp cannot share out fused experts that are adapted as parameters (lora.targetParameters).",
    remedy: "Adapt the attention only: for DeepSeek-Coder-V2-Lite --preset deepseek-coder-v2-lite-attention.",
  },
];

/** Throws `bad-usage` for the first pair of options that do not go together. */
export function refuseConflicts(settings: TrainingSettings, beside: Beside): void {
  const conflict = conflicts.find(({ when }) => when(settings, beside));
  if (conflict !== undefined) throw new HexacoderError("bad-usage", conflict);
}
