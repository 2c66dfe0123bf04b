// `hexacoder serve`: an OpenAI-compatible endpoint in front of a model, which lets nothing through that the oracle
// rejects.
import { Command, Option } from "commander";
import { type Strategy, strategies } from "../../core/completion.ts";
import { HexacoderError } from "../../core/errors.ts";
import { type Language, languages } from "../../core/language.ts";
import { paperSampling } from "../../generation/generation.ts";
import { checkStrategy } from "../../generation/strategies.ts";
import { openOracle } from "../../oracle/registry.ts";
import { createCodemodRepairer } from "../../repair/codemod-repairer.ts";
import {
  type Endpoint,
  type EndpointGuard,
  type EndpointGuardMode,
  endpointGuards,
  type UnscannedPolicy,
  unscannedPolicies,
} from "../../server/endpoint.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { nameOf, openUpstream, type Upstream } from "../../server/upstream.ts";
import { plural } from "../../util/text.ts";
import { type CliContext, exitCodes, terminated } from "../context.ts";
import { addScanOptions, detectorOptions, numberBetween, type ScanOptions, wholeNumber } from "../options.ts";

interface ServeOptions extends ScanOptions {
  readonly upstream: string;
  readonly adapter?: string;
  readonly name?: string;
  readonly host: string;
  readonly port: number;
  readonly strategy: Strategy;
  readonly guard: EndpointGuardMode;
  readonly retries: number;
  readonly unscanned: UnscannedPolicy;
  readonly language: Language;
  readonly maxTokens: number;
  readonly importTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly concurrency?: number;
  readonly timeout: number;
  readonly quiet: boolean;
}

/** A port that nothing else is known to use. */
const USUAL_PORT = 8642;

/** The command. */
export function command(context: CliContext): Command {
  const serve = new Command("serve")
    .requiredOption(
      "--upstream <model>",
      "the model: tiny, hf:NAME, gguf:FILE, openai:NAME, anthropic:NAME, ollama:NAME, http://host/v1#NAME …",
    )
    .option("--adapter <dir>", "a LoRA adapter for it (tiny and hf: alone)")
    .option("--name <name>", "the model's name for clients; its own when absent")
    .option(
      "--host <address>",
      "where to listen; beyond this machine HEXACODER_SERVE_KEY is needed",
      "127.0.0.1",
    )
    .option("--port <n>", "the port, 0 for a free one", portNumber, USUAL_PORT);
  addGuardOptions(serve);
  addSamplingOptions(serve);
  serve
    .option("--concurrency <n>", "requests served at once; what the model takes when absent", wholeNumber(1))
    .option("--timeout <seconds>", "the longest that the model may take for an answer", wholeNumber(1), 600)
    .option("--quiet", "say nothing of single requests", false);
  return addScanOptions(serve, context).action((options: ServeOptions) => runServe(context, options));
}

function addGuardOptions(serve: Command): void {
  serve
    .addOption(
      new Option("--guard <mode>", "what happens to code that the oracle flags")
        .choices(endpointGuards)
        .default("repair" satisfies EndpointGuardMode),
    )
    .option("--retries <n>", "how often a refused answer is asked for again", wholeNumber(0), 3)
    .addOption(
      new Option("--unscanned <policy>", "what happens to code that the oracle cannot analyse")
        .choices(unscannedPolicies)
        .default("withhold" satisfies UnscannedPolicy),
    );
}

function addSamplingOptions(serve: Command): void {
  serve
    .addOption(
      new Option("--strategy <name>", "how completions are generated")
        .choices(strategies)
        .default("two-step" satisfies Strategy),
    )
    .addOption(
      new Option("--language <name>", "language of prompts that do not show theirs")
        .choices(languages)
        .default("python" satisfies Language),
    )
    .option(
      "--max-tokens <n>",
      "most new tokens of a completion that does not say",
      wholeNumber(1),
      paperSampling.maxTokens,
    )
    .option(
      "--import-tokens <n>",
      "how many of them may go into imports",
      wholeNumber(1),
      paperSampling.importTokens,
    )
    .option(
      "--temperature <x>",
      "of completions that do not say",
      numberBetween(0, 2),
      paperSampling.temperature,
    )
    .option("--top-p <x>", "of completions that do not say", numberBetween(0.01, 1), paperSampling.topP);
}

function portNumber(text: string): number {
  return numberBetween(0, 65_535)(`${wholeNumber(0)(text)}`);
}

