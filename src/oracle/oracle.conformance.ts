// What every SecurityOracle must hold, whatever its engine. An engine's test calls this with a
// program that it flags and one that it does not; a gap is listed with its reason.
import { describe, expect, it } from "vitest";
import type { SourceFile } from "../core/finding.ts";
import type { SecurityOracle } from "./oracle.ts";

/** An oracle under test, with programs that suit it. */
export interface OracleCase {
  readonly name: string;
  readonly open: () => Promise<SecurityOracle>;
  /** A program with at least one finding. */
  readonly vulnerable: SourceFile;
  /** A program without. */
  readonly clean: SourceFile;
  /** A program that does not parse. */
  readonly broken: SourceFile;
}

/** Runs the suite. */
export function testOracle({ name, open, vulnerable, clean, broken }: OracleCase): void {
  describe(`${name} as a security oracle`, () => {
    it("answers once for each file, in order", async () => {
      const oracle = await open();
      const files = [clean, broken, vulnerable, clean];
      const results = await oracle.scan(files);
      expect(results.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
    });

    it("flags what is vulnerable and only that", async () => {
      const [first, second] = await (await open()).scan([vulnerable, clean]);
      expect(first).toMatchObject({ status: "scanned" });
      expect(first?.status === "scanned" && first.findings.length).toBeGreaterThan(0);
      expect(second).toMatchObject({ status: "scanned", findings: [] });
    });

    it("says that it could not look, instead of calling a broken program clean", async () => {
      const [result] = await (await open()).scan([broken]);
      expect(result).toMatchObject({ status: "unscanned", reason: "parse-error" });
    });

    it("covers the primary weakness of every finding", async () => {
      const oracle = await open();
      const [result] = await oracle.scan([vulnerable]);
      if (result?.status !== "scanned") throw new Error("not scanned");
      for (const { cwes } of result.findings) expect(result.covers).toContain(cwes[0]);
      expect([...result.covers]).toEqual([...oracle.covers(vulnerable.language)]);
    });

    it("points into the program", async () => {
      const [result] = await (await open()).scan([vulnerable]);
      if (result?.status !== "scanned") throw new Error("not scanned");
      const lines = vulnerable.text.split("\n");
      for (const { region } of result.findings) {
        expect(region.startLine).toBeLessThanOrEqual(region.endLine);
        expect(region.endColumn).toBeLessThanOrEqual((lines[region.endLine - 1]?.length ?? 0) + 1);
      }
    });

    it("says the same twice", async () => {
      const oracle = await open();
      expect(await oracle.scan([vulnerable])).toEqual(await oracle.scan([vulnerable]));
      expect((await open()).identity).toBe(oracle.identity);
    });

    it("answers nothing for nothing", async () => {
      expect(await (await open()).scan([])).toEqual([]);
    });

    it("stops when it is told to", async () => {
      const signal = AbortSignal.abort();
      await expect((await open()).scan([vulnerable], { signal })).rejects.toThrow();
    });
  });
}
