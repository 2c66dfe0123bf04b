// What the sandbox costs: programs a second, each in a sandbox of its own (cold) and with warm workers, one
// and as many as there are cores; and, for warm workers, the processor time of a program with all that
// is around it, which other work on the machine changes less. (A sandbox that has ended takes its count along.) `--python PATH --prelude flask,yaml` measures with modules imported beforehand.
import { readdirSync, readFileSync } from "node:fs";
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
  const spent = processorMs();
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
  const each = (processorMs() - spent) / done;
  const cost = name.startsWith("warm") ? `, ${each.toFixed(1)} ms of a processor each` : "";
  console.log(`${name}: ${(done / seconds).toFixed(1)} a second (${done} in ${seconds.toFixed(1)} s)${cost}`);
}

/** Processor time of this process, of its descendants and of those that they waited for. */
function processorMs(): number {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statOf(name);
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
    processes.set(Number(name), { parent: Number(fields[1] ?? 0), ticks });
  }
  const isOurs = (pid: number): boolean =>
    pid === process.pid || (pid > 1 && isOurs(processes.get(pid)?.parent ?? 0));
  const ours = [...processes].filter(([pid]) => isOurs(pid));
  // A tick is 10 ms on every Linux that we know.
  return ours.reduce((sum, [, { ticks }]) => sum + ticks * 10, 0);
}

function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has ended in the meantime
  }
}
