// How much a job may take. Everything here is enforced outside the job, and the same for root.
import { z } from "zod";
import { HexacoderError } from "../core/errors.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** What one job may use at most. */
export interface SandboxLimits {
  /** Processor time of all its processes together, in whole seconds. */
  readonly cpuSeconds: number;
  /** Time from its start to its end, in milliseconds. */
  readonly wallMs: number;
  /** Memory of all its processes together, in bytes. */
  readonly memoryBytes: number;
  /** Processes and threads at one time. */
  readonly processes: number;
  /** Size of one file that it writes, in bytes. */
  readonly fileBytes: number;
  /** All that it may write (scratch folder, /tmp, /dev/shm together), in bytes. */
  readonly scratchBytes: number;
  /** Open files of one process. */
  readonly openFiles: number;
  /** Bytes kept of each of its two output streams; more ends it. */
  readonly outputBytes: number;
  /** Bytes of the files that are read back. */
  readonly collectBytes: number;
}

/** Enough for a small program and a web framework's test client. */
export const defaultLimits: SandboxLimits = {
  cpuSeconds: 10,
  wallMs: 15_000,
  memoryBytes: 512 * MIB,
  processes: 32,
  fileBytes: 16 * MIB,
  scratchBytes: 64 * MIB,
  openFiles: 128,
  outputBytes: MIB,
  collectBytes: 8 * MIB,
};

const whole = (max: number) => z.number().int().positive().max(max);

// Upper bounds keep the numbers inside what the kernel's calls and one protocol frame can carry.
const schema = z.strictObject({
  cpuSeconds: whole(86_400),
  wallMs: whole(86_400_000),
  memoryBytes: whole(2 ** 40),
  processes: whole(100_000),
  fileBytes: whole(2 ** 40),
  scratchBytes: z
    .number()
    .int()
    .min(64 * KIB)
    .max(2 ** 40),
  openFiles: z.number().int().min(16).max(100_000),
  outputBytes: whole(32 * MIB),
  collectBytes: whole(64 * MIB),
});

/** Completes limits from the left to the right (later ones win) and checks them. */
export function completeLimits(...given: readonly (Partial<SandboxLimits> | undefined)[]): SandboxLimits {
  const parsed = schema.safeParse(Object.assign({}, defaultLimits, ...given));
  if (parsed.success) return parsed.data;
  throw new HexacoderError("bad-usage", {
    message: `These are no limits for a sandbox: ${z.prettifyError(parsed.error)}`,
    remedy: "Give whole positive numbers: seconds, milliseconds, bytes and counts.",
  });
}
