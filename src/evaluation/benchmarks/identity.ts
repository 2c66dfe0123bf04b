// What a benchmark is to the byte: a hash over the ids, prompts and tests of its tasks goes into every
// manifest, so that figures on other prompts or other tests are never taken for the same.
import type { Task } from "../../core/completion.ts";
import { canonicalJson, sha256 } from "../../util/hash.ts";
import type { Benchmark, Solutions } from "./benchmark.ts";
import type { BenchmarkManifest } from "./manifest.ts";

/** A benchmark from its manifest and tasks, sorted and named by their hash. */
export function benchmarkOf(
  manifest: BenchmarkManifest,
  unsorted: readonly Task[],
  solutions?: ReadonlyMap<string, Solutions>,
): Benchmark {
  const tasks = [...unsorted].sort(byId);
  return {
    name: manifest.name,
    title: manifest.title,
    identity: `${manifest.name}@${tasksHash(tasks).slice(0, 16)}`,
    language: manifest.language,
    licence: manifest.licence,
    remarks: manifest.remarks,
    defaults: manifest.defaults,
    developedOn: manifest.developedOn,
    tasks,
    ...(solutions === undefined ? {} : { solutions }),
  };
}

/** SHA-256 over prompts sorted by id: each id, a line feed, its text, a line feed; then its tests, if any. */
export function tasksHash(tasks: readonly Pick<Task, "id" | "prompt" | "tests">[]): string {
  const lines = tasks.map(({ id, prompt, tests }) => {
    const tried = tests === undefined ? "" : `${canonicalJson(tests)}\n`;
    return `${id}\n${prompt}\n${tried}`;
  });
  return sha256(lines.join(""));
}

/** Orders tasks by id, by code unit and not by a locale. */
function byId(a: Pick<Task, "id">, b: Pick<Task, "id">): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
