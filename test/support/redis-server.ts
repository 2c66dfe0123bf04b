// A Redis server of its own for a test: the real one, on a free port of the loopback interface, without a disk.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

/** A running server. */
export interface RedisServer {
  /** What `--queue` takes, without a password. */
  readonly address: string;
  /** Kills it, as a crash would: what it held is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address, empty. */
  restart(): Promise<void>;
}

/** Starts a server. */
export async function startRedis({ password }: { password?: string } = {}): Promise<RedisServer> {
  const port = await freePort();
  let child = await start(port, password);
  return {
    address: `redis://127.0.0.1:${port}`,
    kill: () => kill(child),
    restart: async () => {
      child = await start(port, password);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a listening server has a port");
  return address.port;
}

function start(port: number, password: string | undefined): Promise<ChildProcess> {
  const memory = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
  const secret = password === undefined ? [] : ["--requirepass", password];
  const child = spawn("redis-server", ["--bind", "127.0.0.1", "--port", String(port), ...memory, ...secret]);
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Ready to accept connections")) resolve(child);
    });
    child.once("error", (cause) =>
      reject(
        new Error("redis-server is missing; install it with: node scripts/setup.mjs --queue", { cause }),
      ),
    );
    child.once("close", () => reject(new Error(`redis-server ended: ${said}`)));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
}
