// Fetches a benchmark's files into the cache, one by one from the commit that the manifest names.
// A file is kept only when its hash is right, so that a cache is either complete or filled further.
import { join } from "node:path";
import { HexacoderError, isNotThere, writeError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { sha256, sha256File } from "../../util/hash.ts";
import type { FetchedManifest } from "./manifest.ts";
import { howToGet } from "./source-files.ts";

/** Gets one address; the global `fetch` but for tests. */
export type FetchFunction = (url: string, init: { signal: AbortSignal }) => Promise<Response>;

/** Options of {@link fetchBenchmark}. */
export interface FetchOptions {
  /** The cache's root folder. */
  readonly cache: string;
  /** Gets one address. */
  readonly fetch?: FetchFunction;
  /** Cancels the download. */
  readonly signal?: AbortSignal;
}

const PARALLEL = 8;
const TIMEOUT_MS = 30_000;

/** Makes sure that the cache holds a benchmark; returns its folder. */
export async function fetchBenchmark(manifest: FetchedManifest, options: FetchOptions): Promise<string> {
  const folder = join(options.cache, "benchmarks", manifest.name, manifest.source.commit);
  if (manifest.source.raw === undefined) throw notByFile(manifest);
  const missing: string[] = [];
  for (const [path, hash] of Object.entries(manifest.files)) {
    const found = await hashIfThere(join(folder, path));
    // Where no hash is known, the commit in the address has to do.
    if (found === undefined || (hash !== null && found !== hash)) missing.push(path);
  }
  const queue = missing.values();
  // Workers share one iterator; the first failure ends them all by rejecting.
  await Promise.all(
    Array.from({ length: Math.min(PARALLEL, missing.length) }, async () => {
      for (const path of queue) await fetchFile(manifest, folder, path, options);
    }),
  );
  return folder;
}

async function fetchFile(
  manifest: FetchedManifest,
  folder: string,
  path: string,
  options: FetchOptions,
): Promise<void> {
  const bytes = await download(manifest, path, options);
  const hash = manifest.files[path];
  if (hash !== null && sha256(bytes) !== hash) {
    throw new HexacoderError("data-missing", {
      message: `${path} of ${manifest.name} was fetched, but is not the file that was published.`,
      remedy: `${howToGet(manifest)}.`,
    });
  }
  const target = join(folder, path);
  await writeFileAtomic(target, bytes).catch((error: unknown) => {
    throw writeError(target, error);
  });
}

async function download(
  { name, source }: FetchedManifest,
  path: string,
  options: FetchOptions,
): Promise<Uint8Array> {
  const inner = source.folder === "." ? path : `${source.folder}/${path}`;
  const url = `${source.raw}/${source.commit}/${inner}`;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const response = await (options.fetch ?? fetch)(url, { signal });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new HexacoderError("data-missing", {
      message: `${name} is not on this machine and could not be fetched (${reasonOf(cause)}).`,
      remedy: `${howToGet({ name, source })}.`,
      cause,
    });
  }
}

function notByFile(manifest: FetchedManifest): HexacoderError {
  return new HexacoderError("data-missing", {
    message: `${manifest.name} is many files and is not fetched one by one.`,
    remedy: `${howToGet(manifest)} (git clone does).`,
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function hashIfThere(path: string): Promise<string | undefined> {
  try {
    return await sha256File(path);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}
