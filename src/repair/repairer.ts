// A repairer proposes repaired programs for a report; the gates in verify.ts decide.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { RepairRecord } from "../core/pair.ts";

/** What a repairer is asked. */
export interface RepairRequest {
  /** The vulnerable program. */
  readonly file: SourceFile;
  /** The weakness to repair. */
  readonly cwe: CweId;
  /** Findings of that weakness, in source order. */
  readonly report: readonly Finding[];
}

/** A proposed repair. */
export interface RepairCandidate {
  /** The whole program, repaired. */
  readonly text: string;
  /** Who made it. */
  readonly repair: RepairRecord;
}

/** What came of a request: candidates, best first, or why there are none. */
export type RepairOutcome =
  | {
      readonly kind: "candidates";
      readonly candidates: readonly RepairCandidate[];
      /** Where the gates refuse all of them: what the next repairer makes of it, which may cost something. */
      readonly next?: () => Promise<RepairOutcome>;
    }
  | {
      readonly kind: "none";
      /**
       * `needs-design`: no rewrite keeps what the program is for. `refused`: the model would not. `truncated`: its
       * answer was cut off. `model-failed`: it answered without a program, or not at all.
       */
      readonly reason:
        | "no-rewrite"
        | "needs-design"
        | "unparsable"
        | "refused"
        | "truncated"
        | "model-failed";
      /** A sentence with the particulars. */
      readonly detail: string;
    };

/** Proposes repairs. */
export interface Repairer {
  /** Identity with version, for manifests. */
  readonly identity: string;
  /** Proposes repaired programs for the report. */
  repair(request: RepairRequest, options?: { signal?: AbortSignal }): Promise<RepairOutcome>;
}
