// Benchmarks that ship with the package: a folder with prompts.json and the prompts. Test prompts
// are frozen by a hash over their ids and texts; a changed prompt is another benchmark, so refused.
import { join } from "node:path";
import { z } from "zod";
import type { Task } from "../../core/completion.ts";
import { cweIdSchema } from "../../core/cwe.ts";
import { HexacoderError } from "../../core/errors.ts";
import { readTaskProbes } from "../../oracle/execution/task-probes.ts";
import type { Benchmark } from "./benchmark.ts";
import { benchmarkOf, tasksHash } from "./identity.ts";
import { readText, type ShippedManifest } from "./manifest.ts";

const promptListSchema = z.looseObject({
  prompts: z.array(
    z.looseObject({
      /** Unique; begins with the benchmark's name. */
      id: z.string().min(1),
      /** The prompt's file, below the folder. */
      file: z.string().min(1),
      /** Target weakness. */
      cwe: cweIdSchema,
      /** `test` or `dev`. */
      split: z.string().min(1),
      /** The task's risky operation. */
      operation: z.string().min(1),
    }),
  ),
  frozen: z.looseObject({
    /** Hash over the prompts of the frozen split. */
    sha256: z.string(),
  }),
});

const FROZEN_SPLIT = "test";

/** Loads a shipped benchmark from the folder that holds its manifest. */
export async function loadShipped(manifest: ShippedManifest, folder: string): Promise<Benchmark> {
  const base = join(folder, manifest.folder);
  const list = promptListSchema.parse(JSON.parse(await readText(join(base, "prompts.json"))));
  const wanted = list.prompts.filter((prompt) => prompt.split === manifest.split);
  const tasks = await Promise.all(
    wanted.map(
      async (prompt): Promise<Task> => ({
        id: prompt.id,
        benchmark: manifest.name,
        language: manifest.language,
        prompt: await readText(join(base, prompt.file)),
        cwe: prompt.cwe,
        family: prompt.id,
        operation: prompt.operation,
      }),
    ),
  );
  const benchmark = benchmarkOf(manifest, tasks);
  const hash = tasksHash(benchmark.tasks);
  if (manifest.split === FROZEN_SPLIT && hash !== list.frozen.sha256) refuseChanged(manifest, base, hash);
  const probes = readTaskProbes(join(base, "probes.yml"));
  return probes === undefined ? benchmark : { ...benchmark, probes };
}

function refuseChanged(manifest: ShippedManifest, base: string, hash: string): never {
  throw new HexacoderError("bad-input", {
    message: `The frozen prompts of ${manifest.name} in ${base} were changed (their hash is ${hash.slice(0, 16)}…).`,
    remedy:
      "Restore the files: figures on changed prompts compare with nothing. New prompts need a new version.",
  });
}
