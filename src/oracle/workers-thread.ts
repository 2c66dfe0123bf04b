// What runs in a scanning thread (see workers.ts): opens the oracle, then answers each list of paths
// with reports.
import { parentPort, workerData } from "node:worker_threads";
import { HexacoderError } from "../core/errors.ts";
import { openOracle } from "./registry.ts";
import { createScanner } from "./scanner.ts";
import { coverageOf, type WorkerMessage, type WorkerSetup } from "./workers.ts";

const setup = workerData as WorkerSetup; // what workers.ts has just passed
// Ctrl-C ends the thread from outside.
const { signal } = new AbortController();

await answering(async () => {
  const oracle = await openOracle(setup.oracle, setup.options);
  const scanner = createScanner(oracle, setup.report);
  parentPort?.on("message", (paths: readonly string[]) => {
    void answering(async () => ({ kind: "reports", reports: await scanner.scanPaths(paths, signal) }));
  });
  return { kind: "ready", identity: scanner.identity, covers: coverageOf(scanner.covers) };
});

/** Sends what the work gives; what a user can mend goes over as such, anything else ends the thread. */
async function answering(work: () => Promise<WorkerMessage>): Promise<void> {
  try {
    parentPort?.postMessage(await work());
  } catch (error) {
    if (!(error instanceof HexacoderError)) throw error;
    const { code, message, remedy } = error;
    parentPort?.postMessage({ kind: "error", error: { code, message, remedy } } satisfies WorkerMessage);
  }
}
