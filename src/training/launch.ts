// Files and command lines for starting the trainer elsewhere: on a cluster's node, under a job scheduler.
import { dirname, join } from "node:path";
import { writeError } from "../core/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import { resource } from "../util/resources.ts";
import type { TrainingSettings } from "./presets.ts";

/** What to start, and with what. */
export interface LaunchFiles {
  /** The run file. */
  readonly runFile: string;
  /** The configuration for `accelerate launch`. */
  readonly accelerateFile: string;
  /** Where the trainer package lies, for PYTHONPATH. */
  readonly pythonPath: string;
  /** Command lines that do the same; any of them, with the trainer's Python. */
  readonly commands: readonly string[];
}

/** Writes accelerate.yaml beside the run file. */
export async function writeLaunchFiles({
  runFile,
  settings,
  processes,
}: {
  runFile: string;
  settings: TrainingSettings;
  processes: number;
}): Promise<LaunchFiles> {
  const accelerateFile = join(dirname(runFile), "accelerate.yaml");
  try {
    await writeFileAtomic(accelerateFile, accelerateConfig(settings, processes));
  } catch (error) {
    throw writeError(accelerateFile, error);
  }
  const training = `-m hexacoder_trainer train ${runFile}`;
  const commands = [
    `torchrun --standalone --nproc-per-node=${processes} ${training}`,
    `accelerate launch --config_file ${accelerateFile} ${training}`,
  ];
  return { runFile, accelerateFile, pythonPath: resource("trainer"), commands };
}

/** The trainer casts and sums by itself: accelerate only starts the processes. */
function accelerateConfig({ device }: TrainingSettings, processes: number): string {
  const onProcessor = device === "cpu";
  const kind = onProcessor ? "MULTI_CPU" : "MULTI_GPU";
  return `compute_environment: LOCAL_MACHINE
distributed_type: ${processes === 1 ? '"NO"' : kind}
machine_rank: 0
main_training_function: main
mixed_precision: "no"
num_machines: 1
num_processes: ${processes}
use_cpu: ${onProcessor}
`;
}
