// All gates together: each is asked and recorded, and one refusal is enough.
import { describe, expect, it } from "vitest";
import { parseCweId } from "../core/cwe.ts";
import { finding, oracleOf } from "./gates/gates.testing.ts";
import { verifyRepair } from "./verify.ts";

describe("verifyRepair", () => {
  const text = "def f(x):\n    return open(x)\n";
  const request = {
    file: { path: "p.py", language: "python" as const, text },
    cwe: parseCweId("22"),
    report: [finding("22", 2)],
    candidate: text.replace("open(x)", "open(os.path.basename(x))"),
    detect: oracleOf({}),
    verify: [],
  };

  it("records every gate by name, and refuses when one of them does", async () => {
    const { accepted, checks } = await verifyRepair(request);
    expect(accepted).toBe(false);
    expect(checks.names).toMatchObject({ status: "failed", detail: "Uses names that nothing binds: os." });
    const gates = [
      "flagged",
      "parses",
      "changed",
      "names",
      "imports",
      "kind",
      "intact",
      "oracle:table@1",
      "behaviour",
    ];
    expect(Object.keys(checks)).toEqual(gates);
  });

  it("accepts what no gate refuses", async () => {
    const candidate = `import os\n${request.candidate}`;
    expect((await verifyRepair({ ...request, candidate })).accepted).toBe(true);
  });

  it("asks the detecting oracle even when it is not in the verify set, and each oracle once", async () => {
    const candidate = `import os\n${request.candidate}`;
    const detect = oracleOf({ [candidate]: [finding("22", 3)] });
    const { accepted, checks } = await verifyRepair({ ...request, candidate, detect, verify: [detect] });
    expect(accepted).toBe(false);
    expect(Object.keys(checks).filter((name) => name.startsWith("oracle:"))).toHaveLength(1);
  });

  it("goes no further with a text that does not parse", async () => {
    const { checks } = await verifyRepair({ ...request, candidate: "def f(:\n" });
    expect(Object.keys(checks)).toEqual(["flagged", "parses"]);
  });
});
