// How fast scans are: our command line on a folder (start-up included), each program in this process,
// and other scanners on the same folder in the same run. Note the machine's load beside the figures.
// npx tsx bench/scan-speed.ts --source FILE.jsonl [--rounds 3] [--jobs 1,2] [--bandit PATH] [--semgrep PATH] [--semgrep-rules FILE]   (PATH none: leave it out)
// npx tsx bench/scan-speed.ts --source FILE.jsonl --repeat 34     memory over many programs
// npx tsx bench/scan-speed.ts --worst                              programs that are hard by their shape

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SourceFile } from "../src/core/finding.ts";
import { extensionOf } from "../src/core/language.ts";
import { createBuiltinOracle } from "../src/oracle/engines/builtin.ts";
import { type ExternalName, stateOfExternal } from "../src/oracle/external/open.ts";
import { readSemgrepRules } from "../src/oracle/external/semgrep-rules.ts";
import { runProcess } from "../src/util/process.ts";
import { resource } from "../src/util/resources.ts";
import { worstCPrograms } from "../test/support/worst-c-programs.ts";
import { worstPrograms } from "../test/support/worst-programs.ts";
import { readLabelled } from "./support/labelled.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    rounds: { type: "string", default: "3" },
    jobs: { type: "string", default: `1,${availableParallelism()}` },
    cli: { type: "string", default: resource("bin", "hexacoder") },
    bandit: { type: "string" },
    semgrep: { type: "string" },
    "semgrep-rules": { type: "string" },
    repeat: { type: "string" },
    worst: { type: "boolean", default: false },
  },
});

const oracle = await createBuiltinOracle({ threatModels: ["remote"] });
console.log(
  `${oracle.identity}, Node ${process.version}, ${cpus()[0]?.model ?? "?"} × ${availableParallelism()}`,
);
console.log(
  `${new Date().toISOString()}, load ${loadavg()
    .map((load) => load.toFixed(2))
    .join(" ")}`,
);
if (values.worst) await measureWorst();
else if (values.source === undefined) throw new Error("--source FILE.jsonl is missing");
else if (values.repeat !== undefined) await measureMemory(values.source, Number(values.repeat));
else await measureSpeed(values.source);

async function measureSpeed(source: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "scan-speed-"));
  try {
    const files = await unpack(source, join(folder, "programs"));
    const scanners = await scannersFor(folder);
    const times = new Map<string, number[]>(scanners.map(({ name }) => [name, []]));
    // Taking turns: what else the machine does falls on all alike.
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const { name, command, statuses } of scanners) {
        const start = performance.now();
        const result = await runProcess({ command, maxOutputBytes: 1 << 30 });
        const seconds = (performance.now() - start) / 1000;
        if (!statuses.includes(result.exitCode ?? -1))
          throw new Error(`${name} failed: ${result.stderr.slice(-2000)}`);
        times.get(name)?.push(seconds);
      }
    }
    const rows = [...times].map(([name, seconds]) => {
      const best = Math.min(...seconds);
      return {
        scanner: name,
        seconds: seconds.map((one) => one.toFixed(2)).join(" "),
        "programs/s at best": Math.round(files.length / best),
      };
    });
    console.log(`\n${files.length} programs, whole command, start-up included`);
    console.table(rows);
    await measureEach(files);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Scanner {
  readonly name: string;
  readonly command: [string, ...string[]];
  /** Exit codes of a run that did its work. */
  readonly statuses: readonly number[];
}

