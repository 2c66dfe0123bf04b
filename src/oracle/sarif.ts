// Writes reports as SARIF 2.1.0 (OASIS standard), in the form that GitHub code scanning reads: rules
// with CWE tags and a security-severity, relative URIs, code flows, fingerprints that survive moved
// lines, suppressions with their justification, and a notification for every file that was not
// analysed. Results go out as they come; what is known only at the end stands at the end.
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type CweId, cweFolder } from "../core/cwe.ts";
import type { Finding, Region } from "../core/finding.ts";
import { FINGERPRINT_KEY } from "./baseline.ts";
import type { FileReport, ReportedFinding } from "./file-report.ts";
import { repositoryPath } from "./fingerprints.ts";
import type { Rule } from "./rule-schema.ts";
import { suppressionRule } from "./suppressions.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
const ROOT_ID = "%SRCROOT%";

/** What GitHub's code scanning takes of one file: more is refused, or shown in part. */
export const githubLimits = { shown: 5_000, results: 25_000 } as const;

/** What a log is about. */
export interface SarifAbout {
  /** The rules that were asked. */
  readonly rules: readonly Rule[];
  /** The oracle's identity. */
  readonly identity: string;
  /** The package's version. */
  readonly version: string;
  /** The repository's folder: URIs below it are relative. */
  readonly root: string;
  /** Where the project's files can be read, without a slash at the end; absent: rules link to their first source. */
  readonly pages?: string;
}

/** Writes a log, file by file. */
export class SarifLog {
  readonly #about: SarifAbout;
  readonly #write: (text: string) => Promise<void>;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #used = new Map<string, { index: number; cwes: readonly CweId[] }>();
  readonly #notifications: unknown[] = [];
  #results = 0;
  #opened = false;

  constructor(about: SarifAbout, write: (text: string) => Promise<void>) {
    this.#about = about;
    this.#write = write;
    this.#rules = new Map(about.rules.map((rule) => [rule.id, rule]));
    for (const rule of about.rules) this.#ruleIndex(rule.id, rule.cwes);
  }

  /** How many results were written. */
  get results(): number {
    return this.#results;
  }

