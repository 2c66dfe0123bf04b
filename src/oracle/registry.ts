// Oracles by name: `builtin`, and joins such as `builtin+bandit` (any) and `builtin&codeql` (all).
import type { CweId } from "../core/cwe.ts";
import { HexacoderError } from "../core/errors.ts";
import { createBuiltinOracle } from "./engines/builtin.ts";
import { createExecutionOracle } from "./execution/oracle.ts";
import { joinOracles } from "./joined.ts";
import type { SecurityOracle, ThreatModel } from "./oracle.ts";

/** How an oracle looks; engines that cannot be told ignore what they cannot be told. */
export interface OracleOptions {
  readonly threatModels: readonly ThreatModel[];
  /** Only these CWEs. */
  readonly cwes?: readonly CweId[];
  /** Folders with further models and rules. */
  readonly modelsDirs?: readonly string[];
}

const engines = {
  builtin: createBuiltinOracle,
  execution: createExecutionOracle,
} as const satisfies Record<string, (options: OracleOptions) => Promise<SecurityOracle>>;

/** Names of the engines that there are. */
export const oracleNames: readonly string[] = Object.keys(engines);

/** Opens an oracle by name; throws `unknown-oracle` for a name that there is not. */
export async function openOracle(spec: string, options: OracleOptions): Promise<SecurityOracle> {
  if (spec.includes("+") && spec.includes("&")) {
    throw new HexacoderError("unknown-oracle", {
      message: `"${spec}" mixes + (any) with & (all).`,
      remedy: "Join with one of them: a+b+c flags what any of them flags, a&b&c what all of them flag.",
    });
  }
  const rule = spec.includes("&") ? "all" : "any";
  const names = spec.split(rule === "all" ? "&" : "+").map((name) => name.trim());
  const oracles = await Promise.all(names.map((name) => openEngine(name, options)));
  const [only] = oracles;
  return oracles.length === 1 && only !== undefined ? only : joinOracles(oracles, rule);
}

function openEngine(name: string, options: OracleOptions): Promise<SecurityOracle> {
  if (isEngine(name)) return engines[name](options);
  throw new HexacoderError("unknown-oracle", {
    message: `There is no oracle named "${name}".`,
    remedy: `Use one of: ${oracleNames.join(", ")}; join them with + (any) or & (all).`,
  });
}

function isEngine(name: string): name is keyof typeof engines {
  return Object.hasOwn(engines, name);
}
