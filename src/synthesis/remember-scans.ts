// An oracle that remembers what it said of the last programs: on its way to a pair a program is scanned by
// the detector, the repairer and the judge, which are often one and the same.
import type { ScanResult, SourceFile } from "../core/finding.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";

/** Programs remembered; enough for those that are on their way at once. */
const REMEMBERED = 1024;

/** The same oracle with a short memory. */
export function rememberScans(oracle: SecurityOracle): SecurityOracle {
  const known = new Map<string, ScanResult>();
  const remember = (key: string, result: ScanResult): void => {
    known.set(key, result);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  };
  return {
    identity: oracle.identity,
    covers: (language) => oracle.covers(language),
    scan: async (files, options) => {
      const fresh = files.filter((file) => !known.has(keyOf(file)));
      const results = new Map<SourceFile, ScanResult>();
      const scans = await oracle.scan(fresh, options);
      for (const [index, file] of fresh.entries()) {
        const result = scans[index];
        if (result === undefined) continue;
        results.set(file, result);
        // A timeout may be the machine's, not the program's.
        if (result.status === "scanned") remember(keyOf(file), result);
      }
      return files.map((file): ScanResult => {
        const result = results.get(file) ?? known.get(keyOf(file));
        if (result === undefined) throw new Error(`no result for ${file.path}`);
        return { ...result, path: file.path };
      });
    },
  };
}

function keyOf({ language, text }: SourceFile): string {
  return `${language}\n${text}`;
}
