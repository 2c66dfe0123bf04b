// Synthesis over a queue with one worker process, and with several: programs a second, beside the same programs in
// one process without a queue. Each worker has one thread. Needs redis-server and a compiled command line.
// npx tsx bench/queue-speed.ts [--source FILE.jsonl] [--count 1000] [--workers 0,1,2] [--verify builtin]
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type CandidateSource, limitSource } from "../src/synthesis/candidate.ts";
import { QUEUE_NAME, QUEUE_PREFIX } from "../src/synthesis/queue/protocol.ts";
import { openQueuedWorkshop } from "../src/synthesis/queue/queued-workshop.ts";
import { connectQueue, parseQueueAddress, type QueueConnection } from "../src/synthesis/queue/redis.ts";
import { jsonlSource } from "../src/synthesis/sources/jsonl.ts";
import { seedSource } from "../src/synthesis/sources/seeds.ts";
import { synthesise } from "../src/synthesis/synthesis.ts";
import { openWorkshop, type Workshop } from "../src/synthesis/workshop.ts";
import { type RunningProcess, startProcess } from "../src/util/process.ts";
import { bin } from "../test/support/cli.ts";
import { startRedis } from "../test/support/redis-server.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    count: { type: "string", default: "1000" },
    workers: { type: "string", default: "0,1,2" },
    verify: { type: "string", default: "builtin" },
  },
});
const options = { threatModels: ["remote" as const] };
const judges = values.verify.split(",");
const setup = { detect: "builtin", judges, detectOptions: options, judgeOptions: options };
const signal = new AbortController().signal;

const redis = await startRedis();
const rows: Record<string, unknown>[] = [];
try {
  for (const workers of values.workers.split(",").map(Number)) rows.push(await measure(workers));
} finally {
  await redis.kill();
}
console.log(`${cpus().length} cores, judged by ${values.verify}`);
console.table(rows);

/** A run with so many workers; 0 is a run in one process, without a queue. */
async function measure(workers: number): Promise<Record<string, unknown>> {
  const load = loadavg()[0] ?? 0;
  if (workers === 0) return { workers: "in one process", ...(await timed(await openWorkshop(setup))), load };
  const running = Array.from({ length: workers }, () => startWorker());
  const connection = await connectQueue(parseQueueAddress(redis.address, {}));
  try {
    await allThere(connection, workers);
    const talk = (line: string): void => console.error(line);
    const workshop = await openQueuedWorkshop(setup, { connection, signal, talk, lookEveryMs: 500 });
    return { workers, ...(await timed(workshop)), load };
  } finally {
    connection.close();
    await Promise.all(running.map((worker) => worker.stop()));
  }
}

function startWorker(): RunningProcess {
  const command = [process.execPath, bin, "worker", "--queue", redis.address, "--threads", "1"] as const;
  return startProcess({ command: [...command], env: process.env });
}

/** Starting is no part of the speed: waits until all are connected. */
async function allThere({ bullmq, redis: client }: QueueConnection, workers: number): Promise<void> {
  const queue = new bullmq.Queue(QUEUE_NAME, { connection: client, prefix: QUEUE_PREFIX });
  while ((await queue.getWorkersCount()) < workers) await new Promise((resolve) => setTimeout(resolve, 200));
  await queue.close();
}

async function timed(workshop: Workshop): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "hexacoder-queue-speed-"));
  const source = await programs();
  // The first programs go through before the clock starts: oracles are opened by them.
  let warm: { proposed: number; at: number } | undefined;
  const summary = await synthesise({
    folder,
    source,
    detect: workshop.detect,
    repairer: workshop.codemods,
    verify: workshop.verify,
    concurrency: 32,
    signal,
    onProgress: ({ proposed }) => {
      if (proposed >= Number(values.count) / 10) warm ??= { proposed, at: performance.now() };
    },
  });
  const seconds = (performance.now() - (warm?.at ?? 0)) / 1000;
  await workshop.close();
  await rm(folder, { recursive: true });
  const counted = summary.proposed - (warm?.proposed ?? 0);
  return { programs: counted, pairs: summary.pairs, perSecond: Math.round((10 * counted) / seconds) / 10 };
}

async function programs(): Promise<CandidateSource> {
  const all = values.source === undefined ? await seedSource() : await jsonlSource(values.source);
  return limitSource(all, Number(values.count));
}
