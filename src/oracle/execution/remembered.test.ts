import { describe, expect, it } from "vitest";
import type { SandboxResult } from "../../sandbox/job.ts";
import { Remembered } from "./remembered.ts";

/** Only what is read of a result. */
const ended = (status: SandboxResult["status"], stdout = ""): SandboxResult => {
  const read: unknown = { status, stdout };
  return read as SandboxResult;
};

/** Counts how often it is run. */
function asker(...answers: SandboxResult[]) {
  const asker = {
    runs: 0,
    run: async (): Promise<SandboxResult> => {
      const answer = answers[Math.min(asker.runs++, answers.length - 1)];
      if (answer === undefined) throw new Error("no sandbox");
      return answer;
    },
  };
  return asker;
}

describe("remembered answers", () => {
  it("are given again, also to who asks while the first is under way", async () => {
    const [memory, one] = [new Remembered(), asker(ended("exited", "a"))];
    const both = await Promise.all([memory.ask("p", one.run), memory.ask("p", one.run)]);
    expect(both.map(({ stdout }) => stdout)).toEqual(["a", "a"]);
    expect(await memory.ask("p", one.run)).toMatchObject({ stdout: "a" });
    expect(one.runs).toBe(1);
  });

  it("are each question's own", async () => {
    const [memory, one] = [new Remembered(), asker(ended("exited"))];
    await memory.ask("p", one.run);
    await memory.ask("q", one.run);
    expect(one.runs).toBe(2);
  });

  it.each([
    ["cancelled jobs", ended("cancelled")],
    ["long answers", ended("exited", "x".repeat(70_000))],
  ])("are not those of %s", async (_name, first) => {
    const [memory, one] = [new Remembered(), asker(first, ended("exited", "b"))];
    expect(await memory.ask("p", one.run)).toBe(first);
    expect(await memory.ask("p", one.run)).toMatchObject({ stdout: "b" });
  });

  it("are not failures to run at all, neither for who waited", async () => {
    const [memory, broken, whole] = [new Remembered(), asker(), asker(ended("exited", "c"))];
    const [first, second] = await Promise.allSettled([
      memory.ask("p", broken.run),
      memory.ask("p", whole.run),
    ]);
    expect(first).toMatchObject({ status: "rejected" });
    expect(second).toMatchObject({ value: { stdout: "c" } });
  });

  it("are bounded in number, the oldest forgotten first", async () => {
    const [memory, one] = [new Remembered(), asker(ended("exited"))];
    for (let i = 0; i <= 1000; i++) await memory.ask(`${i}`, one.run);
    await memory.ask("1000", one.run);
    expect(one.runs).toBe(1001);
    await memory.ask("0", one.run);
    expect(one.runs).toBe(1002);
  });
});
