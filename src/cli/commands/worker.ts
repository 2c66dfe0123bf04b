// `hexacoder worker`: does the scanning, rewriting and judging of synthesis runs elsewhere (`synth --queue`).
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import { serveQueue } from "../../synthesis/queue/queue-worker.ts";
import { connectQueue, parseQueueAddress, type QueueConnection } from "../../synthesis/queue/redis.ts";
import type { CliContext } from "../context.ts";
import { wholeNumber } from "../options.ts";
import { createProgress } from "../progress.ts";

interface WorkerOptions {
  queue?: string;
  threads: number;
  lease: number;
}

/** The command. */
export function command(context: CliContext): Command {
  return new Command("worker")
    .option("--queue <address>", "the Redis server: redis://host:6379, rediss:// for TLS (required)")
    .option("--threads <n>", "threads that work; one for each core when absent", wholeNumber(1))
    .option(
      "--lease <seconds>",
      "how long a worker may show no sign of life before others do its jobs",
      wholeNumber(1),
      15,
    )
    .action(async ({ queue, threads = availableParallelism(), lease }: WorkerOptions) => {
      const connection = await connectQueue(parseQueueAddress(queue ?? addressMissing(), context.env));
      try {
        await serve(context, { connection, threads, leaseMs: lease * 1000 });
      } finally {
        connection.close();
      }
    });
}

function addressMissing(): never {
  throw new HexacoderError("bad-usage", {
    message: "worker needs the address of the Redis server that runs put their work on.",
    remedy: "Add --queue redis://host:6379, the same as for hexacoder synth.",
  });
}

async function serve(
  context: CliContext,
  { connection, threads, leaseMs }: { connection: QueueConnection; threads: number; leaseMs: number },
): Promise<void> {
  const { signal } = context;
  context.talk(`worker: waiting for work on ${connection.shown}, ${threads} threads; Ctrl-C ends it`);
  const progress = createProgress(context, "worker");
  let trouble = "";
  const done = await serveQueue({
    connection,
    threads,
    leaseMs,
    signal,
    onJob: (tasks) => progress.update(`${tasks} tasks done`),
    onTrouble: ({ message }) => {
      // A server that is away says the same again and again.
      if (message !== trouble) context.talk(`worker: ${message}`);
      trouble = message;
    },
  });
  progress.done(`${done} tasks done`);
}
