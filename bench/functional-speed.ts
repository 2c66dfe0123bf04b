// How fast and how repeatable tests in the sandbox are: HumanEval's canonical solutions ten times over (1,640
// runs), three times; and broken ones, which must all fail.
// npx tsx bench/functional-speed.ts --source DIR [--rounds 3] [--times 10]
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Task } from "../src/core/completion.ts";
import { loadBenchmark } from "../src/evaluation/benchmarks/load.ts";
import { runTests } from "../src/evaluation/scorers/run-tests.ts";
import { openTestBench } from "../src/evaluation/scorers/test-bench.ts";
import { sha256 } from "../src/util/hash.ts";
import { ProcessorClock } from "./support/processor-time.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    rounds: { type: "string", default: "3" },
    times: { type: "string", default: "10" },
  },
});
if (values.source === undefined) throw new Error("--source DIR is missing");

const benchmark = await loadBenchmark("humaneval", { source: values.source });
const canonical = (task: Task): string => benchmark.solutions?.get(task.id)?.safe ?? "";
/** A function that returns nothing: whatever is asked, it is wrong. */
const broken = (task: Task): string => `${task.prompt}    return None\n`;

const bench = await openTestBench({ env: process.env });
const results = new Set<string>();
for (let round = 1; round <= Number(values.rounds); round++) {
  results.add(await measure(`canonical, round ${round}`, canonical, Number(values.times)));
}
await measure("broken", broken, 1);
await bench.close();
console.log(results.size === 1 ? "every round said the same" : `ROUNDS DIFFER: ${results.size} results`);
process.exitCode = results.size === 1 ? 0 : 1;

/** Runs every task `times` times; returns a hash of all that was said. */
async function measure(name: string, program: (task: Task) => string, times: number): Promise<string> {
  const started = performance.now();
  const clock = new ProcessorClock();
  const runs = Array.from({ length: times }, () => benchmark.tasks).flat();
  const said = await Promise.all(
    runs.map(async (task) => {
      if (task.tests === undefined) throw new Error(`${task.id} has no tests`);
      const token = sha256(`${task.id}${Math.random()}`);
      return {
        id: task.id,
        ...(await runTests(bench, { tests: task.tests, program: program(task), token })),
      };
    }),
  );
  const passed = said.filter((one) => one.status === "tested" && one.functional);
  const seconds = (performance.now() - started) / 1000;
  const cpu = clock.stop();
  console.log(
    `${name}: ${passed.length} of ${runs.length} pass, ${seconds.toFixed(1)} s on the clock, ${cpu.toFixed(1)} s of processors (${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1) ?? "?"})`,
  );
  if (passed.length > 0 && passed.length < runs.length) {
    const odd = said.filter((one) => !(one.status === "tested" && one.functional));
    for (const one of odd.slice(0, 5)) console.log(`  ${JSON.stringify(one)}`);
  }
  return sha256(JSON.stringify(said));
}
