import { describe, expect, it } from "vitest";
import { cweFolder, parseCweId, tryParseCweId } from "./cwe.ts";

describe("CWE identifiers", () => {
  it.each(["CWE-22", "CWE-022", "cwe-22", "22", " cwe_022 ", "CWE 22"])("%j is CWE-22", (text) => {
    expect(parseCweId(text)).toBe("CWE-22");
  });
  it.each(["", "CWE-", "CWE-0", "22a", "CWE-123456", "-22", "2.2"])("%j is none", (text) => {
    expect(tryParseCweId(text)).toBeUndefined();
  });
  it("refuse anything else with a remedy", () => {
    expect(() => parseCweId("path traversal")).toThrow('"path traversal" is not a CWE identifier.');
  });
  it("have three digits in folders", () => {
    expect(cweFolder(parseCweId("22"))).toBe("CWE-022");
  });
});
