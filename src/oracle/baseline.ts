// Findings of an earlier scan, by fingerprint: what they hold is known and not reported as new. Read
// from what `scan` itself writes, as SARIF or as JSON.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { HexacoderError, readError } from "../core/errors.ts";
import type { FileReport } from "./file-report.ts";

/** The key under which a SARIF result carries our fingerprint, as GitHub's code scanning reads it. */
export const FINGERPRINT_KEY = "primaryLocationLineHash";

/** Fingerprints of an earlier scan. */
export interface Baseline {
  readonly fingerprints: ReadonlySet<string>;
}

const findingsSchema = z.array(z.looseObject({ fingerprint: z.string().optional() }));

const jsonSchema = z.looseObject({
  files: z.array(
    z.looseObject({
      path: z.string(),
      findings: findingsSchema,
      known: findingsSchema.optional(),
      suppressed: findingsSchema.optional(),
    }),
  ),
});

const sarifSchema = z.looseObject({
  runs: z.array(
    z.looseObject({
      results: z
        .array(
          z.looseObject({
            partialFingerprints: z.record(z.string(), z.string()).optional(),
            baselineState: z.string().optional(),
          }),
        )
        .optional(),
    }),
  ),
});

/** Reads a baseline; throws one paragraph for a file that is none. */
export async function readBaseline(path: string, shown = path): Promise<Baseline> {
  const prints = printsIn(await readJson(path, shown));
  if (prints === undefined) throw noBaseline(shown, "it is neither SARIF nor the JSON that scan writes");
  // A scan without findings is a baseline; findings without fingerprints are another tool's.
  if (prints.length > 0 && prints.every((print) => print === undefined)) {
    throw noBaseline(shown, "its findings carry no fingerprints of ours");
  }
  return { fingerprints: new Set(prints.filter((print) => print !== undefined)) };
}

/** Marks what the baseline knows. */
export function compareWith(report: FileReport, baseline: Baseline): FileReport {
  if (report.status === "unscanned") return report;
  const findings = report.findings.map((finding) => ({
    ...finding,
    known: baseline.fingerprints.has(finding.fingerprint),
  }));
  return { ...report, findings };
}

/** Fingerprints of every finding, undefined for one that has none; undefined for another kind of document. */
function printsIn(document: unknown): (string | undefined)[] | undefined {
  const json = jsonSchema.safeParse(document);
  if (json.success) {
    return json.data.files.flatMap(({ findings, known = [], suppressed = [] }) =>
      [...findings, ...known, ...suppressed].map(({ fingerprint }) => fingerprint),
    );
  }
  const sarif = sarifSchema.safeParse(document);
  if (!sarif.success) return undefined;
  const results = sarif.data.runs.flatMap((run) => run.results ?? []);
  // `absent`: what the earlier scan's own baseline had, and it did not find any more.
  return results
    .filter(({ baselineState }) => baselineState !== "absent")
    .map(({ partialFingerprints }) => partialFingerprints?.[FINGERPRINT_KEY]);
}

async function readJson(path: string, shown: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readError(shown, error);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noBaseline(shown, "it is no JSON", error);
  }
}

function noBaseline(path: string, why: string, cause?: unknown): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `${path} cannot be a baseline: ${why}.`,
    remedy: "Make one with: hexacoder scan PATH --format sarif --output FILE",
    cause,
  });
}
