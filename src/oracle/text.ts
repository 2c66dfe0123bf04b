// A result for a person to read: findings under their file, the way of the data below each.
import type pc from "picocolors";
import type { Finding, ScanResult } from "../core/finding.ts";

type Colors = ReturnType<typeof pc.createColors>;

/** The text for one file; empty where nothing was found. */
export function resultAsText(result: ScanResult, colours: Colors): string {
  if (result.status === "unscanned") {
    const why = `not analysed (${result.reason})`;
    return `${colours.underline(result.path)}\n  ${colours.yellow(why)} ${result.detail ?? ""}\n\n`;
  }
  if (result.findings.length === 0) return "";
  const blocks = result.findings.map((finding) => findingAsText(finding, colours));
  return `${colours.underline(result.path)}\n${blocks.join("")}\n`;
}

function findingAsText(finding: Finding, colours: Colors): string {
  const { region, level, cwes, message, ruleId, codeFlow } = finding;
  const paint = level === "error" ? colours.red : level === "warning" ? colours.yellow : colours.cyan;
  const place = `${region.startLine}:${region.startColumn}`;
  const head = `  ${place.padEnd(7)} ${paint(level.padEnd(7))} ${colours.bold(cwes[0] ?? "")}  ${message} ${colours.dim(ruleId)}\n`;
  const steps = (codeFlow ?? []).map((step) => {
    const at = `${step.region.startLine}:${step.region.startColumn}`;
    return `            ${colours.dim(at.padEnd(7))} ${colours.dim(step.message)}\n`;
  });
  return head + steps.join("");
}
