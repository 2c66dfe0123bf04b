// One report of an external tool, before the rule map says what it means.
import type { CweId } from "../../core/cwe.ts";
import type { ColumnKind } from "../sarif-regions.ts";
import type { LogRegion } from "../sarif-schema.ts";

/** What a tool reports, in its own terms: nothing is judged yet. */
export interface Report {
  /** The tool's name of the rule. */
  readonly rule: string;
  readonly message: string;
  /** As the tool gives it; `columnKind` says how it counts. */
  readonly region: LogRegion;
  readonly columnKind: ColumnKind;
  /** Whether the tool itself says that it is of low severity. */
  readonly weak: boolean;
  /** CWEs that the tool names. */
  readonly cwes: readonly CweId[];
  /** The way to the place, where the tool shows one. */
  readonly steps?: readonly { readonly region: LogRegion; readonly message: string }[];
}
