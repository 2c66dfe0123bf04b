import { beforeAll, describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import { mockModel } from "../llm/providers/mock.ts";
import { createBuiltinOracle } from "../oracle/engines/builtin.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { createRepairChain } from "./chain.ts";
import { createLlmRepairer, programIn, repairPrompt } from "./llm.ts";
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

describe("programIn", () => {
  it.each([
    { what: "a bare program", answer: "import os\n", expected: "import os\n" },
    {
      what: "a program before a closing fence",
      answer: "import os\n```\nThis fixes it.",
      expected: "import os\n",
    },
    {
      what: "a fenced program in prose",
      answer: "Sure:\n```python\nimport os\n```\nDone.",
      expected: "import os\n",
    },
    {
      what: "the longest of several",
      answer: "```\na\n```\nthen\n```python\nimport os\n```\n",
      expected: "import os\n",
    },
    {
      what: "a fence that is not closed",
      answer: "Here:\n```python\nimport os\nx = 1",
      expected: "import os\nx = 1\n",
    },
    { what: "nothing", answer: "  \n", expected: undefined },
  ])("finds $what", ({ answer, expected }) => {
    expect(programIn(answer)).toBe(expected);
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
    expect(outcome).toMatchObject({ kind: "none", reason: "model-failed" });
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

  it("says that a design is needed, where one of them said so", async () => {
    const chain = createRepairChain([answers("needs-design"), answers("model-failed")]);
    expect(await chain.repair(request)).toMatchObject({ reason: "needs-design" });
  });
});
