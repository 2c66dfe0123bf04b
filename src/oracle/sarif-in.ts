// Reads SARIF 2.1.0 of any tool: rules wherever they are (CodeQL's are in an extension), CWEs however
// they are said (tags, taxa, relationships, properties), levels with their defaults, code flows,
// fingerprints and suppressions. It reads what the log says and judges nothing: a rule map, or the
// importer, decides what counts. `findingFrom` then makes a Finding of a result and the program's text.
import { fileURLToPath } from "node:url";
import type { CweId } from "../core/cwe.ts";
import type { Finding, FlowStep, Level } from "../core/finding.ts";
import { cwesOf } from "./sarif-cwes.ts";
import { plainText } from "./sarif-messages.ts";
import type { ColumnKind, RegionReader } from "./sarif-regions.ts";
import {
  type ArtifactLocation,
  type ComponentReference,
  type LogLocation,
  type LogNotification,
  type LogRegion,
  type LogResult,
  type LogRun,
  type SarifComponent,
  type SarifLevel,
  type SarifRule,
  sarifLogSchema,
} from "./sarif-schema.ts";

/** A place in a file, as the log gives it. */
export interface SarifPlace {
  /** Path: absolute for a `file:` URI, otherwise relative to whatever the log's base is. */
  readonly path: string;
  /** The span; absent: the whole file. */
  readonly region?: LogRegion;
}

/** A step of a flow; it may lie in another file than the result. */
export interface SarifStep extends SarifPlace {
  readonly message: string;
}

/** One result of a run. */
export interface SarifResult {
  /** The rule's id, `unknown` where the log names none. */
  readonly ruleId: string;
  /** CWEs that the log names for it, the most particular first; may be empty. */
  readonly cwes: readonly CweId[];
  /** Its level, completed as the standard says; `none` is no weakness. */
  readonly level: SarifLevel;
  /** One sentence, links taken out. */
  readonly message: string;
  /** Where it shows; absent where the log does not say. */
  readonly place?: SarifPlace;
  /** Every flow that leads there, each a list of steps. */
  readonly flows: readonly (readonly SarifStep[])[];
  /** Fingerprints, whole and partial, by name. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** Why it is suppressed; absent where it is not (a suppression under review or rejected is none). */
  readonly suppressed?: string;
  /** What a baseline says: `new`, `unchanged`, `updated`, `absent`. */
  readonly baselineState?: string;
}

/** What a tool says of its own work. */
export interface SarifNotification {
  /** What kind it is, such as `py/diagnostics/extraction-warnings`. */
  readonly id: string;
  readonly level: SarifLevel;
  readonly message: string;
  /** The files that it is about. */
  readonly paths: readonly string[];
}

/** One run of a tool. */
export interface SarifRun {
  /** The tool's name. */
  readonly tool: string;
  /** Its version, where it says one. */
  readonly version?: string;
  /** Whether it says that it got to its end; no results at all means that it did not. */
  readonly completed: boolean;
  /** How it counts columns. */
  readonly columnKind: ColumnKind;
  readonly results: readonly SarifResult[];
  readonly notifications: readonly SarifNotification[];
  /** The files that the log lists. */
  readonly paths: readonly string[];
  /** CWEs of all rules that the log lists: what the tool can be taken to have looked for. */
  readonly cwes: readonly CweId[];
}

/** What became of a text. */
export type SarifReading =
  | { readonly ok: true; readonly runs: readonly SarifRun[] }
  | { readonly ok: false; readonly why: string };

