// What runs in a thread of a workshop (see workshop.ts): opens the tools, then does one task after another.
import { parentPort, workerData } from "node:worker_threads";
import { HexacoderError } from "../core/errors.ts";
import {
  openWorkshop,
  type Workshop,
  type WorkshopAnswer,
  type WorkshopSetup,
  type WorkshopTask,
} from "./workshop.ts";

// What workshop.ts has just passed. Answers leave in the order of the tasks.
let last: Promise<void> = Promise.resolve();
const opening = parentPort === null ? undefined : openWorkshop(workerData as WorkshopSetup);
opening?.then(
  () => parentPort?.postMessage({ kind: "ready" } satisfies WorkshopAnswer),
  // The first task hears why; until then this thread says that it can be asked.
  () => parentPort?.postMessage({ kind: "ready" } satisfies WorkshopAnswer),
);

parentPort?.on("message", (task: WorkshopTask) => {
  last = last.then(async () => {
    parentPort?.postMessage(await answer(task));
  });
});

async function answer(task: WorkshopTask): Promise<WorkshopAnswer> {
  try {
    if (opening === undefined) throw new Error("this is no thread");
    return await work(task, await opening);
  } catch (error) {
    if (error instanceof HexacoderError) {
      const { code, message, remedy } = error;
      return { kind: "error", code, message, remedy };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "error", code: undefined, message, remedy: "" };
  }
}

async function work(task: WorkshopTask, { detect, codemods, verify }: Workshop): Promise<WorkshopAnswer> {
  switch (task.kind) {
    case "scan":
      return { kind: "scan", result: await detect.scan(task.files) };
    case "repair":
      return { kind: "repair", result: await codemods.repair(task.request) };
    case "verify":
      return { kind: "verify", result: await verify(task.request) };
    default:
      return task satisfies never;
  }
}
