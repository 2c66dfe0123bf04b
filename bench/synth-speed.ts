// Synthesis with a model that answers at once, or after a while: candidates a second from proposal to
// written pair, and memory.
// npx tsx bench/synth-speed.ts [--count 2000] [--latency MS] [--concurrency N] [--threads N] [--every N]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadLanguage } from "../src/lang/registry.ts";
import type { ChatModel } from "../src/llm/chat.ts";
import { chatSource } from "../src/synthesis/sources/chat.ts";
import { readSeeds } from "../src/synthesis/sources/seeds.ts";
import { synthesise } from "../src/synthesis/synthesis.ts";
import { openThreadedWorkshop } from "../src/synthesis/workshop.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    latency: { type: "string", default: "0" },
    concurrency: { type: "string", default: "16" },
    threads: { type: "string", default: "2" },
    every: { type: "string", default: "2000" },
  },
});
const count = Number(values.count);
const latency = Number(values.latency);
const concurrency = Number(values.concurrency);

const seeds = await readSeeds();
let asked = 0;

/** Answers with a seed whose names are new, so that no two answers are the same program. */
const model: ChatModel = {
  identity: "instant",
  concurrency,
  chat: async () => {
    const number = asked++;
    const seed = seeds[number % seeds.length];
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
    const code = `${(seed?.code ?? "").replace(/\bdef (\w+)\(/g, `def $1_${number}(`)}\nversion_${number} = ${number}\n`;
    return {
      text: `\`\`\`python\n${code}\`\`\``,
      finishReason: "stop",
      usage: { promptTokens: 1, completionTokens: 1 },
    };
  },
  close: async () => undefined,
};

const language = await loadLanguage("python");
const source = await chatSource({
  model,
  seeds,
  language,
  nameOf: () => undefined,
  count,
  examples: 2,
  sampling: { temperature: 1, topP: 1, maxTokens: 1000 },
  seed: 1,
});
const options = { threatModels: ["remote" as const] };
const workshop = await openThreadedWorkshop(
  { detect: "builtin", judges: ["builtin"], detectOptions: options, judgeOptions: options },
  { count: Number(values.threads), waits: true },
);
const folder = await mkdtemp(join(tmpdir(), "hexacoder-speed-"));
const megabytes = (): number => Math.round(process.memoryUsage().rss / 1e6);
let next = Number(values.every);
const started = performance.now();
let warm: { seconds: number; proposed: number; cpu: NodeJS.CpuUsage } | undefined;
const summary = await synthesise({
  folder,
  source,
  detect: workshop.detect,
  repairer: workshop.codemods,
  verify: workshop.verify,
  concurrency,
  signal: new AbortController().signal,
  onProgress: ({ proposed, pairs }) => {
    const seconds = (performance.now() - started) / 1000;
    if (proposed >= count / 10) warm ??= { seconds, proposed, cpu: process.cpuUsage() };
    if (proposed < next) return;
    next += Number(values.every);
    console.log(`${proposed} programs, ${pairs} pairs, ${seconds.toFixed(1)} s, ${megabytes()} MB`);
  },
});
const seconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(warm?.cpu);
const rest = summary.proposed - (warm?.proposed ?? 0);
const spent = (cpu.user + cpu.system) / 1e6;
console.log(
  `${summary.proposed} programs, ${summary.flagged} flagged, ${summary.pairs} pairs in ${seconds.toFixed(1)} s; ${megabytes()} MB`,
);
console.log(
  `after the first tenth: ${(rest / (seconds - (warm?.seconds ?? 0))).toFixed(0)} a second; processor time ${((1000 * spent) / rest).toFixed(2)} ms each, ${(rest / spent).toFixed(0)} a second for each core`,
);
if (latency > 0) {
  const ideal = (count / concurrency) * (latency / 1000);
  console.log(
    `ideal ${ideal.toFixed(1)} s: ${((100 * ideal) / seconds).toFixed(1)} % of the ideal throughput`,
  );
}
await workshop.close();
await rm(folder, { recursive: true });
