// `hexacoder doctor`: what is there, in which version and under which licence, what is missing, and the command
// that gets it. It only looks; `hexacoder setup` installs.
import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { HexacoderError } from "../../core/errors.ts";
import { findLlama } from "../../llm/llama-library.ts";
import { bundledModels } from "../../llm/spec.ts";
import {
  checkPrograms,
  programModules,
  programsInterpreter,
} from "../../oracle/execution/programs-python.ts";
import { externalNames, stateOfExternal } from "../../oracle/external/open.ts";
import { sandboxAvailability } from "../../sandbox/availability.ts";
import { runProcess } from "../../util/process.ts";
import { trainerInterpreter, trainerVenv } from "../../util/python.ts";
import { resource } from "../../util/resources.ts";
import { packageVersion } from "../../util/versions.ts";
import { type CliContext, exitCodes } from "../context.ts";

/** One thing that was looked for. */
interface Check {
  /** What it is. */
  readonly name: string;
  /** `missing` makes doctor fail; `absent` is something that one can do without. */
  readonly status: "ok" | "missing" | "absent";
  /** Its version, or what there is to say. */
  readonly detail: string;
  /** Its licence, SPDX. */
  readonly licence?: string;
  /** What the licence allows and what not, where that is not plain. */
  readonly conditions?: string;
  /** The command that gets it. */
  readonly remedy?: string;
}

const SETUP = "hexacoder setup (in a checkout: npm run setup)";
const NODE_AT_LEAST = [20, 19] as const;

/** Says what is there and what is missing; exit 3 when something needed is missing. */
export function command(context: CliContext): Command {
  return new Command("doctor")
    .option("--json", "print the answer as JSON")
    .action((flags: { readonly json?: true }) => doctor(flags.json === true, context));
}

async function doctor(json: boolean, context: CliContext): Promise<void> {
  const checks = [
    node(),
    { name: "hexacoder", status: "ok", detail: packageVersion(), licence: "MIT" } as const,
    machine(),
    await gpu(context),
    ...(await trainer(context)),
    ...bundledModels.map(bundledModel),
    await ggufModels(context),
    await sandbox(context),
    await programs(context),
    ...(await engines(context)),
    ...keys(context.env),
    await browser(context),
  ];
  const ok = checks.every(({ status }) => status !== "missing");
  if (json) context.out(`${JSON.stringify({ ok, checks }, null, 2)}\n`);
  else context.out(`${checks.map(describe).join("\n")}\n${verdict(ok)}\n`);
  if (!ok) context.finish(exitCodes.missing);
}

function describe(check: Check): string {
  const sign = { ok: "✓", missing: "✗", absent: "·" }[check.status];
  const licence = check.licence === undefined ? "" : ` [${check.licence}]`;
  const remedy = check.remedy === undefined ? "" : `\n    get it with: ${check.remedy}`;
  const conditions = check.conditions === undefined ? "" : `\n    ${check.conditions}`;
  return `${sign} ${check.name}: ${check.detail}${licence}${conditions}${remedy}`;
}

function verdict(ok: boolean): string {
  return ok ? "Everything that hexacoder needs is there." : "Something that hexacoder needs is missing (✗).";
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > NODE_AT_LEAST[0] || (major === NODE_AT_LEAST[0] && minor >= NODE_AT_LEAST[1]);
  const found = { name: "Node", detail: process.versions.node, licence: "MIT" };
  if (good) return { ...found, status: "ok" };
  return {
    ...found,
    status: "missing",
    remedy: `Node ${NODE_AT_LEAST.join(".")} or newer from https://nodejs.org`,
  };
}

