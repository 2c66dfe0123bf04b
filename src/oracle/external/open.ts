// Opens an external engine: finds the tool, reads what its rules mean, and says how to get it where it
// is not there. The registry lists these beside the builtin oracle.
import { resolve } from "node:path";
import type { CweId } from "../../core/cwe.ts";
import { HexacoderError } from "../../core/errors.ts";
import { cacheRoot } from "../../util/cache.ts";
import { resource } from "../../util/resources.ts";
import { banditAdapter, banditSearch } from "../engines/bandit.ts";
import { clangAdapter, clangSearch } from "../engines/clang.ts";
import { codeqlAdapter, codeqlSearch } from "../engines/codeql.ts";
import { cppcheckAdapter, cppcheckSearch } from "../engines/cppcheck.ts";
import { gccAdapter, gccSearch } from "../engines/gcc.ts";
import { semgrepAdapter, semgrepSearch } from "../engines/semgrep.ts";
import type { SecurityOracle, ThreatModel } from "../oracle.ts";
import type { Adapter, CallLimits } from "./adapter.ts";
import { createExternalOracle } from "./external-oracle.ts";
import { type FoundTool, findTool, type ToolSearch } from "./find-tool.ts";
import { arrangeRuleMap, type RuleMapFile, readRuleMap } from "./rule-map.ts";
import { readSemgrepRules } from "./semgrep-rules.ts";

/** How an external engine looks; the same as for every oracle, and where its tool and cache are. */
export interface ExternalOptions {
  readonly threatModels: readonly ThreatModel[];
  readonly cwes?: readonly CweId[];
  readonly modelsDirs?: readonly string[];
  /** Environment in which the tool and the cache are looked for; this process's when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Bounds in place of the usual ones. */
  readonly limits?: CallLimits;
}

interface Engine {
  readonly search: ToolSearch;
  adapter(map: RuleMapFile, options: ExternalOptions): Adapter | Promise<Adapter>;
}

const engines = {
  bandit: { search: banditSearch, adapter: (map) => banditAdapter(arrangeRuleMap(map)) },
  semgrep: { search: semgrepSearch, adapter: openSemgrep },
  gcc: { search: gccSearch, adapter: (map) => gccAdapter(arrangeRuleMap(map)) },
  clang: { search: clangSearch, adapter: (map) => clangAdapter(arrangeRuleMap(map)) },
  cppcheck: { search: cppcheckSearch, adapter: (map) => cppcheckAdapter(arrangeRuleMap(map)) },
  codeql: {
    search: codeqlSearch,
    adapter: (map, { threatModels }) => codeqlAdapter(arrangeRuleMap(map), threatModels),
  },
} as const satisfies Record<string, Engine>;

/** An engine that is a tool of its own. */
export type ExternalName = keyof typeof engines;

/** All of them. */
export const externalNames = Object.keys(engines) as readonly ExternalName[]; // keys of a literal

/** Opens an engine; throws `tool-missing` with the way to get it. */
export async function openExternal(name: ExternalName, options: ExternalOptions): Promise<SecurityOracle> {
  const env = options.env ?? process.env;
  const map = await readRuleMap(name);
  const tool = await findTool(engines[name].search, env);
  if (tool === undefined) throw missing(name, map);
  const { cwes, limits } = options;
  return createExternalOracle(await engines[name].adapter(map, options), {
    tool,
    env,
    cache: cacheRoot(env),
    ...(cwes === undefined ? {} : { cwes }),
    ...(limits === undefined ? {} : { limits }),
  });
}

/** What `doctor` says of an engine. */
export interface ExternalState {
  readonly name: ExternalName;
  /** Absent: it was not found. */
  readonly tool?: FoundTool;
  readonly licence: string;
  readonly conditions: string;
  readonly get: string;
  readonly link: string;
}

/** Looks for an engine, and says under which conditions it may be used. */
export async function stateOfExternal(name: ExternalName, env: NodeJS.ProcessEnv): Promise<ExternalState> {
  const [{ licence, conditions, get, link }, tool] = await Promise.all([
    readRuleMap(name),
    findTool(engines[name].search, env),
  ]);
  return { name, licence, conditions, get, link, ...(tool === undefined ? {} : { tool }) };
}

async function openSemgrep(_map: RuleMapFile, options: ExternalOptions): Promise<Adapter> {
  const own = (options.modelsDirs ?? []).map((dir) => resolve(dir, "semgrep"));
  return semgrepAdapter(await readSemgrepRules([resource("data", "semgrep"), ...own], options.threatModels));
}

function missing(name: ExternalName, { get, conditions }: RuleMapFile): HexacoderError {
  return new HexacoderError("tool-missing", {
    message: `The oracle ${name} needs a tool that is not there: ${name} was not found.`,
    remedy: `Get it with: ${get}. ${conditions} Or name its path in HEXACODER_${name.toUpperCase()}.`,
  });
}
