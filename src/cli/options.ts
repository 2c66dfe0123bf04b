// Options that several commands share, parsed and completed once, at the door.
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type CweId, tryParseCweId } from "../core/cwe.ts";
import { type ThreatModel, threatModels } from "../oracle/oracle.ts";
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

/** A comma-separated list of CWEs in any spelling. */
export function parseCwes(text: string): CweId[] {
  return list(text).map((item) => {
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

function parseThreatModels(text: string): ThreatModel[] {
  return list(text).map((item) => {
    const model = threatModels.find((name) => name === item);
    if (model === undefined) {
      throw new InvalidArgumentError(`"${item}" is not one of: ${threatModels.join(", ")}.`);
    }
    return model;
  });
}
