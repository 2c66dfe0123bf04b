// The way to the Redis server that holds the queue. BullMQ and ioredis are optional packages and loaded only
// here: a run in one process, which is the usual one, does without them.
import type { Redis } from "ioredis";
import { HexacoderError, systemErrorCode } from "../../core/errors.ts";

/** Where the queue is. */
export interface QueueAddress {
  /** The address as the client takes it, password included: never to be shown. */
  readonly url: string;
  /** The same without user and password. */
  readonly shown: string;
}

/** An open connection and the library that works on it. */
export interface QueueConnection {
  /** The address, to be shown. */
  readonly shown: string;
  readonly bullmq: typeof import("bullmq");
  readonly redis: Redis;
  /** Lets go of it, whatever it is doing. */
  close(): void;
}

/** Variable with the server's password, for those who do not want it on a command line. */
const PASSWORD = "HEXACODER_QUEUE_PASSWORD";

/** Reads `redis://host:port/db`, or `rediss://` for TLS. */
export function parseQueueAddress(text: string, env: NodeJS.ProcessEnv): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === "") {
    throw new HexacoderError("bad-usage", {
      message: "--queue is not the address of a Redis server.",
      remedy: `Write it as redis://host:6379 (rediss:// for TLS); a password can stand in the variable ${PASSWORD}.`,
    });
  }
  const password = env[PASSWORD]?.trim();
  if (password && url.password === "") url.password = encodeURIComponent(password);
  const shown = `${url.protocol}//${url.host}${url.pathname.replace(/^\/$/, "")}`;
  return { url: url.href, shown };
}

/** Connects; throws `tool-missing` where the packages or the server are not there. */
export async function connectQueue({ url, shown }: QueueAddress): Promise<QueueConnection> {
  const { bullmq, RedisClient } = await loadLibraries();
  // Commands wait while the server is away: BullMQ asks for that, and an overnight run wants it.
  const redis = new RedisClient(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: 10_000,
  });
  let last: unknown;
  const keep = (error: unknown): void => {
    last = error;
  };
  redis.on("error", keep);
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw unreachable(shown, last ?? error);
  }
  return { shown, bullmq, redis, close: () => redis.disconnect() };
}

async function loadLibraries(): Promise<{
  bullmq: typeof import("bullmq");
  RedisClient: typeof import("ioredis").Redis;
}> {
  try {
    const [bullmq, { Redis: RedisClient }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, RedisClient };
  } catch (error) {
    if (systemErrorCode(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new HexacoderError("tool-missing", {
      message: "--queue needs the packages bullmq and ioredis, which are not installed.",
      remedy:
        "Install them beside hexacoder, on every machine that takes part: npm install bullmq@6 ioredis@6.",
      cause: error,
    });
  }
}

function unreachable(shown: string, cause: unknown): HexacoderError {
  const why = systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new HexacoderError("tool-missing", {
    message: `No Redis server lets us in at ${shown} (${why}).`,
    remedy: `Start one (redis-server), check the address, and for a password the variable ${PASSWORD}.`,
    cause,
  });
}