async function runServe(context: CliContext, options: ServeOptions): Promise<void> {
  checkOptions(options);
  try {
    await loadAndServe(context, options, await openGuard(options));
  } catch (error) {
    if (error !== terminated) throw error;
  }
  // To whoever watches over a service and ends it, anything but 0 is a failure.
  if (context.signal.reason === terminated) context.finish(exitCodes.done, { final: true });
}

async function loadAndServe(
  context: CliContext,
  options: ServeOptions,
  guard: EndpointGuard | undefined,
): Promise<void> {
  let serve: (endpoint: Endpoint) => void = () => undefined;
  const endpoint = new Promise<Endpoint>((resolve) => {
    serve = resolve;
  });
  // The port comes before the model: loading one may take minutes, and a port that is taken would end them.
  const server = await startServer({
    endpoint,
    host: options.host,
    port: options.port,
    key: context.env.HEXACODER_SERVE_KEY?.trim(),
    concurrency: options.concurrency,
    log: options.quiet ? undefined : (line) => context.talk(`serve: ${line}`),
  });
  try {
    const upstream = await openPatiently(context, options, server.url);
    try {
      serve(endpointOf(options, upstream, guard));
      await serveUntilEnd(context, options, { server, guard, died: upstream.died });
    } finally {
      await upstream.close();
    }
  } finally {
    await server.close();
  }
}

const SAID_AFTER_MS = 2000;

/** Opens the model; says so where that takes its time. */
async function openPatiently(context: CliContext, options: ServeOptions, url: string): Promise<Upstream> {
  const saying = setTimeout(() => {
    context.talk(`serve: loading ${nameOf(options.upstream)}; until it is there, ${url} answers 503`);
  }, SAID_AFTER_MS);
  const { env, cwd, signal } = context;
  const { adapter, timeout } = options;
  try {
    return await openUpstream(options.upstream, { adapter, env, cwd, signal, timeoutMs: timeout * 1000 });
  } finally {
    clearTimeout(saying);
  }
}

/** What would fail with the first request fails before anything is opened. */
function checkOptions({ strategy, temperature, topP, maxTokens, importTokens }: ServeOptions): void {
  checkStrategy(strategy, { temperature, topP, maxTokens, importTokens, seed: 0 });
  if (strategy !== "two-step:authors") return;
  throw new HexacoderError("bad-usage", {
    message: "two-step:authors is for reproducing published figures; it is not served.",
    remedy: "Take --strategy two-step or one-step.",
  });
}

async function openGuard(options: ServeOptions): Promise<EndpointGuard | undefined> {
  const { guard: mode, retries, unscanned } = options;
  if (mode === "off") return undefined;
  const oracle = await openOracle(options.oracle, detectorOptions(options));
  const repairer = mode === "repair" ? await createCodemodRepairer({ oracle }) : undefined;
  return { mode, oracle, repairer, retries, unscanned };
}

function endpointOf(options: ServeOptions, upstream: Upstream, guard: EndpointGuard | undefined): Endpoint {
  const { strategy, language, temperature, topP, maxTokens, importTokens } = options;
  const name = options.name ?? nameOf(options.upstream);
  const { completions, chat } = upstream;
  return {
    name,
    completions,
    chat,
    guard,
    strategy,
    language,
    sampling: { temperature, topP, maxTokens, importTokens },
  };
}

interface Serving {
  readonly server: RunningServer;
  readonly guard: EndpointGuard | undefined;
  readonly died: Upstream["died"];
}

async function serveUntilEnd(
  context: CliContext,
  { upstream, strategy, name }: ServeOptions,
  { server, guard, died }: Serving,
): Promise<void> {
  const by = guard === undefined ? "off" : `${guard.mode}, by ${guard.oracle.identity}`;
  context.talk(`serve: ${name ?? nameOf(upstream)}, completions ${strategy}, guard ${by}; Ctrl-C ends it`);
  context.out(`${server.url}\n`);
  const asked = new Promise<undefined>((resolve) => {
    if (context.signal.aborted) resolve(undefined);
    context.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  // Without its model the endpoint has nothing to serve: whoever watches over it can start it again.
  const death = await Promise.race([asked, died]);
  await server.close();
  const { requests, choices } = server.counts;
  const counts = Object.entries(choices).filter(([, count]) => count > 0);
  const told = counts.map(([action, count]) => `${count} ${action}`).join(", ");
  context.talk(
    `serve: ended after ${plural(requests, "request")}${told === "" ? "" : ` (answers: ${told})`}`,
  );
  if (death !== undefined) throw death;
}