async function scannersFor(scratch: string): Promise<Scanner[]> {
  const folder = join(scratch, "programs");
  const own = values.jobs.split(",").map((jobs): Scanner => {
    const args = ["scan", folder, "--format", "json", "--jobs", jobs];
    return {
      name: `hexacoder --jobs ${jobs}`,
      command: [process.execPath, values.cli, ...args],
      statuses: [0, 1],
    };
  });
  const scanners = [...new Map(own.map((one) => [one.name, one])).values()];
  const bandit = values.bandit ?? (await installed("bandit"));
  if (bandit !== undefined)
    scanners.push({ name: "bandit", command: [bandit, "-q", "-r", "-f", "json", folder], statuses: [0, 1] });
  const semgrep = values.semgrep ?? (await installed("semgrep"));
  if (semgrep !== undefined && semgrep !== "none") {
    const rules = values["semgrep-rules"] ?? (await ownRules(scratch));
    const off = ["--metrics=off", "--disable-version-check"];
    const command: [string, ...string[]] = [
      semgrep,
      "scan",
      ...off,
      "--json",
      "--no-git-ignore",
      "--config",
      rules,
      folder,
    ];
    scanners.push({
      name: `semgrep with ${values["semgrep-rules"] ?? "our rules"}`,
      command,
      statuses: [0, 1],
    });
  }
  return scanners;
}

/** The tool that `setup --engines` installed, or one on the PATH. */
async function installed(name: ExternalName): Promise<string | undefined> {
  const { tool } = await stateOfExternal(name, process.env);
  console.log(tool === undefined ? `${name}: not found` : `${name} ${tool.version}`);
  return tool?.path;
}

/** Our rules as the adapter hands them over: Semgrep reads YAML much more slowly. */
async function ownRules(scratch: string): Promise<string> {
  const { config } = await readSemgrepRules([resource("data", "semgrep")], ["remote"]);
  const path = join(scratch, "rules.json");
  await writeFile(path, config);
  return path;
}

async function unpack(source: string, folder: string): Promise<SourceFile[]> {
  await mkdir(folder, { recursive: true });
  const files: SourceFile[] = [];
  for await (const { language, code } of readLabelled(source)) {
    const path = `${String(files.length).padStart(6, "0")}${extensionOf(language)}`;
    await writeFile(join(folder, path), code);
    files.push({ path, language, text: code });
  }
  return files;
}

async function measureEach(files: readonly SourceFile[]): Promise<void> {
  console.log("\nEach program in this process, milliseconds (first: cold; second: warm)");
  for (let round = 0; round < 2; round++) {
    const times: number[] = [];
    for (const file of files) {
      const start = performance.now();
      await oracle.scan([file]);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2);
    console.log(`median ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)}`);
  }
}

/** Streams the programs N times over and says how much memory the process holds. */
async function measureMemory(source: string, rounds: number): Promise<void> {
  let programs = 0;
  const report = (when: string): void => {
    const rss = Math.round(process.memoryUsage.rss() / 1e6);
    console.log(`${when.padEnd(22)} ${String(programs).padStart(8)} programs, ${rss} MB`);
  };
  report("before the first");
  for (let round = 0; round < rounds; round++) {
    for await (const { language, code } of readLabelled(source)) {
      await oracle.scan([{ path: `a${extensionOf(language)}`, language, text: code }]);
      programs++;
    }
    if (round === 0) report("after the first round");
    if (round === Math.floor(rounds / 2)) report("in the middle");
  }
  report("at the end");
}

async function measureWorst(): Promise<void> {
  const programs = [
    ...worstPrograms().map((program) => ({ ...program, language: "python" as const })),
    ...worstCPrograms().map((program) => ({ ...program, language: "c" as const })),
  ];
  for (const { name, text, language } of programs) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    const [result] = await oracle.scan([{ path: `worst${extensionOf(language)}`, language, text }]);
    const { user, system } = process.cpuUsage(before);
    // Processor time beside the wall clock: on a busy machine the two part.
    const times = [performance.now() - start, (user + system) / 1000];
    const seconds = times.map((time) => `${(time / 1000).toFixed(2).padStart(6)} s`).join(" ");
    const outcome =
      result?.status === "unscanned" ? `unscanned: ${result.reason}` : `${result?.findings.length} findings`;
    console.log(`${seconds}  ${name.padEnd(42)} ${outcome}`);
  }
}
