// Options that several commands share, parsed and completed once, at the door.
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type CweId, tryParseCweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import { languages } from "../core/language.ts";
import { type SecurityOracle, type ThreatModel, threatModels } from "../oracle/oracle.ts";
import type { OracleOptions } from "../oracle/registry.ts";
import type { CliContext } from "./context.ts";

/** Options of every command that scans. */
export interface ScanOptions {
  /** The oracle, such as `builtin`. */
  readonly oracle: string;
  /** Only these weaknesses; all when absent. */
  readonly cwe?: readonly CweId[];
  /** Where untrusted data may come from. */
  readonly threatModel: readonly ThreatModel[];
  /** A folder with models of the user's own; absolute. */
  readonly models?: string;
}

/** Adds --oracle, --cwe, --threat-model and --models. */
export function addScanOptions(command: Command, { cwd }: Pick<CliContext, "cwd">): Command {
  return command
    .option(
      "--oracle <name>",
      "oracle to ask: builtin, or several joined as a+b (any), a&b (all) or 2of:a+b+c",
      checked(names),
      "builtin",
    )
    .option("--cwe <ids>", "only these weaknesses, for example 22,79", parseCwes)
    .addOption(
      new Option(
        "--threat-model <names>",
        `where untrusted data comes from: ${threatModels.join(", ")} (several with commas)`,
      )
        .default(["remote"], "remote")
        .argParser(parseThreatModels),
    )
    .option("--models <dir>", "folder with taint models and rules of your own", (dir: string) =>
      resolve(cwd, dir),
    );
}

/** What the options say to an oracle that looks for weaknesses. */
export function detectorOptions(options: ScanOptions): OracleOptions {
  const { cwe } = options;
  return { ...judgeOptions(options), ...(cwe === undefined ? {} : { cwes: cwe }) };
}

/** The same for a judge, which sees every weakness: --cwe must not hide what a repair brings. */
export function judgeOptions({ threatModel, models }: ScanOptions): OracleOptions {
  return { threatModels: threatModel, ...(models === undefined ? {} : { modelsDirs: [models] }) };
}

/** What says which weaknesses are looked for: an oracle, or what scans with one. */
type Coverage = Pick<SecurityOracle, "covers">;

/**
 * Refuses --cwe where the oracle looks for none of it, and says which of it nobody looks for: that it finds
 * nothing of the kind is no verdict.
 */
export function checkCovered(
  oracle: Coverage,
  { cwe = [], oracle: name }: { readonly cwe?: readonly CweId[] | undefined; readonly oracle: string },
  { talk }: Pick<CliContext, "talk">,
): void {
  const covered = new Set(languages.flatMap((language) => oracle.covers(language)));
  const uncovered = cwe.filter((id) => !covered.has(id));
  if (uncovered.length === 0) return;
  const message = `The oracle ${name} does not look for ${uncovered.join(", ")}.`;
  if (uncovered.length < cwe.length) {
    talk(`${message} There is no verdict on it.`);
    return;
  }
  throw new HexacoderError("bad-usage", {
    message,
    remedy: "Leave --cwe out, name other weaknesses, or ask another oracle (hexacoder doctor names them).",
  });
}

/** A comma-separated list of CWEs in any spelling. */
export function parseCwes(text: string): CweId[] {
  return names(text).map((item) => {
    const id = tryParseCweId(item);
    if (id === undefined) {
      throw new InvalidArgumentError(
        `"${item}" is not a CWE identifier. Write it as MITRE does, for example CWE-22 (also read: 022, cwe-22).`,
      );
    }
    return id;
  });
}

/** A whole number from a minimum on. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`);
    }
    return value;
  };
}

/** A number between two bounds, both included. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= low && value <= high)) {
      throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** Comma-separated words. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Comma-separated words of which there must be one: nothing asked for would find nothing, and look like safety. */
export function names(text: string): string[] {
  const words = list(text);
  if (words.length === 0) throw new InvalidArgumentError("It must name at least one.");
  return words;
}

/** A text that another command reads, looked at already here. */
export function checked(parse: (text: string) => unknown): (text: string) => string {
  return (text) => {
    parse(text);
    return text;
  };
}

/** Comma-separated threat models. */
export function parseThreatModels(text: string): ThreatModel[] {
  return names(text).map((item) => {
    const model = threatModels.find((name) => name === item);
    if (model === undefined) {
      throw new InvalidArgumentError(`"${item}" is not one of: ${threatModels.join(", ")}.`);
    }
    return model;
  });
}