/** Reads a log; a text that is none, or half of one, is a value with its reason. */
export function parseSarif(text: string): SarifReading {
  let document: unknown;
  try {
    document = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch {
    return { ok: false, why: "it is not JSON, or only a part of it" };
  }
  const log = sarifLogSchema.safeParse(document);
  if (log.success) return { ok: true, runs: log.data.runs.map((run) => new RunReader(run).read()) };
  const [issue] = log.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  return { ok: false, why: `it is not SARIF 2.1.0${where}: ${issue?.message ?? "unknown"}` };
}

/** What the caller decides about a result. */
export interface FindingChoice {
  /** The program that the result points into. */
  readonly text: RegionReader;
  readonly columnKind: ColumnKind;
  /** CWEs in place of the log's. */
  readonly cwes?: readonly CweId[];
  /** Level in place of the log's. */
  readonly level?: Level;
}

/** A finding of a result; undefined where it names no CWE, no place in the program, or is no weakness. */
export function findingFrom(result: SarifResult, choice: FindingChoice): Finding | undefined {
  const { text, columnKind, cwes = result.cwes } = choice;
  const level = choice.level ?? result.level;
  const { place } = result;
  if (place === undefined || cwes.length === 0 || level === "none") return undefined;
  const region = text.read(place.region ?? { startLine: 1 }, columnKind);
  if (region === undefined) return undefined;
  const codeFlow = flowWithin(result, place.path, choice);
  return {
    ruleId: result.ruleId,
    cwes: [...cwes],
    level,
    message: result.message,
    region,
    ...(codeFlow === undefined ? {} : { codeFlow }),
  };
}

/** The first flow, or the first that stays in the file; steps elsewhere have no place in a Finding. */
function flowWithin(
  result: SarifResult,
  path: string,
  { text, columnKind }: FindingChoice,
): FlowStep[] | undefined {
  const inside = result.flows.find((flow) => flow.every((step) => step.path === path));
  const flow = inside ?? result.flows[0];
  const steps = flow?.flatMap((step): FlowStep[] => {
    const region = step.path === path ? text.read(step.region ?? { startLine: 1 }, columnKind) : undefined;
    return region === undefined ? [] : [{ region, message: step.message }];
  });
  return steps === undefined || steps.length === 0 ? undefined : steps;
}

class RunReader {
  readonly #run: LogRun;

  constructor(run: LogRun) {
    this.#run = run;
  }

  read(): SarifRun {
    const { tool, invocations = [], artifacts = [], results, columnKind } = this.#run;
    const version = tool.driver.semanticVersion ?? tool.driver.version;
    return {
      tool: tool.driver.name,
      ...(version === undefined ? {} : { version }),
      completed: Array.isArray(results) && invocations.every((one) => one.executionSuccessful !== false),
      columnKind: columnKind ?? "unicodeCodePoints",
      results: (results ?? []).map((result) => this.#result(result)),
      notifications: invocations
        .flatMap((one) => [
          ...(one.toolExecutionNotifications ?? []),
          ...(one.toolConfigurationNotifications ?? []),
        ])
        .map((one) => this.#notification(one)),
      paths: artifacts.flatMap(({ location }) => this.#path(location) ?? []),
      cwes: this.#listedCwes(),
    };
  }

  #listedCwes(): CweId[] {
    const { driver, extensions = [] } = this.#run.tool;
    const rules = [driver, ...extensions].flatMap(({ rules: some = [] }) => some);
    const taxonomy = (reference: ComponentReference): string | undefined => this.#component(reference)?.name;
    return [...new Set(rules.flatMap((rule) => cwesOf({ result: {}, rule, taxonomy })))];
  }

  #result(result: LogResult): SarifResult {
    const rule = this.#rule(result);
    const place = this.#place(result.locations?.[0]);
    const suppressed = suppressionOf(result);
    return {
      ruleId: result.ruleId ?? result.rule?.id ?? rule?.id ?? "unknown",
      cwes: cwesOf({ result, rule, taxonomy: (reference) => this.#component(reference)?.name }),
      level: levelOf(result, rule),
      message: plainText(result.message, rule),
      ...(place === undefined ? {} : { place }),
      flows: (result.codeFlows ?? []).flatMap(({ threadFlows }) =>
        threadFlows.map(({ locations }) => locations.flatMap(({ location }) => this.#step(location))),
      ),
      fingerprints: { ...result.partialFingerprints, ...result.fingerprints },
      ...(suppressed === undefined ? {} : { suppressed }),
      ...(result.baselineState === undefined ? {} : { baselineState: result.baselineState }),
    };
  }

  #notification({ descriptor, level, message, locations }: LogNotification): SarifNotification {
    return {
      id: descriptor?.id ?? "unknown",
      level: level ?? "warning",
      message: plainText(message),
      paths: (locations ?? []).flatMap((location) => this.#place(location)?.path ?? []),
    };
  }

  /** By reference, by index, by id, and `CA1000/1` by `CA1000`. */
  #rule({ ruleId, ruleIndex, rule }: LogResult): SarifRule | undefined {
    const { driver, extensions = [] } = this.#run.tool;
    const home = rule?.toolComponent === undefined ? driver : this.#component(rule.toolComponent);
    const at = rule?.index ?? ruleIndex ?? -1;
    const direct = at < 0 ? undefined : home?.rules?.[at];
    if (direct !== undefined) return direct;
    const all = [driver, ...extensions].flatMap(({ rules = [] }) => rules);
    const guid = rule?.guid;
    if (guid !== undefined) return all.find((one) => one.guid === guid);
    for (let id = rule?.id ?? ruleId; id !== undefined && id !== ""; id = above(id)) {
      const named = all.find((one) => one.id === id);
      if (named !== undefined) return named;
    }
    return undefined;
  }

  #component({ index = -1, guid, name }: ComponentReference): SarifComponent | undefined {
    const { tool, taxonomies = [] } = this.#run;
    const known = [tool.driver, ...(tool.extensions ?? []), ...taxonomies];
    if (guid !== undefined) return known.find((one) => one.guid === guid);
    if (name !== undefined) return known.find((one) => one.name === name) ?? { name };
    return tool.extensions?.[index] ?? taxonomies[index];
  }

  #step(location: LogLocation | undefined): SarifStep[] {
    const place = this.#place(location);
    return place === undefined ? [] : [{ ...place, message: plainText(location?.message) }];
  }

  #place(location: LogLocation | undefined): SarifPlace | undefined {
    const path = this.#path(location?.physicalLocation?.artifactLocation);
    if (path === undefined) return undefined;
    const region = location?.physicalLocation?.region;
    return { path, ...(region === undefined ? {} : { region }) };
  }

  #path(location: ArtifactLocation | undefined): string | undefined {
    const listed = this.#run.artifacts?.[location?.index ?? -1]?.location;
    const [uri, base] = [location?.uri ?? listed?.uri, location?.uriBaseId ?? listed?.uriBaseId];
    return uri === undefined ? undefined : pathOf(this.#absolute(uri, base, 0));
  }

  /** Puts the bases in front, as far as the log says where they are. */
  #absolute(uri: string, base: string | undefined, depth: number): string {
    const parent = base === undefined ? undefined : this.#run.originalUriBaseIds?.[base];
    // A log may name bases in a circle.
    if (parent?.uri === undefined || depth > 8 || /^[a-z][a-z0-9+.-]*:/i.test(uri)) return uri;
    const folder = this.#absolute(parent.uri, parent.uriBaseId, depth + 1);
    return `${folder.replace(/\/$/, "")}/${uri}`;
  }
}

function above(id: string): string | undefined {
  const slash = id.lastIndexOf("/");
  return slash < 0 ? undefined : id.slice(0, slash);
}

function levelOf({ level, kind = "fail" }: LogResult, rule: SarifRule | undefined): SarifLevel {
  if (kind !== "fail") return "none";
  return level ?? rule?.defaultConfiguration?.level ?? "warning";
}

function suppressionOf({ suppressions = [] }: LogResult): string | undefined {
  if (suppressions.length === 0) return undefined;
  if (suppressions.some(({ status = "accepted" }) => status !== "accepted")) return undefined;
  const reasons = suppressions.flatMap(({ justification }) => justification ?? []);
  return reasons.join("; ");
}

function pathOf(uri: string): string {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : decodeURIComponent(uri);
  } catch {
    // Tools write names with a bare per cent sign, or file URIs of other systems.
    return uri;
  }
}
