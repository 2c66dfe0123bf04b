// Oracles by name: `builtin`, external tools, and joins such as `builtin+bandit` (any), `builtin&codeql`
// (all) and `2of:builtin+bandit+semgrep`.
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import { createBuiltinOracle } from "./engines/builtin.ts";
import type { ExternalName } from "./external/open.ts";
import { joinOracles } from "./joined.ts";
import { parseOracleSpec } from "./joined-spec.ts";
import type { SecurityOracle, ThreatModel } from "./oracle.ts";

/** How an oracle looks; engines that cannot be told ignore what they cannot be told. */
export interface OracleOptions {
  readonly threatModels: readonly ThreatModel[];
  /** Only these CWEs. */
  readonly cwes?: readonly CweId[];
  /** Folders with further models and rules. */
  readonly modelsDirs?: readonly string[];
}

type Open = (options: OracleOptions) => Promise<SecurityOracle>;

/** Loaded when one is asked for: the builtin oracle starts without them. */
const external =
  (name: ExternalName): Open =>
  async (options) =>
    (await import("./external/open.ts")).openExternal(name, options);

const engines = {
  builtin: createBuiltinOracle,
  bandit: external("bandit"),
  semgrep: external("semgrep"),
  gcc: external("gcc"),
  clang: external("clang"),
  cppcheck: external("cppcheck"),
  codeql: external("codeql"),
  execution: async (options) => (await import("./execution/oracle.ts")).createExecutionOracle(options),
} as const satisfies Record<string, (options: OracleOptions) => Promise<SecurityOracle>>;

/** Names of the engines that there are. */
export const oracleNames: readonly string[] = Object.keys(engines);

/** Opens an oracle by name; throws `unknown-oracle` for a name that there is not. */
export async function openOracle(spec: string, options: OracleOptions): Promise<SecurityOracle> {
  const reading = parseOracleSpec(spec);
  if (!reading.ok) {
    throw new HexacoderError("unknown-oracle", {
      message: `${reading.why}.`,
      remedy: "a+b flags what any of them flags, a&b what both flag, 2of:a+b+c what at least two flag.",
    });
  }
  const { names, needed, write } = reading.spec;
  const oracles = await Promise.all(names.map((name) => openEngine(name, options)));
  const [only] = oracles;
  if (oracles.length === 1 && only !== undefined) return only;
  return joinOracles(oracles, { needed, name: write });
}

function openEngine(name: string, options: OracleOptions): Promise<SecurityOracle> {
  if (isEngine(name)) return engines[name](options);
  throw new HexacoderError("unknown-oracle", {
    message: `There is no oracle named "${name}".`,
    remedy: `Use one of: ${oracleNames.join(", ")}; join them with + (any), & (all) or 2of:a+b+c.`,
  });
}

function isEngine(name: string): name is keyof typeof engines {
  return Object.hasOwn(engines, name);
}
