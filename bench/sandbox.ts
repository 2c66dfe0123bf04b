// What the sandbox costs: programs a second, each in a sandbox of its own (cold) and with warm workers, one
// and as many as there are cores. Time on the clock, since most of it is other processes': run it on a quiet
// machine. `--python PATH --prelude flask,yaml` measures with modules imported beforehand.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { openPythonWorkers } from "../src/sandbox/python-workers.ts";
import { openSandbox } from "../src/sandbox/sandbox.ts";

const SECONDS = 4;
const { values } = parseArgs({ options: { python: { type: "string" }, prelude: { type: "string" } } });
const interpreter = values.python === undefined ? {} : { python: values.python };
const prelude = values.prelude?.split(",") ?? ["json", "sqlite3", "html", "urllib.parse"];
const files = { "main.py": "import json, sqlite3\nprint(json.dumps({'ok': sqlite3.sqlite_version}))" };

const sandbox = await openSandbox();
await measure("cold: /bin/true", 1, () => sandbox.run({ argv: ["/bin/true"] }));
await measure("cold: python3 main.py", 1, () => sandbox.run({ argv: ["python3", "main.py"], files }));
for (const count of new Set([1, availableParallelism()])) {
  const workers = await openPythonWorkers({ count, prelude, ...interpreter });
  await measure(`warm, workers: ${count}`, count, () => workers.run({ program: "main.py", files }));
  await workers.close();
}

async function measure(name: string, lanes: number, job: () => Promise<{ code?: number }>): Promise<void> {
  let done = 0;
  const started = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - started < SECONDS * 1000) {
      const { code } = await job();
      if (code !== 0) throw new Error(`${name}: a job failed`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - started) / 1000;
  console.log(`${name}: ${(done / seconds).toFixed(1)} a second (${done} in ${seconds.toFixed(1)} s)`);
}
