// An external tool as a security oracle: what is kept from before is not asked again, equal programs are
// asked once, and every report passes through the rule map. Whatever goes wrong with a program is its
// own `unscanned`.
import type { CweId } from "../../core/cwe.ts";
import type { Finding, FlowStep, ScanResult, SourceFile, UnscannedReason } from "../../core/finding.ts";
import type { Language } from "../../core/language.ts";
import { MAX_PROGRAM_BYTES } from "../limits.ts";
import type { SecurityOracle } from "../oracle.ts";
import { RegionReader } from "../sarif-regions.ts";
import type { Adapter, CallLimits, Look, Report } from "./adapter.ts";
import { type CacheEntry, ResultCache } from "./cache.ts";
import { lookAtAll } from "./divide.ts";
import type { FoundTool } from "./find-tool.ts";

/** How an external oracle looks. */
export interface ExternalSetup {
  readonly tool: FoundTool;
  readonly env: NodeJS.ProcessEnv;
  /** Root of the cache; absent: nothing is kept. */
  readonly cache?: string;
  /** Only these CWEs. */
  readonly cwes?: readonly CweId[];
  /** Bounds in place of the adapter's. */
  readonly limits?: CallLimits;
}

/** Makes an oracle of an adapter. */
export function createExternalOracle(adapter: Adapter, setup: ExternalSetup): SecurityOracle {
  return new ExternalOracle(adapter, setup);
}

/** What is known of a program: kept from before, or found now. */
type Known =
  | CacheEntry
  | { readonly status: "unscanned"; readonly reason: UnscannedReason; readonly detail: string };

class ExternalOracle implements SecurityOracle {
  readonly identity: string;
  readonly batch: number;
  readonly #adapter: Adapter;
  readonly #setup: ExternalSetup;
  readonly #cache: ResultCache | undefined;

  constructor(adapter: Adapter, setup: ExternalSetup) {
    this.#adapter = adapter;
    this.#setup = setup;
    this.batch = adapter.batch;
    const { map, name, settings } = adapter;
    const whole = `${name}@${setup.tool.version}${settings}+map.${map.hash.slice(0, 8)}`;
    const only = setup.cwes === undefined ? "" : `(${[...setup.cwes].sort().join(",")})`;
    this.identity = `${whole}${only}`;
    // The choice of CWEs is made afterwards: what is kept serves any choice.
    this.#cache = setup.cache === undefined ? undefined : new ResultCache(setup.cache, whole);
  }

  covers(language: Language): readonly CweId[] {
    const { cwes } = this.#setup;
    const covered = this.#adapter.map.covers(language);
    return cwes === undefined ? covered : covered.filter((cwe) => cwes.includes(cwe));
  }

  async scan(files: readonly SourceFile[], options?: { signal?: AbortSignal }): Promise<ScanResult[]> {
    options?.signal?.throwIfAborted();
    const known = new Map<string, Known>();
    const asked = new Map<string, SourceFile>();
    for (const file of files) {
      const key = keyOf(file);
      if (known.has(key) || asked.has(key)) continue;
      const entry = this.#refusal(file) ?? (await this.#cache?.get(file));
      if (entry === undefined) asked.set(key, file);
      else known.set(key, entry);
    }
    for (const [file, entry] of await this.#ask([...asked.values()], options?.signal)) {
      known.set(keyOf(file), entry);
    }
    return files.map((file) => this.#result(file, known.get(keyOf(file))));
  }

  /** Why a program is not given to the tool at all. */
  #refusal({ language, text }: SourceFile): Known | undefined {
    const refuse = (reason: UnscannedReason, detail: string): Known => ({
      status: "unscanned",
      reason,
      detail,
    });
    if (!this.#adapter.map.languages.includes(language)) {
      return refuse("unsupported-language", `${this.#adapter.name} does not read it.`);
    }
    if (text.includes("\0")) return refuse("not-text", "The file is not UTF-8 text.");
    if (Buffer.byteLength(text) <= MAX_PROGRAM_BYTES) return undefined;
    return refuse("too-large", `Programs above ${MAX_PROGRAM_BYTES} bytes are not analysed.`);
  }

  async #ask(files: readonly SourceFile[], signal: AbortSignal | undefined): Promise<[SourceFile, Known][]> {
    const { tool, env, limits = this.#adapter.limits } = this.#setup;
    const found: [SourceFile, Known][] = [];
    for (const language of this.#adapter.map.languages) {
      const group = files.filter((file) => file.language === language);
      const looks = await lookAtAll(group, this.#adapter, { tool, env, limits, signal });
      for (const [file, look] of looks) {
        const entry = this.#judge(file, look);
        found.push([file, entry]);
        if (isLasting(entry)) await this.#cache?.put(file, entry);
      }
    }
    return found;
  }

  #judge(file: SourceFile, look: Look): Known {
    if (look.status === "unscanned") return look;
    const reader = new RegionReader(file.text);
    const findings = look.reports.flatMap((report) => this.#finding(report, file, reader) ?? []);
    return { status: "scanned", findings: inOrder(findings) };
  }

  #finding(report: Report, file: SourceFile, reader: RegionReader): Finding | undefined {
    const meaning = this.#adapter.map.meaningOf(report, file.language);
    if (meaning === undefined) return undefined;
    const { rule, message, columnKind } = report;
    // A place that the program does not have is still a finding: the program's first line stands in.
    const region = reader.read(report.region, columnKind) ?? reader.read({ startLine: 1 }, columnKind);
    if (region === undefined) return undefined;
    const codeFlow = report.steps?.flatMap((step): FlowStep[] => {
      const place = reader.read(step.region, columnKind);
      return place === undefined ? [] : [{ region: place, message: step.message }];
    });
    return {
      ruleId: `${this.#adapter.name}/${rule}`,
      cwes: [...meaning.cwes],
      level: meaning.level,
      message,
      region,
      ...(codeFlow === undefined || codeFlow.length === 0 ? {} : { codeFlow }),
    };
  }

  #result({ path, language }: SourceFile, known: Known | undefined): ScanResult {
    if (known === undefined) {
      return {
        status: "unscanned",
        path,
        reason: "tool-failed",
        detail: "It gave no answer for this program.",
      };
    }
    if (known.status === "unscanned") return { ...known, path };
    const { cwes } = this.#setup;
    const wanted = known.findings.filter(
      (finding) => cwes === undefined || finding.cwes.some((cwe) => cwes.includes(cwe)),
    );
    return { status: "scanned", path, findings: [...wanted], covers: [...this.covers(language)] };
  }
}

function keyOf({ language, path, text }: SourceFile): string {
  return `${language}\0${path.slice(path.lastIndexOf("."))}\0${text}`;
}

function isLasting(entry: Known): entry is CacheEntry {
  return entry.status === "scanned" || entry.reason === "parse-error";
}

/** By place, then rule; the same report twice is one. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort(
    (a, b) =>
      a.region.startLine - b.region.startLine ||
      a.region.startColumn - b.region.startColumn ||
      a.ruleId.localeCompare(b.ruleId, "en"),
  );
  const seen = new Set<string>();
  return sorted.filter(({ ruleId, region, message }) => {
    const key = JSON.stringify([ruleId, region, message]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
