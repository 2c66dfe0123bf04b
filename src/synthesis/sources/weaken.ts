// Clean programs of a folder, made weak by inverse codemods: pairs with known ground truth, without a
// model. The vulnerable side is the rewritten program, the fixed side the user's own code. Programs that
// the oracle flags for a weakness as they are do not serve to make pairs of it.
import type { CweId } from "../../core/cwe.ts";
import type { ScanResult } from "../../core/finding.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { type WeakenedExcerpt, weakenFile } from "../../repair/weaken/weaken.ts";
import type { Candidate, CandidateSource, Proposal } from "../candidate.ts";

/** What the source needs. */
export interface WeakenSourceOptions {
  /** The clean programs. */
  readonly files: CandidateSource;
  /** Says what is weak as it is. */
  readonly detect: SecurityOracle;
  /** Language of the programs that are rewritten. */
  readonly language: LanguageSupport;
  /** Only these weaknesses; all that there is an inverse codemod for when absent. */
  readonly cwes?: readonly CweId[] | undefined;
}

/** Proposes each program of the files once for each protection that can be taken out. */
export function weakenSource(options: WeakenSourceOptions): CandidateSource {
  return {
    inputs: options.files.inputs,
    size: undefined,
    async *propose(signal) {
      for await (const proposal of options.files.propose(signal)) {
        if (proposal.kind === "unusable") yield proposal;
        else yield* weakened(proposal.candidate, options, signal);
      }
    },
  };
}

async function* weakened(
  file: Candidate,
  { detect, language, cwes }: WeakenSourceOptions,
  signal: AbortSignal,
): AsyncGenerator<Proposal> {
  if (file.language !== language.language) {
    yield unusable(file, "no-inverse-rewrite", `There are no inverse rewrites for ${file.language} yet.`);
    return;
  }
  const excerpts = weakenFile(file.code, language, cwes);
  if (excerpts === undefined) {
    yield unusable(file, "parse-error", "The program does not parse.");
    return;
  }
  const used = excerpts.filter((one) => one.weakened.length > 0);
  const originals = used.map(({ excerpt }) => ({
    path: file.id,
    language: file.language,
    text: excerpt.text,
  }));
  const scans = await detect.scan(originals, { signal });
  for (const [index, excerpt] of used.entries()) yield* proposalsOf(file, excerpt, scans[index]);
}

function* proposalsOf(
  file: Candidate,
  { excerpt, weakened }: WeakenedExcerpt,
  scan: ScanResult | undefined,
): Generator<Proposal> {
  if (scan?.status !== "scanned") {
    yield unusable(file, "unscanned", `The part at line ${excerpt.line} could not be analysed.`);
    return;
  }
  const weak = new Set(
    scan.findings.filter(({ level }) => level !== "note").flatMap((finding) => finding.cwes[0] ?? []),
  );
  for (const [number, { by, cwe, text, line }] of weakened.entries()) {
    const ref = `${file.id}:${excerpt.line + line - 1}:${by}:${number}`;
    if (weak.has(cwe)) {
      yield {
        kind: "unusable",
        ref,
        reason: "flagged-as-it-is",
        detail: `The program is flagged for ${cwe} before anything is taken out.`,
      };
      continue;
    }
    const source = { kind: "weaken", ref, family: file.id };
    yield {
      kind: "candidate",
      candidate: {
        id: ref,
        language: file.language,
        code: text,
        cwe,
        source,
        original: { text: excerpt.text, by: `weaken:${by}` },
      },
    };
  }
}

function unusable(file: Candidate, reason: string, detail: string): Proposal {
  return { kind: "unusable", ref: file.id, reason, detail };
}
