// The queue against a real Redis server: the same bytes as in one process, whatever becomes of workers, of the
// server, or of versions.
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { limitSource } from "../../src/synthesis/candidate.ts";
import { QUEUE_NAME, QUEUE_PREFIX } from "../../src/synthesis/queue/protocol.ts";
import { serveQueue } from "../../src/synthesis/queue/queue-worker.ts";
import { openQueuedWorkshop } from "../../src/synthesis/queue/queued-workshop.ts";
import { connectQueue, parseQueueAddress, type QueueConnection } from "../../src/synthesis/queue/redis.ts";
import { seedSource } from "../../src/synthesis/sources/seeds.ts";
import { synthesise } from "../../src/synthesis/synthesis.ts";
import { openWorkshop, type Workshop, type WorkshopSetup } from "../../src/synthesis/workshop.ts";
import { packageVersion } from "../../src/util/versions.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";

const options = { threatModels: ["remote" as const] };
const setup: WorkshopSetup = {
  detect: "builtin",
  detectOptions: options,
  judges: ["builtin"],
  judgeOptions: options,
};
const FILES = ["pairs.jsonl", "rejected.jsonl", "ledger.jsonl", "summary.json"];

let server: RedisServer;
let connections: QueueConnection[];
let stop: AbortController;
let working: Promise<number>[];
beforeEach(async () => {
  server = await startRedis();
  connections = [];
  stop = new AbortController();
  working = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(working);
  for (const connection of connections) connection.close();
  await server.kill();
});

async function connect(): Promise<QueueConnection> {
  const connection = await connectQueue(parseQueueAddress(server.address, {}));
  connections.push(connection);
  return connection;
}

async function startWorker(signal = stop.signal): Promise<void> {
  working.push(serveQueue({ connection: await connect(), threads: 1, leaseMs: 2000, signal }));
}

async function openQueued(signal: AbortSignal, talk = (_line: string): void => undefined): Promise<Workshop> {
  return openQueuedWorkshop(setup, { connection: await connect(), signal, talk, lookEveryMs: 300 });
}

async function run(workshop: Workshop, signal: AbortSignal): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "hexacoder-queue-"));
  await synthesise({
    folder,
    source: limitSource(await seedSource(), 24),
    detect: workshop.detect,
    repairer: workshop.codemods,
    verify: workshop.verify,
    concurrency: 16,
    signal,
  });
  return await Promise.all(FILES.map((name) => readFile(join(folder, name), "utf8")));
}

// Opening oracles in a worker's threads takes seconds on a busy machine.
describe("synthesis over a queue", { timeout: 240_000 }, () => {
  it("makes the bytes of a run in one process, and leaves nothing in the queue", async () => {
    await startWorker();
    const queued = await openQueued(stop.signal);
    const bytes = await run(queued, stop.signal);
    await queued.close();
    expect(bytes).toEqual(await run(await openWorkshop(setup), stop.signal));
    expect(bytes[0]?.split("\n").length).toBeGreaterThan(15);
    const { redis } = await connect();
    const left = (await redis.keys(`${QUEUE_PREFIX}:${QUEUE_NAME}:*`)).map((key) => key.split(":")[2]);
    // Of jobs themselves nothing stays: their ids look like `ab12cd34-7`.
    expect(left.filter((name) => /^[0-9a-f]{8}-\d+$/.test(name ?? ""))).toEqual([]);
  });

  it("goes on when the server forgot everything", async () => {
    const queued = await openQueued(stop.signal);
    const running = run(queued, stop.signal);
    const { redis } = await connect();
    while ((await redis.llen(`${QUEUE_PREFIX}:${QUEUE_NAME}:wait`)) === 0) await pause(20);
    await server.kill();
    await server.restart();
    await startWorker();
    expect(await running).toEqual(await run(await openWorkshop(setup), stop.signal));
    await queued.close();
  });

  it("ends with the names of the programs over which workers are lost", async () => {
    const { bullmq, redis } = await connect();
    const base = { connection: redis, prefix: QUEUE_PREFIX };
    // What BullMQ makes of a job that stalled too often is a failed job, as of one whose processor throws.
    const lost = new bullmq.Worker(QUEUE_NAME, () => Promise.reject(new Error("stalled too often")), base);
    const queued = await openQueued(stop.signal);
    await expect(run(queued, stop.signal)).rejects.toMatchObject({
      code: "not-analysed",
      message: expect.stringMatching(/lost again and again over .*\.py.*\(stalled too often\)/),
    });
    await queued.close();
    await lost.close();
  });

  it("says that nobody is there, and ends when it is interrupted", async () => {
    const interrupt = new AbortController();
    const said: string[] = [];
    const queued = await openQueued(interrupt.signal, (line) => {
      said.push(line);
      interrupt.abort();
    });
    await expect(run(queued, interrupt.signal)).rejects.toMatchObject({ code: "interrupted" });
    expect(said).toEqual([
      `synth: no worker is connected to ${server.address}; start one with: hexacoder worker --queue ${server.address}`,
    ]);
    await queued.close();
  });
});

it("takes the password from the environment, and never shows one", async () => {
  const password = "4711 never/show:me";
  const locked = await startRedis({ password });
  try {
    const connection = await connectQueue(
      parseQueueAddress(locked.address, { HEXACODER_QUEUE_PASSWORD: password }),
    );
    expect(await connection.redis.ping()).toBe("PONG");
    connection.close();
    const wrong = parseQueueAddress(locked.address.replace("//", "//:4711-wrong@"), {});
    const refused = await connectQueue(wrong).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "tool-missing" });
    expect(String(refused)).toMatch(/WRONGPASS|NOAUTH/);
    expect(String(refused)).not.toContain("4711");
  } finally {
    await locked.kill();
  }
});

describe("a worker", { timeout: 240_000 }, () => {
  const task = { kind: "scan", files: [{ path: "a.py", language: "python", text: "x = 1\n" }] };
  const job = { crew: { hexacoder: "0.0.1", tools: [] }, setup, tasks: [task] };

  it.each([
    { what: "a run of another version", data: job, said: /needs 0\.0\.1/ },
    {
      what: "an oracle of another version",
      data: { ...job, crew: { hexacoder: packageVersion(), tools: ["builtin@0"] } },
      said: /needs builtin@0, the worker has builtin@/,
    },
  ])("refuses $what and says what differs", async ({ data, said }) => {
    const { answers } = await asked(data);
    expect(answers).toMatchObject([{ kind: "error", code: "run-mismatch" }]);
    expect(answers[0]?.message).toMatch(said);
  });

  it("fails what is no job of ours", async () => {
    await expect(asked({ crew: 1, tasks: "rm" })).rejects.toThrow("no job of synthesis");
  });

  async function asked(data: unknown): Promise<{ answers: { message: string }[] }> {
    await startWorker();
    const { bullmq, redis } = await connect();
    const base = { connection: redis, prefix: QUEUE_PREFIX };
    const events = new bullmq.QueueEvents(QUEUE_NAME, base);
    await events.waitUntilReady();
    const queue = new bullmq.Queue(QUEUE_NAME, base);
    try {
      return await (await queue.add("tasks", data)).waitUntilFinished(events);
    } finally {
      await events.close();
      await queue.close();
    }
  }
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
