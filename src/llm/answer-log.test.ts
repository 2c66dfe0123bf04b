import { appendFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openAnswerLog } from "./answer-log.ts";

const fresh = async (): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), "hexacoder-log-")), "answers.jsonl");
const usage = { promptTokens: 3, completionTokens: 2 };
const most = { promptTokens: 30, completionTokens: 20 };

describe("the answers of a run", () => {
  it("are read back as they were, in this process and the next, whatever is in them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "binary" })), async (texts) => {
        const path = await fresh();
        const first = await openAnswerLog(path);
        await Promise.all(
          texts.map((text, index) => first.answered(`${index}`, { model: "m", usage, answer: { text } })),
        );
        for (const [index, text] of texts.entries()) expect(await first.get(`${index}`)).toEqual({ text });
        await first.close();
        const second = await openAnswerLog(path);
        for (const [index, text] of texts.entries()) expect(await second.get(`${index}`)).toEqual({ text });
        expect(await second.get("other")).toBeUndefined();
        expect(second.paid.reduce((sum, { requests }) => sum + requests, 0)).toBe(texts.length);
        await second.close();
      }),
      { numRuns: 10 },
    );
  });

  it("count a request that was never heard of again as paid in full", async () => {
    const path = await fresh();
    const first = await openAnswerLog(path);
    await first.sent("a", "m", most);
    await first.answered("a", { model: "m", usage, answer: "yes" });
    await first.sent("b", "m", most);
    await first.lost("b", "m", { promptTokens: 0, completionTokens: 0 });
    await first.sent("c", "m", most);
    await first.close();
    const { paid, close } = await openAnswerLog(path);
    await close();
    expect(paid.filter(({ lost }) => lost).map((entry) => entry.usage)).toContainEqual(most);
    expect(paid.reduce((sum, entry) => sum + entry.usage.promptTokens, 0)).toBe(33);
  });

  it("outlive a line that a crash cut short", async () => {
    const path = await fresh();
    const first = await openAnswerLog(path);
    await first.answered("a", { model: "m", usage, answer: "yes" });
    await first.close();
    await appendFile(path, '{"kind":"answered","key":"b","mod');
    const second = await openAnswerLog(path);
    expect(await second.get("a")).toBe("yes");
    await second.answered("c", { model: "m", usage, answer: "also" });
    expect(await second.get("c")).toBe("also");
    await second.close();
  });
});
