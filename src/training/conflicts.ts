// Options that do not go together, refused before anything is read or written. The trainer refuses them in a run
// file, too; here they bear the names that a user of the command line knows.
import { HexacoderError } from "../core/errors.ts";
import type { TrainingSettings } from "./presets.ts";

/** What is asked for beside the settings. */
interface Beside {
  /** Whether a file of benign programs is to be mixed in. */
  readonly replay: boolean;
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
];

/** Throws `bad-usage` for the first pair of options that do not go together. */
export function refuseConflicts(settings: TrainingSettings, beside: Beside): void {
  const conflict = conflicts.find(({ when }) => when(settings, beside));
  if (conflict !== undefined) throw new HexacoderError("bad-usage", conflict);
}
