// The process around the command line: real streams, Ctrl-C, and the exit code.
import { setMaxListeners } from "node:events";
import { cli } from "./main.ts";

const controller = new AbortController();
// Every request under way listens for Ctrl-C, and there may be hundreds.
setMaxListeners(0, controller.signal);
let presses = 0;
process.on("SIGINT", () => {
  presses++;
  // A second Ctrl-C means now; everything finished so far is on disk already.
  if (presses > 1) process.exit(130);
  controller.abort();
});
process.on("SIGTERM", () => controller.abort());
// A reader that goes away (`| head`) ends the program quietly, as other tools do.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await cli(process.argv.slice(2), {
  out: (text) => {
    process.stdout.write(text);
  },
  talk: (line) => {
    process.stderr.write(`${line}\n`);
  },
  signal: controller.signal,
  env: process.env,
  cwd: process.cwd(),
  interactive: process.stderr.isTTY === true,
});
