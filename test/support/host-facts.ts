// A host worth attacking: servers that answer, files that hold a secret.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resource } from "../../src/util/resources.ts";
import type { HostFacts } from "./escapes.ts";

// Node pads an abstract name with zeros, so nobody who knows the name would find it.
const ABSTRACT = `
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind("\\0" + sys.argv[1])
server.listen()
print("up", flush=True)
while True:
    peer, _ = server.accept()
    peer.sendall(peer.recv(100))
`;

/** Opens the servers and writes the files; `close` takes them away. */
export async function openHost(): Promise<{ facts: HostFacts; close(): Promise<void> }> {
  const outside = await mkdtemp(join(tmpdir(), "hexacoder-host-"));
  await chmod(outside, 0o777);
  const secret = randomBytes(12).toString("hex");
  const secretFile = join(outside, "secret.txt");
  await writeFile(secretFile, secret);
  const unixPath = join(outside, "socket");
  const abstractName = `hexacoder-${secret.slice(0, 8)}`;
  const servers: Server[] = [];
  const listen = (where: Parameters<Server["listen"]>[0]): Promise<number> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
      servers.push(server);
      server.once("error", reject);
      server.listen(where, () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  const udp = createSocket("udp4");
  udp.on("message", (message, from) => udp.send(message, from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  const facts: HostFacts = {
    tcp: await listen({ port: 0, host: "127.0.0.1" }),
    tcp6: await listen({ port: 0, host: "::1" }).catch(() => 9),
    udp: udp.address().port,
    unixPath,
    abstractName,
    secretFile,
    outside,
    secret,
    repositoryFile: resource("package.json"),
  };
  await listen({ path: unixPath });
  await chmod(unixPath, 0o777);
  const abstract = spawn("/usr/bin/python3", ["-c", ABSTRACT, abstractName], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise((resolve) => abstract.stdout.once("data", resolve));
  return {
    facts,
    close: async () => {
      udp.close();
      abstract.kill();
      for (const server of servers) server.close();
      await rm(outside, { recursive: true, force: true });
    },
  };
}
