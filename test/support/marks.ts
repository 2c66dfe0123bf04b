// Marks in fixtures: `# $ Alert[CWE-78]` (Python) or `// $ Note[CWE-22]` (C) on the very line of a finding.
import type { ScanResult } from "../../src/core/finding.ts";

/** Marks of a text, as `7 Alert[CWE-78]`, sorted. */
export function marksOf(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => {
      const comment = /(?:#|\/\/) \$ (.*)$/.exec(line)?.[1] ?? "";
      const kinds = comment.match(/(?:Alert|Note)\[CWE-\d+\]/g) ?? [];
      return kinds.map((kind) => `${index + 1} ${kind}`);
    })
    .sort();
}

/** What was found, in the same words. */
export function foundAsMarks(result: ScanResult | undefined): string[] {
  if (result?.status !== "scanned") throw new Error(`not scanned: ${JSON.stringify(result)}`);
  const found = result.findings.map(
    ({ level, cwes, region }) => `${region.startLine} ${level === "note" ? "Note" : "Alert"}[${cwes[0]}]`,
  );
  return [...new Set(found)].sort();
}
