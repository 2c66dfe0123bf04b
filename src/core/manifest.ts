// manifest.json, the birth certificate of a run folder: what made it, from what, with which versions.
import { z } from "zod";

/** See the file's head. */
export const manifestSchema = z.object({
  /** Layout version of the folder. */
  version: z.literal(1),
  /** The stage: `synth`, `dataset`, `train`, `eval`, `quickstart` … */
  kind: z.string().min(1),
  /** The options that decide the result, completed with their defaults; keys and tokens never. */
  options: z.record(z.string(), z.unknown()),
  /** SHA-256 of every input, by name. */
  inputs: z.record(z.string(), z.string()),
  /** Random seeds, by use. */
  seeds: z.record(z.string(), z.int()),
  /** Identities of oracles and models used, with versions. */
  identities: z.record(z.string(), z.string()),
  /** Versions of hexacoder, Node and tools. */
  versions: z.record(z.string(), z.string()),
  /** When the run was started, ISO 8601. Not part of the run's identity. */
  startedAt: z.string(),
});
/** See {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;
