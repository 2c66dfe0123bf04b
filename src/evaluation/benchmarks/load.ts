// The door to benchmarks: a name in, tasks out, wherever the files are.
import { cacheRoot } from "../../util/cache.ts";
import type { Benchmark } from "./benchmark.ts";
import { loadCweval } from "./cweval.ts";
import { loadCyberSecEval } from "./cyberseceval.ts";
import { type FetchFunction, fetchBenchmark } from "./fetch.ts";
import { loadFolders } from "./folders.ts";
import { loadHumanEval } from "./humaneval.ts";
import {
  type BenchmarkManifest,
  type FetchedManifest,
  manifestFolder,
  readBenchmarkManifest,
} from "./manifest.ts";
import { loadMbpp } from "./mbpp.ts";
import { loadSallm } from "./sallm.ts";
import { loadShipped } from "./shipped.ts";

/** Options of {@link loadBenchmark}. */
export interface LoadOptions {
  /** A folder that holds the benchmark (or several); fetched to the cache when absent. */
  readonly source?: string;
  /** The cache's root; the user's cache folder when absent. */
  readonly cache?: string;
  /** Folder of the manifests. */
  readonly manifests?: string;
  /** Gets one address. */
  readonly fetch?: FetchFunction;
  /** Cancels a download. */
  readonly signal?: AbortSignal;
}

/** Loads a benchmark by name. */
export async function loadBenchmark(name: string, options: LoadOptions = {}): Promise<Benchmark> {
  const folder = options.manifests ?? manifestFolder;
  return load(await readBenchmarkManifest(name, folder), folder, options);
}

async function load(manifest: BenchmarkManifest, folder: string, options: LoadOptions): Promise<Benchmark> {
  if (manifest.kind === "shipped") return loadShipped(manifest, folder);
  const cache = { cache: options.cache ?? cacheRoot(process.env) };
  return loadFrom(manifest, options.source ?? (await fetchBenchmark(manifest, { ...options, ...cache })));
}

/** Each kind of layout has its loader. */
function loadFrom(manifest: FetchedManifest, source: string): Promise<Benchmark> {
  switch (manifest.kind) {
    case "folders":
      return loadFolders(manifest, source);
    case "humaneval":
      return loadHumanEval(manifest, source);
    case "mbpp":
      return loadMbpp(manifest, source);
    case "cweval":
      return loadCweval(manifest, source);
    case "cyberseceval":
      return loadCyberSecEval(manifest, source);
    case "sallm":
      return loadSallm(manifest, source);
    default:
      return manifest satisfies never;
  }
}

/** At most `limit` tasks, taken in turn from the weaknesses, so that a short run sees them all. */
export function limitTasks<T extends { readonly cwe?: string | undefined }>(
  tasks: readonly T[],
  limit: number | undefined,
): T[] {
  if (limit === undefined || limit >= tasks.length) return [...tasks];
  const seen = new Map<string, number>();
  const turns = tasks.map((task) => {
    const turn = seen.get(task.cwe ?? "") ?? 0;
    seen.set(task.cwe ?? "", turn + 1);
    return { task, turn };
  });
  const chosen = new Set(
    turns
      .sort((a, b) => a.turn - b.turn)
      .slice(0, limit)
      .map(({ task }) => task),
  );
  return tasks.filter((task) => chosen.has(task));
}
