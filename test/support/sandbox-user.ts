// The sandbox as another process uses it, which may belong to another user and may be killed: a small
// program around the compiled sources, in a folder that everybody can read, that takes jobs as JSON lines.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import ts from "typescript";
import type { PythonJob, SandboxResult } from "../../src/sandbox/job.ts";
import type { PythonWorkers, PythonWorkersOptions } from "../../src/sandbox/python-workers.ts";
import { resource } from "../../src/util/resources.ts";

const RUNNER = `
import { createInterface } from "node:readline";
import { openPythonWorkers } from "./src/sandbox/python-workers.js";
const workers = await openPythonWorkers(JSON.parse(process.argv[2]));
console.log(JSON.stringify({ pid: process.pid, uid: process.getuid() }));
for await (const line of createInterface({ input: process.stdin })) {
  const { id, job } = JSON.parse(line);
  const answer = (result) => console.log(JSON.stringify({ id, result }));
  workers.run(job).then(answer, (error) => answer({ status: "lost", reason: String(error) }));
}
await workers.close();
`;

/** Workers in a process of their own. */
export interface ForeignWorkers extends Pick<PythonWorkers, "run" | "close"> {
  /** The process. */
  readonly pid: number;
  /** Its user. */
  readonly uid: number;
}

/** Copies what the sandbox consists of to where every user can read it. */
export async function installForEveryone(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hexacoder-everyone-"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await cp(resource("data", "sandbox"), join(folder, "data", "sandbox"), { recursive: true });
  await cp(resource("node_modules", "zod"), join(folder, "node_modules", "zod"), { recursive: true });
  for (const part of ["sandbox", "util", "core"]) {
    await mkdir(join(folder, "src", part), { recursive: true });
    for (const name of await readdir(resource("src", part))) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      const source = await readFile(resource("src", part, name), "utf8");
      const compilerOptions = {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      };
      const { outputText } = ts.transpileModule(source, { compilerOptions });
      await writeFile(join(folder, "src", part, name.replace(/\.ts$/, ".js")), outputText);
    }
  }
  await writeFile(join(folder, "runner.mjs"), RUNNER);
  await openToAll(folder);
  return folder;
}

/** Starts workers in a process that belongs to `uid` (ours, when absent). */
export async function openForeignWorkers(
  folder: string,
  options: PythonWorkersOptions,
  uid?: number,
): Promise<ForeignWorkers> {
  const child = spawn(process.execPath, [join(folder, "runner.mjs"), JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const waiting = new Map<number, (result: SandboxResult) => void>();
  const ready = await firstLine(child, waiting);
  let count = 0;
  return {
    ...ready,
    run: (job: PythonJob) =>
      new Promise((resolve) => {
        count += 1;
        waiting.set(count, resolve);
        child.stdin.write(`${JSON.stringify({ id: count, job })}\n`);
      }),
    close: async () => {
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.stdin.end();
      await closed;
    },
  };
}

function firstLine(
  child: ChildProcessByStdio<Writable, Readable, null>,
  waiting: Map<number, (result: SandboxResult) => void>,
): Promise<{ pid: number; uid: number }> {
  return new Promise((resolve, reject) => {
    child.once("close", () => reject(new Error("the sandbox's user ended")));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id, result, ...ready } = JSON.parse(line);
      if (id === undefined) resolve(ready);
      else waiting.get(id)?.(result);
    });
  });
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

/** Takes the copy away. */
export const uninstall = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
