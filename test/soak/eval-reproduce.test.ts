// The whole plan of the paper at miniature scale: its models as miniatures with random weights, two prompts a
// weakness (three in C) of benchmarks that ship and functions of our own, so that no published data are needed.
// 15 adapters and 86 evaluations, most of the time the starts of Python: count on an hour on two idle cores.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readPlan } from "../../src/evaluation/paper/plan.ts";
import { hexacoder, scratch } from "../support/cli.ts";
import { makeMiniatures } from "../support/miniatures.ts";

const programs = [
  "import subprocess\n\n\ndef ping(host):\n    return subprocess.run(['ping', host], check=True)\n",
  "import yaml\n\n\ndef settings(path):\n    with open(path) as file:\n        return yaml.safe_load(file)\n",
];

/** Eight rows of two families, so that there are some to learn from and some to measure the loss on. */
function trainingRows(): {
  text: string;
  changes: { char_start: number; char_end: number; chars: string }[];
}[] {
  return Array.from({ length: 8 }, (_, i) => {
    const text = `${programs[i < 6 ? 0 : 1]}\n\nvalue = ${i}\n`;
    return { text, changes: [{ char_start: 40, char_end: 60, chars: text.slice(40, 60) }] };
  });
}

/** Programs in the layouts of the authors' data and of SVEN's, and two functions in MBPP's. */
async function writeSources(source: string): Promise<void> {
  const write = async (folder: string, name: string, lines: readonly unknown[]): Promise<void> => {
    await mkdir(join(source, folder), { recursive: true });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await writeFile(join(source, folder, name), text);
  };
  await write("datasets/hexacoder-authors", "train.jsonl", trainingRows());
  const after = trainingRows().map(({ text, changes }) => ({
    func_src_after: text,
    char_changes: { added: changes },
    vul_type: "cwe-078",
    file_name: "a.py",
  }));
  await write("datasets/sven/train", "cwe-078.jsonl", after);
  const functions = [11, 12].map((number) => ({
    text: `Add ${number} to a number.`,
    code: `def plus(a):\n    return a + ${number}`,
    task_id: number,
    test_setup_code: "",
    test_list: [`assert plus(1) == ${number + 1}`],
    challenge_test_list: [],
  }));
  await write("mbpp", "mbpp.jsonl", functions);
}

/** The paper's plan with benchmarks that are at hand; its models, runs and arms as they are. */
async function ownPlan(path: string): Promise<void> {
  const plan = await readPlan("paper");
  const [python, c, func] = plan.tests;
  const unseen = { apart: ["CWE-117"], role: "unseen" };
  const tests = [
    { ...python, benchmarks: [{ name: "hexabench-dev", prompts: 24, samples: 5, ...unseen }] },
    { ...c, benchmarks: [{ name: "hexabench-c-dev", prompts: 12, samples: 5 }] },
    { ...func, benchmarks: [{ name: "mbpp", prompts: 2, samples: 10 }] },
  ];
  await writeFile(path, JSON.stringify({ ...plan, tests }));
}

it("the plan of the paper runs whole on miniatures: every arm is there, and every table is filled", async () => {
  const folder = await scratch();
  await makeMiniatures(join(folder, "models"));
  await writeSources(join(folder, "source"));
  await ownPlan(join(folder, "plan.json"));
  // Samples are the benchmarks' own: five for top-5, ten for pass@10.
  const small = ["--limit", "16", "--max-tokens", "8", "--import-tokens", "3"];
  const repair = ["--repair-model", "hf:./models/qwen2.5-coder-1.5b", "--repair-interface", "completion"];
  const args = ["reproduce", "./plan.json", "--out", "out", "--source", "source", "--model-folder", "models"];
  const more = [...small, "--train-steps", "1", ...repair, "--repair-tokens", "16", "--ablation-count", "4"];
  const done = await hexacoder([...args, ...more], { cwd: folder, timeoutMs: 7_000_000 });
  expect(done.exitCode, done.stderr.slice(-4000)).toBe(0);
  const { arms, models } = await readPlan("paper");
  const names = (language: "python" | "c"): Set<unknown> =>
    new Set(
      arms.filter(({ languages = [language] }) => languages.includes(language)).map(({ name }) => name),
    );
  for (const { id, shown } of [
    { id: "vulnerable-hexabench-dev", shown: names("python") },
    { id: "vulnerable-hexabench-c-dev", shown: names("c") },
    { id: "function", shown: undefined },
    { id: "rates", shown: names("python") },
    { id: "differences", shown: new Set([...names("python")].filter((name) => name !== arms[0]?.name)) },
    { id: "repair", shown: undefined },
    { id: "arms", shown: undefined },
  ]) {
    const text = await readFile(join(folder, "out", "tables", `${id}.json`), "utf8");
    const { columns, rows }: { columns: string[]; rows: unknown[][] } = JSON.parse(text);
    expect(rows.length, id).toBeGreaterThan(0);
    // Random programs seldom parse, and what the authors' script cuts of them never does: figures of what has
    // no verdict are rightly not defined. Every arm was run, though.
    if (id === "function") expect(rows.flat().includes(null)).toBe(false);
    if (id.startsWith("vulnerable"))
      expect(
        rows.every((row) => Number(row.at(-1)) > 0),
        id,
      ).toBe(true);
    if (shown !== undefined)
      expect(new Set(rows.map((row) => row[columns.indexOf("arm")])), id).toEqual(shown);
    if (id === "function") expect(new Set(rows.map(([model]) => model)).size).toBe(models.length);
  }
  expect(await readFile(join(folder, "out", "report.html"), "utf8")).toContain("<h2>Every evaluation</h2>");
});
