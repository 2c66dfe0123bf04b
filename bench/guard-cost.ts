// What the guard of the served endpoint costs a completion: the same requests over HTTP with each guard in turn, in
// front of a model that answers at once, so that what remains is the endpoint and its guard. Programs are cut in
// the middle: the first half is the prompt, the second what the model says.
// npx tsx bench/guard-cost.ts [--source FILE.jsonl|FOLDER] [--limit 200] [--seed 1]
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { mockModel } from "../src/llm/providers/mock.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { createCodemodRepairer } from "../src/repair/codemod-repairer.ts";
import { type Endpoint, type EndpointGuard, endpointGuards } from "../src/server/endpoint.ts";
import { startServer } from "../src/server/server.ts";
import { seededRandom, shuffled } from "../src/util/random.ts";
import { resource } from "../src/util/resources.ts";
import { type BenchProgram, readPrograms } from "./support/programs.ts";

/** Milliseconds of a request: by the clock, and of the processor (client included, as both are one process). */
interface Took {
  readonly clock: number;
  readonly processor: number;
}

const { values } = parseArgs({
  options: {
    source: { type: "string", default: resource("data", "seeds") },
    limit: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});

const all: BenchProgram[] = [];
for await (const program of readPrograms(values.source)) all.push(program);
const cases = shuffled(all, seededRandom(Number(values.seed)))
  .slice(0, Number(values.limit))
  .map(({ code }) => {
    const lines = code.split(/(?<=\n)/);
    const half = Math.ceil(lines.length / 2);
    return { prompt: lines.slice(0, half).join(""), rest: lines.slice(half).join("") };
  });
const rests = new Map(cases.map(({ prompt, rest }) => [prompt, rest]));

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
const repairer = await createCodemodRepairer({ oracle });
const model = mockModel(({ prompt }) => rests.get(prompt) ?? "");
const base: Endpoint = {
  name: "m",
  completions: model,
  strategy: "one-step",
  sampling: { temperature: 0, topP: 1, maxTokens: 100_000, importTokens: 20 },
  language: "python",
};
const guardOf = (mode: EndpointGuard["mode"]): EndpointGuard => ({
  mode,
  oracle,
  repairer,
  retries: 0,
  unscanned: "withhold",
});
const arms = await Promise.all(
  endpointGuards.map(async (mode) => ({
    mode,
    times: new Map<string, Took[]>(),
    server: await startServer({ endpoint: mode === "off" ? base : { ...base, guard: guardOf(mode) } }),
  })),
);

// The first requests warm up parsers and compiler; then the arms take turns, so that what else the machine does
// falls on all alike.
for (const { prompt } of cases.slice(0, 20)) for (const { server } of arms) await ask(server.url, prompt);
const before = loadavg()[0] ?? 0;
for (const { prompt } of cases) {
  for (const { server, times } of arms) {
    const start = performance.now();
    const processor = process.cpuUsage();
    const action = await ask(server.url, prompt);
    const { user, system } = process.cpuUsage(processor);
    const took = { clock: performance.now() - start, processor: (user + system) / 1000 };
    times.set(action, [...(times.get(action) ?? []), took]);
  }
}

console.log(
  `${oracle.identity}, Node ${process.version}, load ${before.toFixed(1)} to ${(loadavg()[0] ?? 0).toFixed(1)}`,
);
const characters = cases.map(({ prompt, rest }) => prompt.length + rest.length);
console.log(`${cases.length} requests an arm, programs of ${quantile(characters, 0.5)} characters (median)`);
console.log("guard\tanswers\tn\tmedian ms\t95 % ms\tmedian processor ms");
for (const { mode, times, server } of arms) {
  const everything = [...times.values()].flat();
  for (const [action, taken] of [["all", everything] as const, ...times]) {
    const clock = taken.map((took) => took.clock);
    const processor = taken.map((took) => took.processor);
    const figures = [quantile(clock, 0.5), quantile(clock, 0.95), quantile(processor, 0.5)];
    console.log([mode, action, taken.length, ...figures.map((figure) => figure.toFixed(1))].join("\t"));
  }
  await server.close();
}

async function ask(url: string, prompt: string): Promise<string> {
  const response = await fetch(`${url}/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", prompt }),
  });
  await response.text();
  return response.headers.get("x-hexacoder-guard") ?? `status ${response.status}`;
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
