// What runs in a thread of a workshop (see workshop.ts): opens the tools, then does one task after another.
import { parentPort, workerData } from "node:worker_threads";
import { openWorkshop, type ThreadMessage, type WorkshopSetup } from "./workshop.ts";
import { answerTask, type WorkshopTask } from "./workshop-tasks.ts";

// What workshop.ts has just passed. Answers leave in the order of the tasks.
let last: Promise<void> = Promise.resolve();
const opening =
  parentPort === null
    ? Promise.reject(new Error("this is no thread"))
    : openWorkshop(workerData as WorkshopSetup);
opening.then(
  () => parentPort?.postMessage({ kind: "ready" } satisfies ThreadMessage),
  // The first task hears why; until then this thread says that it can be asked.
  () => parentPort?.postMessage({ kind: "ready" } satisfies ThreadMessage),
);

parentPort?.on("message", (task: WorkshopTask) => {
  last = last.then(async () => {
    parentPort?.postMessage((await answerTask(task, opening)) satisfies ThreadMessage);
  });
});
