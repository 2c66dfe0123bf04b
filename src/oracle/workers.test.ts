import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOracle } from "./registry.ts";
import { createScanner, type Scanner } from "./scanner.ts";
import { createWorkerScanner, usefulThreads, type WorkerSetup } from "./workers.ts";

let root = "";
const opened: Scanner[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "workers-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((scanner) => scanner.close()));
  await rm(root, { recursive: true });
});

function setup(): WorkerSetup {
  return { oracle: "builtin", options: { threatModels: ["remote"] }, report: { root, suppressions: true } };
}

async function open(threads: { count: number; script?: URL }, given = setup()): Promise<Scanner> {
  const scanner = await createWorkerScanner(given, threads);
  opened.push(scanner);
  return scanner;
}

const never = new AbortController().signal;

/** A thread that breaks at paths with `bad` in them, and never ends at `slow`. */
const BREAKING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", (paths) => {
      if (paths.some((path) => path.includes("bad"))) throw new Error("out of luck");
      if (paths.includes("slow")) return;
      const reports = paths.map((path) => ({ status: "scanned", path, findings: [], covers: [] }));
      parentPort.postMessage({ kind: "reports", reports });
    });
    parentPort.postMessage({ kind: "ready", identity: "fake@1", covers: { python: [], c: [] } });
  `)}`,
);

describe("scanning threads", () => {
  it("give the same reports as this thread, in the same order", async () => {
    const paths: string[] = [];
    for (let i = 0; i < 24; i++) {
      paths.push(`${i}.py`);
      const body =
        i % 3 === 0 ? "def (" : `from flask import request\nimport os\nos.system(request.args['${i}'])\n`;
      await writeFile(join(root, `${i}.py`), body);
    }
    paths.push("gone.py");
    const here = createScanner(await openOracle("builtin", { threatModels: ["remote"] }), setup().report);
    const threads = await open({ count: 2 });
    expect(threads.identity).toBe(here.identity);
    expect(threads.covers("python")).toEqual(here.covers("python"));
    const halves = await Promise.all(
      [paths.slice(0, 12), paths.slice(12)].map((half) => threads.scanPaths(half, never)),
    );
    expect(halves.flat()).toEqual(await here.scanPaths(paths, never));
  }, 120_000);

  it("lose only the file that breaks one, and go on", async () => {
    const scanner = await open({ count: 2, script: BREAKING });
    const batches = [["a", "bad1", "b"], ["c"], ["bad2"], ["d", "e"]];
    const reports = await Promise.all(batches.map((batch) => scanner.scanPaths(batch, never)));
    expect(reports.flat().map(({ path, status }) => `${path} ${status}`)).toEqual([
      "a scanned",
      "bad1 unscanned",
      "b scanned",
      "c scanned",
      "bad2 unscanned",
      "d scanned",
      "e scanned",
    ]);
    expect(reports[2]).toEqual([
      {
        status: "unscanned",
        path: "bad2",
        reason: "tool-failed",
        detail: expect.stringContaining("out of luck"),
      },
    ]);
  });

  it("stop at once when they are told to", async () => {
    const scanner = await open({ count: 1, script: BREAKING });
    const controller = new AbortController();
    const waiting = [["slow"], ["next"]].map((paths) => scanner.scanPaths(paths, controller.signal));
    controller.abort();
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("tell what a user can mend as such", async () => {
    const missing = {
      ...setup(),
      options: { threatModels: ["remote" as const], modelsDirs: [join(root, "none")] },
    };
    await expect(open({ count: 2 }, missing)).rejects.toMatchObject({ code: "file-not-found" });
    await expect(open({ count: 1 }, { ...setup(), oracle: "bandti" })).rejects.toMatchObject({
      code: "unknown-oracle",
    });
  });

  it.each([
    [1, 8, 1],
    [3_999, 8, 1],
    [4_000, 8, 2],
    [12_000, 4, 4],
    [100_000, 64, 50],
    [0, 1, 1],
  ])("are worth starting for %i files on %i cores: %i", (files, cores, expected) => {
    expect(usefulThreads(files, cores)).toBe(expected);
  });
});

describe("a scanner in this thread", () => {
  it("loses only the file at which the oracle breaks", async () => {
    for (const name of ["a.py", "bad.py", "b.py"]) await writeFile(join(root, name), `print("${name}")\n`);
    const oracle = {
      identity: "fake@1",
      covers: () => [],
      scan: async (files: readonly { path: string }[]) => {
        if (files.some(({ path }) => path === "bad.py")) throw new Error("a trap");
        return files.map(({ path }) => ({ status: "scanned" as const, path, findings: [], covers: [] }));
      },
    };
    const reports = await createScanner(oracle, setup().report).scanPaths(["a.py", "bad.py", "b.py"], never);
    expect(reports).toMatchObject([
      { path: "a.py", status: "scanned" },
      { path: "bad.py", status: "unscanned", reason: "tool-failed", detail: "The oracle failed: a trap." },
      { path: "b.py", status: "scanned" },
    ]);
  });
});