  /** Writes what was found in a file. */
  async add(report: FileReport): Promise<void> {
    if (report.status === "unscanned") {
      this.#notifications.push(this.#notification(report));
      return;
    }
    if (report.findings.length === 0) return;
    const texts = report.findings.map((finding) => {
      const separator = this.#results === 0 ? "\n" : ",\n";
      this.#results++;
      return separator + JSON.stringify(this.#result(finding, report.path));
    });
    await this.#write(`${this.#head()}${texts.join("")}`);
  }

  /** Writes the rest: rules and files that were not analysed. */
  async end(): Promise<void> {
    const { identity, version } = this.#about;
    const driver = {
      name: "hexacoder",
      semanticVersion: version,
      version: identity,
      rules: [...this.#used].map(([id, { cwes }]) => this.#rule(id, cwes)),
    };
    const invocation = { executionSuccessful: true, toolExecutionNotifications: this.#notifications };
    const rest = `],\n"tool":${JSON.stringify({ driver })},\n"invocations":${JSON.stringify([invocation])}}]}\n`;
    await this.#write(`${this.#head()}\n${rest}`);
  }

  #head(): string {
    if (this.#opened) return "";
    this.#opened = true;
    // No address of this machine: whoever reads the log knows where the repository lies.
    const root = { [ROOT_ID]: { description: { text: "The folder in which the scan was started." } } };
    const run = `"columnKind":"utf16CodeUnits","originalUriBaseIds":${JSON.stringify(root)},"results":[`;
    return `{"$schema":"${SCHEMA}","version":"2.1.0","runs":[{${run}`;
  }

  #ruleIndex(id: string, cwes: readonly CweId[]): number {
    const known = this.#used.get(id);
    if (known !== undefined) return known.index;
    this.#used.set(id, { index: this.#used.size, cwes });
    return this.#used.size - 1;
  }

  #result(finding: ReportedFinding, path: string): unknown {
    const { ruleId, cwes, level, message, region, fingerprint, known, suppressed } = finding;
    return {
      ruleId,
      ruleIndex: this.#ruleIndex(ruleId, cwes),
      level,
      message: { text: message },
      locations: [this.#location(path, region)],
      partialFingerprints: { [FINGERPRINT_KEY]: fingerprint },
      ...(known === undefined ? {} : { baselineState: known ? "unchanged" : "new" }),
      ...(suppressed === undefined
        ? {}
        : { suppressions: [{ kind: "inSource", status: "accepted", justification: suppressed }] }),
      ...this.#flow(finding, path),
    };
  }

  #flow({ codeFlow }: Finding, path: string): object {
    if (codeFlow === undefined) return {};
    const locations = codeFlow.map((step) => ({
      location: { ...this.#location(path, step.region), message: { text: step.message } },
    }));
    return { codeFlows: [{ threadFlows: [{ locations }] }] };
  }

  #location(path: string, region?: Region): { physicalLocation: unknown } {
    return {
      physicalLocation: {
        artifactLocation: artifactOf(path, this.#about.root),
        ...(region === undefined ? {} : { region }),
      },
    };
  }

  #rule(id: string, cwes: readonly CweId[]): unknown {
    const tags = ["security", ...cwes.map((cwe) => `external/cwe/${cweFolder(cwe).toLowerCase()}`)];
    const rule = this.#rules.get(id);
    if (rule !== undefined)
      return { ...ruleOf(rule, this.#about.pages), properties: propertiesOf(rule, tags) };
    const { name, help } = id === suppressionRule.id ? suppressionRule : { name: id, help: id };
    const texts = { shortDescription: { text: name }, fullDescription: { text: name }, help: { text: help } };
    return { id, name: id, ...texts, properties: { tags } };
  }

  #notification(report: Extract<FileReport, { status: "unscanned" }>): unknown {
    const { path, reason, detail } = report;
    return {
      level: "warning",
      descriptor: { id: `unscanned/${reason}` },
      message: { text: `${path} was not analysed (${reason}). ${detail ?? ""}`.trim() },
      locations: [this.#location(path)],
    };
  }
}

/** The page about a rule, below docs/rules/. */
export function rulePageName(id: string): string {
  return `${id.replaceAll("/", "-")}.md`;
}

function ruleOf(rule: Rule, pages: string | undefined): object {
  const helpUri = pages === undefined ? rule.links[0] : `${pages}/docs/rules/${rulePageName(rule.id)}`;
  return {
    id: rule.id,
    name: rule.id,
    shortDescription: { text: rule.name },
    fullDescription: { text: rule.name },
    defaultConfiguration: { level: rule.level },
    help: { text: rule.help, markdown: helpOf(rule) },
    ...(helpUri === undefined ? {} : { helpUri }),
  };
}

function propertiesOf(rule: Rule, tags: readonly string[]): object {
  return {
    tags,
    precision: rule.precision,
    "problem.severity": rule.level === "note" ? "recommendation" : rule.level,
    "security-severity": rule.severity.toFixed(1),
  };
}

function helpOf(rule: Rule): string {
  const links = rule.links.map((link) => `- <${link}>`).join("\n");
  return `# ${rule.name}\n\n${rule.help}\n${links}\n`;
}

/** Paths in the repository stay relative to it; others are files of this machine. */
function artifactOf(path: string, root: string): { uri: string; uriBaseId?: string } {
  const inside = repositoryPath(path, root);
  if (isAbsolute(inside) || inside.startsWith("../"))
    return { uri: pathToFileURL(resolve(root, inside)).href };
  return { uri: inside.split("/").map(encodeURIComponent).join("/"), uriBaseId: ROOT_ID };
}
