import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { experimentsOf } from "../evaluation/paper/experiments.ts";
import { readPlan, withModels } from "../evaluation/paper/plan.ts";
import type { ReproduceOptions } from "./reproduce-options.ts";
import { reproduceSteps } from "./reproduce-steps.ts";
import type { Step } from "./steps.ts";

const plan = withModels(await readPlan("paper"), ["deepseek-coder-v2-lite"]);
const options: ReproduceOptions = {
  out: "out",
  source: "source",
  oracle: "builtin",
  threatModel: ["remote"],
  repairModel: "openai:any",
  dryRun: false,
  resume: false,
  json: false,
};

let cwd: string;
let steps: Step[];
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "hexacoder-reproduce-"));
  await mkdir(join(cwd, "source/sven/train"), { recursive: true });
  await writeFile(join(cwd, "source/train.jsonl"), "");
  await writeFile(join(cwd, "source/sven/train/cwe-078.jsonl"), "");
  steps = await reproduceSteps({ cwd }, plan, options);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** What stands behind a flag; undefined where the flag is absent. */
function flagValue(args: readonly string[], flag: string): string | undefined {
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}

/** The call of `eval` on Python's security prompts that holds an arm. */
function evaluationOf(arm: string): readonly string[] {
  const experiment = experimentsOf(plan).find(
    ({ arms, test }) => test.name === "security-python" && arms.some(({ name }) => name === arm),
  );
  const step = steps.find(({ args }) => flagValue(args, "--out") === join("out", experiment?.folder ?? ""));
  if (step === undefined) throw new Error(`no step for ${arm}`);
  return step.args;
}

const model = "deepseek-coder-v2-lite";
const adapter = (name: string): string => join("out", "adapters", model, name);
const main = adapter(`hexacoder-${model}`);

describe("every arm of the plan is a command with what makes it that arm", () => {
  it.each([
    { arm: "base", flags: { "--adapter": main, "--only": undefined, "--guard": undefined } },
    { arm: "lora", flags: { "--adapter": main, "--strategy": "one-step,two-step,two-step:authors" } },
    { arm: "two-step:authors", flags: { "--adapter": main } },
    { arm: "two-step", flags: { "--adapter": main } },
    { arm: "base two-step", flags: { "--only": undefined } },
    { arm: "base two-step:authors", flags: { "--only": undefined } },
    {
      arm: "security comment",
      flags: { "--preamble": join("out", "preambles", "secure-comment.python.txt"), "--adapter": undefined },
    },
    { arm: "guard only", flags: { "--guard": "reject", "--retries": "3", "--adapter": undefined } },
    {
      arm: "equal-cost resampling",
      flags: { "--draws": "4", "--guard": undefined, "--adapter": undefined },
    },
    { arm: "SVEN data", flags: { "--adapter": adapter(`sven-${model}`), "--only": "adapter" } },
    { arm: "SVEN data two-step", flags: { "--strategy": "one-step,two-step" } },
    { arm: "script settings", flags: { "--adapter": adapter(`hexacoder-${model}-script`) } },
    { arm: "script settings two-step:authors", flags: { "--strategy": "one-step,two-step:authors" } },
    { arm: "attention only", flags: { "--adapter": adapter(`hexacoder-${model}-attention`) } },
    { arm: "attention only two-step", flags: { "--strategy": "one-step,two-step" } },
  ])("$arm", ({ arm, flags }) => {
    const args = evaluationOf(arm);
    for (const [flag, value] of Object.entries(flags)) expect(flagValue(args, flag), flag).toBe(value);
  });

  it("and no arm is left out here", () => {
    for (const { name } of plan.arms) expect(evaluationOf(name)[0]).toBe("eval");
  });
});

describe("the steps", () => {
  it("spend on resampling what a guard may spend, and no more", () => {
    const retries = Number(flagValue(evaluationOf("guard only"), "--retries"));
    expect(Number(flagValue(evaluationOf("equal-cost resampling"), "--draws"))).toBe(retries + 1);
  });

  it("train every adapter that an evaluation names, before it", () => {
    const trained = new Set<string>();
    for (const { args } of steps) {
      if (args[0] === "train") trained.add(flagValue(args, "--out") ?? "");
      const wanted = args[0] === "eval" ? flagValue(args, "--adapter") : undefined;
      if (wanted !== undefined) expect(trained).toContain(wanted);
    }
    expect(trained.size).toBe(4);
  });

  it("repair with no report, with the report, and with report and hint", () => {
    const told = steps
      .filter(({ args }) => args[0] === "synth")
      .map(({ args }) => flagValue(args, "--feedback"));
    expect(told).toEqual(["none", "report", "report+hint"]);
  });

  it("can all be gone on with", () => {
    for (const { args } of steps) expect(args).toContain("--resume");
  });
});
