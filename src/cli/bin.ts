// The process around the command line: real streams, Ctrl-C, and the exit code.
import { setMaxListeners } from "node:events";
import { systemErrorCode, writeError } from "../core/errors.ts";
import { type ExitCode, exitCodes, terminated } from "./context.ts";
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
process.on("SIGTERM", () => controller.abort(terminated));

let soFar: ExitCode = exitCodes.done;
process.stdout.on("error", (error) => {
  // A reader that goes away (`| head`) ends the program quietly, as other tools do: with what is known by then.
  if (systemErrorCode(error) === "EPIPE") process.exit(soFar);
  const { message, remedy, exitCode } = writeError("Standard output", error);
  process.stderr.write(`hexacoder: ${message} ${remedy}\n`, () => process.exit(exitCode));
});
process.stderr.on("error", () => {
  // Nobody listens to the talk, which is no reason to stop: the result has a stream of its own.
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
  finished: (code) => {
    soFar = code;
  },
});