function machine(): Check {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB memory`;
  const detail = `${process.platform} ${process.arch}, ${availableParallelism()} cores, ${memory}`;
  return { name: "machine", status: "ok", detail };
}

async function gpu(context: CliContext): Promise<Check> {
  const query = ["--query-gpu=name,memory.total", "--format=csv,noheader"];
  const result = await ask(["nvidia-smi", ...query], context);
  if (result === undefined) {
    return {
      name: "GPU",
      status: "absent",
      detail: "none found; training and local models run on the processor",
    };
  }
  return { name: "GPU", status: "ok", detail: result.split("\n").join("; ") };
}

const licences = {
  torch: "BSD-3-Clause",
  transformers: "Apache-2.0",
  peft: "Apache-2.0",
} as const;

const versionsSchema = z.object({
  python: z.string(),
  packages: z.record(z.string(), z.string().nullable()),
});

// Reads versions from the packages' metadata: importing torch would take seconds.
const VERSIONS = `
import importlib.metadata as m, json, platform, sys
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return None
print(json.dumps({"python": platform.python_version(), "packages": {n: version(n) for n in sys.argv[1:]}}))
`;

async function trainer(context: CliContext): Promise<Check[]> {
  const interpreter = trainerInterpreter(context.env);
  const place = context.env.HEXACODER_PYTHON || trainerVenv(context.env);
  const missing = (name: string): Check => ({
    name,
    status: "missing",
    detail: `not in ${place}`,
    remedy: SETUP,
  });
  if (interpreter === undefined) return [missing("trainer environment")];
  const answer = await ask([interpreter, "-c", VERSIONS, ...Object.keys(licences)], context);
  const versions = versionsSchema.safeParse(answer === undefined ? undefined : JSON.parse(answer));
  if (!versions.success) return [missing("trainer environment")];
  const { python, packages } = versions.data;
  return [
    { name: "Python", status: "ok", detail: `${python} (${interpreter})`, licence: "PSF-2.0" },
    ...Object.entries(licences).map(([name, licence]): Check => {
      const version = packages[name];
      return version ? { name, status: "ok", detail: version, licence } : { ...missing(name), licence };
    }),
  ];
}

function bundledModel(model: string): Check {
  const name = `model ${model}`;
  const folder = resource("models", model);
  if (existsSync(join(folder, "model.safetensors")))
    return { name, status: "ok", detail: folder, licence: "MIT" };
  const remedy = `the package from its source again: the file models/${model}/model.safetensors belongs to it`;
  return { name, status: "missing", detail: `no weights in ${folder}`, remedy };
}

/** The optional package behind `--model gguf:FILE`. */
async function ggufModels({ env }: CliContext): Promise<Check> {
  const name = "models gguf:FILE";
  const found = await findLlama(env);
  const licence = "MIT";
  if (found !== undefined) return { name, status: "ok", detail: `node-llama-cpp ${found.version}`, licence };
  const detail = "node-llama-cpp not found; other models need nothing of it";
  return { name, status: "absent", detail, licence, remedy: "hexacoder setup --gguf" };
}

const sandboxLicences = {
  bubblewrap: "LGPL-2.0-or-later",
  docker: "Apache-2.0",
  podman: "Apache-2.0",
} as const;

/** Whether untrusted programs can be run: it builds a sandbox and runs one. */
async function sandbox(context: CliContext): Promise<Check> {
  const name = "sandbox";
  const found = await sandboxAvailability({ env: context.env });
  if (found.available)
    return { name, status: "ok", detail: found.detail, licence: sandboxLicences[found.engine] };
  const detail = `none, so programs that a model wrote are not run: ${found.reason}`;
  return { name, status: "absent", detail, remedy: found.remedy };
}

/** Whether `--oracle execution` could be opened, and the frameworks that programs find. */
async function programs(context: CliContext): Promise<Check> {
  const name = "oracle execution";
  try {
    await checkPrograms(context.env, programModules);
  } catch (error) {
    if (!(error instanceof HexacoderError)) throw error;
    const detail = `${error.message} builtin needs nothing of it.`;
    return {
      name,
      status: "absent",
      detail,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    };
  }
  const answer = await ask([programsInterpreter(context.env), "-c", VERSIONS, "flask", "django"], context);
  const { flask, django } = versionsSchema.parse(JSON.parse(answer ?? "{}")).packages;
  return { name, status: "ok", detail: `with Flask ${flask} and Django ${django}`, licence: "MIT" };
}

/** Tools that can be oracles (`--oracle NAME`), each with the conditions of its licence. */
async function engines(context: CliContext): Promise<Check[]> {
  const states = await Promise.all(externalNames.map((name) => stateOfExternal(name, context.env)));
  return states.map(({ name, tool, licence, conditions, get, link }): Check => {
    const said = { name: `oracle ${name}`, licence, conditions: `${conditions} ${link}` };
    if (tool !== undefined) return { ...said, status: "ok", detail: `${tool.version} (${tool.path})` };
    return { ...said, status: "absent", detail: "not found; builtin needs nothing", remedy: get };
  });
}

const keyVariables = {
  OPENAI_API_KEY: "openai:NAME",
  ANTHROPIC_API_KEY: "anthropic:NAME",
  OPENROUTER_API_KEY: "openrouter:NAME",
  HEXACODER_API_KEY: "http(s)://host/v1#NAME that asks for a key",
} as const;

/** Whether keys are set; what they are is nobody's business. */
function keys(env: NodeJS.ProcessEnv): Check[] {
  return Object.entries(keyVariables).map(([name, models]) =>
    env[name]
      ? { name, status: "ok", detail: "set" }
      : { name, status: "absent", detail: `not set; for ${models}` },
  );
}

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

async function browser(context: CliContext): Promise<Check> {
  const name = "Chromium";
  for (const program of [context.env.HEXACODER_CHROME, ...BROWSERS]) {
    const version = program ? await ask([program, "--version"], context) : undefined;
    if (version !== undefined) return { name, status: "ok", detail: version, licence: "BSD-3-Clause" };
  }
  const remedy = "npm run setup -- --browser";
  return { name, status: "absent", detail: "not found; only the test of the report needs it", remedy };
}

/** What a program prints, or undefined where it is missing or fails. */
async function ask(
  command: readonly [string, ...string[]],
  context: CliContext,
): Promise<string | undefined> {
  const [program] = command;
  const folders = (context.env.PATH ?? "").split(delimiter);
  const found = program.includes("/") || folders.some((folder) => existsSync(join(folder, program)));
  if (!found) return undefined;
  const { env, signal } = context;
  const result = await runProcess({ command, env, signal, timeoutMs: 20_000 });
  return result.ok ? result.stdout.trim() : undefined;
}
