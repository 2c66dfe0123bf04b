import { beforeAll, describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import type { ChatModel } from "../llm/chat.ts";
import { mockModel } from "../llm/providers/mock.ts";
import { createBuiltinOracle } from "../oracle/engines/builtin.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { createRepairChain } from "./chain.ts";
import { createLlmRepairer, repairPrompt } from "./llm.ts";
import type { Repairer, RepairRequest } from "./repairer.ts";

const WEAK = `import os
from flask import request


def ping():
    os.system("ping " + request.args["host"])
`;
const FIXED = WEAK.replace("import os", "import subprocess").replace(
  'os.system("ping " + request.args["host"])',
  'subprocess.run(["ping", "--", request.args["host"]])',
);

/** A model that chats and always says the same. */
function chatting(text: string, asked: string[] = []): ChatModel {
  return {
    identity: "polite",
    concurrency: 1,
    chat: async ({ messages }) => {
      asked.push(messages.map(({ content }) => content).join("\n"));
      return { text, finishReason: "stop", usage: { promptTokens: 1, completionTokens: 1 } };
    },
    close: async () => undefined,
  };
}

let oracle: SecurityOracle;
let request: RepairRequest;
beforeAll(async () => {
  oracle = await createBuiltinOracle({ threatModels: ["remote"] });
  const file = { path: "p.py", language: "python" as const, text: WEAK };
  const [result] = await oracle.scan([file]);
  request = { file, cwe: parseCweId("78"), report: result?.status === "scanned" ? result.findings : [] };
});

describe("repairPrompt", () => {
  it("tells as much as the feedback level says", () => {
    const none = repairPrompt(request, "none");
    const report = repairPrompt(request, "report");
    const hint = repairPrompt(request, "report+hint");
    expect(none).not.toContain("CWE-78");
    expect(report).toContain("Weakness: CWE-78");
    expect(report).toContain("Line 6: ");
    expect(report).not.toContain("Hint: ");
    expect(hint).toMatch(/\nHint: .{40}/);
    for (const prompt of [none, report, hint]) expect(prompt).toContain(WEAK.trimEnd());
  });
});

describe("createLlmRepairer", () => {
  it("asks again with the oracle's new verdict, and puts the last answer first", async () => {
    const half = WEAK.replace('"ping "', '"ping -c 1 "');
    const model = mockModel([half, FIXED]);
    const outcome = await createLlmRepairer(model, { rounds: 3, oracle }).repair(request);
    expect(model.requests).toHaveLength(2);
    expect(model.requests[1]?.prompt).toContain("ping -c 1");
    expect(outcome).toMatchObject({
      kind: "candidates",
      candidates: [{ text: FIXED, repair: { by: "llm", model: "mock", rounds: 2 } }, { text: half }],
    });
  });

  it("takes a program that was cut off for none", async () => {
    const model = mockModel([{ text: FIXED.slice(0, 40), finishReason: "length" }]);
    const outcome = await createLlmRepairer(model).repair(request);
    expect(outcome).toMatchObject({ kind: "none", reason: "truncated" });
  });

  it.each([
    { what: "fences and prose", answer: `Here:\n\`\`\`python\n${FIXED}\`\`\`\nIt uses a list now.` },
    {
      what: "the weak program first",
      answer: `\`\`\`python\n${WEAK}\`\`\`\nbecomes\n\`\`\`python\n${FIXED}\`\`\``,
    },
    { what: "the program and a closing fence", answer: `${FIXED}\`\`\`\nDone.` },
  ])("finds the repair in $what", async ({ answer }) => {
    const outcome = await createLlmRepairer(chatting(answer)).repair(request);
    expect(outcome).toMatchObject({ kind: "candidates", candidates: [{ text: FIXED }] });
  });

  it.each([
    { answer: "\n```\nI cannot help with that.", reason: "model-failed" },
    { answer: "def (", reason: "model-failed" },
    { answer: WEAK, reason: "model-failed" },
  ])("takes %# for no repair", async ({ answer, reason }) => {
    expect(await createLlmRepairer(mockModel([answer])).repair(request)).toMatchObject({
      kind: "none",
      reason,
    });
  });

  it("says so where a model that chats refuses, and tells it the hints of the user", async () => {
    const asked: string[] = [];
    const chat = chatting("I'm sorry, I can't.", asked);
    const hints = () => ({ name: "Injection", hint: "Use a list." });
    expect(await createLlmRepairer(chat, { hints }).repair(request)).toMatchObject({ reason: "refused" });
    expect(asked[0]).toContain("Hint: Use a list.");
  });
});

describe("createRepairChain", () => {
  const answers = (kind: "candidates" | "no-rewrite" | "needs-design" | "model-failed"): Repairer => ({
    identity: kind,
    repair: async () =>
      kind === "candidates"
        ? { kind, candidates: [{ text: "x", repair: { by: "test", rounds: 1 } }] }
        : { kind: "none", reason: kind, detail: kind },
  });

  it("goes on only where there was no candidate", async () => {
    const never: Repairer = { identity: "never", repair: () => Promise.reject(new Error("asked")) };
    const chain = createRepairChain([answers("no-rewrite"), answers("candidates"), never]);
    expect(await chain.repair(request)).toMatchObject({ kind: "candidates" });
    expect(chain.identity).toBe("no-rewrite>candidates>never");
  });

  it("leaves the rest for where the gates refuse what the first one made", async () => {
    const chain = createRepairChain([answers("candidates"), answers("model-failed")]);
    const outcome = await chain.repair(request);
    if (outcome.kind !== "candidates") throw new Error("no candidates");
    expect(await outcome.next?.()).toMatchObject({ reason: "model-failed" });
  });

  it("says that a design is needed, where one of them said so", async () => {
    const chain = createRepairChain([answers("needs-design"), answers("model-failed")]);
    expect(await chain.repair(request)).toMatchObject({ reason: "needs-design" });
  });
});
