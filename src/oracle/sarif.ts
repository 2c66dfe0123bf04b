// Writes results as SARIF 2.1.0 (OASIS standard), in the form that GitHub code scanning reads:
// rules with CWE tags, code flows, fingerprints that survive moved lines, and a notification for
// every file that was not analysed.
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { type CweId, cweFolder } from "../core/cwe.ts";
import type { Finding, Region, ScanResult } from "../core/finding.ts";
import { sha256 } from "../util/hash.ts";
import type { Rule } from "./rule-schema.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** Collects results and writes the log. */
export class SarifLog {
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #identity: string;
  readonly #version: string;
  readonly #used = new Map<string, { index: number; cwes: readonly CweId[] }>();
  readonly #results: unknown[] = [];
  readonly #notifications: unknown[] = [];
  readonly #prints = new Map<string, number>();

  constructor(about: { rules: readonly Rule[]; identity: string; version: string }) {
    this.#rules = new Map(about.rules.map((rule) => [rule.id, rule]));
    this.#identity = about.identity;
    this.#version = about.version;
    for (const rule of about.rules) this.#ruleIndex(rule.id, rule.cwes);
  }

  /** Adds what was found in a file; its text is needed for fingerprints. */
  add(result: ScanResult, text: string): void {
    if (result.status === "unscanned") {
      this.#notifications.push(notification(result));
      return;
    }
    const lines = text.split("\n");
    for (const finding of result.findings) this.#results.push(this.#result(finding, result.path, lines));
  }

  /** The log as JSON text. */
  toString(): string {
    const log = {
      $schema: SCHEMA,
      version: "2.1.0",
      runs: [
        {
          tool: {
            driver: {
              name: "hexacoder",
              semanticVersion: this.#version,
              version: this.#identity,
              rules: [...this.#used].map(([id, { cwes }]) => ruleOf(id, this.#rules.get(id), cwes)),
            },
          },
          columnKind: "utf16CodeUnits",
          invocations: [{ executionSuccessful: true, toolExecutionNotifications: this.#notifications }],
          results: this.#results,
        },
      ],
    };
    return `${JSON.stringify(log, null, 2)}\n`;
  }

  #ruleIndex(id: string, cwes: readonly CweId[]): number {
    const known = this.#used.get(id);
    if (known !== undefined) return known.index;
    this.#used.set(id, { index: this.#used.size, cwes });
    return this.#used.size - 1;
  }

  #result(finding: Finding, path: string, lines: readonly string[]): unknown {
    const { ruleId, cwes, level, message, region, codeFlow } = finding;
    const location = locationOf(path, region);
    return {
      ruleId,
      ruleIndex: this.#ruleIndex(ruleId, cwes),
      level,
      message: { text: message },
      locations: [location],
      partialFingerprints: { primaryLocationLineHash: this.#fingerprint(finding, path, lines) },
      ...(codeFlow === undefined
        ? {}
        : {
            codeFlows: [
              {
                threadFlows: [
                  {
                    locations: codeFlow.map((step) => ({
                      location: { ...locationOf(path, step.region), message: { text: step.message } },
                    })),
                  },
                ],
              },
            ],
          }),
    };
  }

  /** The line's text and the how-manieth of its kind it is: moving a line does not change it. */
  #fingerprint(finding: Finding, path: string, lines: readonly string[]): string {
    const line = (lines[finding.region.startLine - 1] ?? "").trim();
    const print = sha256(`${finding.ruleId}\n${path}\n${line}`).slice(0, 16);
    const count = (this.#prints.get(print) ?? 0) + 1;
    this.#prints.set(print, count);
    return `${print}:${count}`;
  }
}

function ruleOf(id: string, rule: Rule | undefined, cwes: readonly CweId[]): unknown {
  const tags = ["security", ...cwes.map((cwe) => `external/cwe/${cweFolder(cwe).toLowerCase()}`)];
  if (rule === undefined) return { id, properties: { tags } };
  return {
    id,
    name: id,
    shortDescription: { text: rule.name },
    fullDescription: { text: rule.name },
    defaultConfiguration: { level: rule.level },
    help: { text: rule.help, markdown: helpOf(rule) },
    ...(rule.links[0] === undefined ? {} : { helpUri: rule.links[0] }),
    properties: {
      tags,
      precision: rule.precision,
      "problem.severity": rule.level === "note" ? "recommendation" : rule.level,
      "security-severity": rule.severity.toFixed(1),
    },
  };
}

function helpOf(rule: Rule): string {
  const links = rule.links.map((link) => `- <${link}>`).join("\n");
  return `# ${rule.name}\n\n${rule.help}\n${links}\n`;
}

function locationOf(path: string, region: Region): { physicalLocation: unknown } {
  return { physicalLocation: { artifactLocation: { uri: uriOf(path) }, region } };
}

/** Relative paths stay relative, for they are the repository's. */
function uriOf(path: string): string {
  if (isAbsolute(path)) return pathToFileURL(path).href;
  return path.replaceAll("\\", "/").replace(/^\.\//, "").split("/").map(encodeURIComponent).join("/");
}

function notification(result: Extract<ScanResult, { status: "unscanned" }>): unknown {
  return {
    level: "warning",
    descriptor: { id: `unscanned/${result.reason}` },
    message: { text: `${result.path} was not analysed (${result.reason}). ${result.detail ?? ""}`.trim() },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(result.path) } } }],
  };
}
