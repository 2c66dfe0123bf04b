// Oracles joined: a weakness is flagged where enough of them flag it. Any of them is enough for `a+b`,
// it takes all for `a&b`, two for `2of:a+b+c`. Nothing that an engine does not cover, and no file that it
// could not look at, counts as its verdict: where fewer than enough could have flagged, there is none.
import { type CweId, compareCwe } from "../core/cwe.ts";
import type { Finding, ScanResult } from "../core/finding.ts";
import type { SecurityOracle } from "./oracle.ts";

type Scanned = Extract<ScanResult, { status: "scanned" }>;

/** One oracle of several that flags what at least `needed` of them flag; `name` says so in identities. */
export function joinOracles(
  oracles: readonly SecurityOracle[],
  { needed, name }: { readonly needed: number; readonly name: (identities: readonly string[]) => string },
): SecurityOracle {
  const batches = oracles.flatMap(({ batch }) => batch ?? []);
  return {
    identity: name(oracles.map(({ identity }) => identity)),
    ...(batches.length === 0 ? {} : { batch: Math.max(...batches) }),
    covers: (language) =>
      joinCoverage(
        oracles.map((oracle) => oracle.covers(language)),
        needed,
      ),
    scan: async (files, options) => {
      const answers: ScanResult[][] = [];
      for (const oracle of oracles) answers.push(await oracle.scan(files, options));
      return files.map((file, index) =>
        joinResults(
          file.path,
          answers.flatMap((results) => results[index] ?? []),
          needed,
        ),
      );
    },
  };
}

function joinCoverage(lists: readonly (readonly CweId[])[], needed: number): CweId[] {
  const all = [...new Set(lists.flat())].sort(compareCwe);
  return all.filter((cwe) => lists.filter((list) => list.includes(cwe)).length >= needed);
}

/** What one could not look at, the others may still judge, as long as there are enough of them. */
function joinResults(path: string, results: readonly ScanResult[], needed: number): ScanResult {
  const scanned = results.filter((result): result is Scanned => result.status === "scanned");
  const unscanned = results.find((result) => result.status === "unscanned");
  if (unscanned !== undefined && scanned.length < needed) return unscanned;
  const covers = joinCoverage(
    scanned.map((result) => result.covers),
    needed,
  );
  const findings =
    needed === 1 ? inOrder(scanned.flatMap((one) => one.findings)) : agreed(scanned, covers, needed);
  return { status: "scanned", path, findings, covers };
}

/** Findings whose weakness enough oracles find somewhere in the file; those of the first that does are shown. */
function agreed(results: readonly Scanned[], covers: readonly CweId[], needed: number): Finding[] {
  const chosen = covers.flatMap((cwe) => {
    const flagging = results.flatMap(({ findings }) => {
      const own = findings.filter(({ cwes, level }) => level !== "note" && cwes[0] === cwe);
      return own.length === 0 ? [] : [own];
    });
    return flagging.length < needed ? [] : (flagging[0] ?? []);
  });
  return inOrder(chosen);
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => a.region.startLine - b.region.startLine || a.region.startColumn - b.region.startColumn,
  );
}
