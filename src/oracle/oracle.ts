// The security oracle: given programs, says which weaknesses it finds in each, or that it could
// not look. Engines live in engines/; a joined oracle combines several.
import type { CweId } from "../core/cwe.ts";
import type { ScanResult, SourceFile } from "../core/finding.ts";
import type { Language } from "../core/language.ts";

/** Where untrusted data may come from, as CodeQL names it. */
export const threatModels = ["remote", "local", "parameters"] as const;
/** See {@link threatModels}. */
export type ThreatModel = (typeof threatModels)[number];

/** An engine that finds weaknesses. */
export interface SecurityOracle {
  /** Identity with version, such as `builtin@0.1.0+rules.3f2a`; goes into manifests and reports. */
  readonly identity: string;
  /** Programs in one call that it works best with, where starting it is dear; absent: any number. */
  readonly batch?: number;
  /** CWEs that the engine looks for in a language; it has no verdict on others. */
  covers(language: Language): readonly CweId[];
  /** Looks at programs; one result for each, in order. Never throws for a bad program. */
  scan(files: readonly SourceFile[], options?: { signal?: AbortSignal }): Promise<ScanResult[]>;
}
