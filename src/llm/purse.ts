// All models of a run and what they cost: one budget, one file of answers, one lane a service.
import type { Usage } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import { type Account, payingChat, payingCompletion } from "./account.ts";
import { type AnswerLog, openAnswerLog } from "./answer-log.ts";
import { Budget, type BudgetLimits, type Spending } from "./budget.ts";
import type { ChatModel } from "./chat.ts";
import { type ChatSpec, type ModelInterface, parseChatSpec, usualInterface } from "./chat-spec.ts";
import type { Clock } from "./clock.ts";
import { type Keys, keyFor } from "./keys.ts";
import { Lane } from "./lane.ts";
import type { CompletionModel } from "./llm.ts";
import { chatOverCompletion } from "./over-completion.ts";
import { type Price, priceOf } from "./prices.ts";
import { httpChatModel } from "./providers/chat.ts";
import { openModel } from "./registry.ts";
import { bundledModels, parseModelSpec } from "./spec.ts";

/** How a run pays. */
export interface PurseOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly keys: Keys;
  readonly limits: BudgetLimits;
  readonly prices: readonly Price[];
  /** The longest that an answer of a chat model may take. */
  readonly timeoutMs: number;
  /** How often a request is tried again. */
  readonly retries: number;
  /** Bounds of each service's lane; the provider's own concurrency when absent. */
  readonly concurrency?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Time; the computer's when absent. */
  readonly clock?: Clock | undefined;
}

/** A model that is paid for, by the interface that it has. */
export type PaidModel =
  | { readonly kind: "chat"; readonly chat: ChatModel; readonly price: Price | undefined }
  | {
      readonly kind: "completion";
      readonly completion: CompletionModel;
      /** The same model, asked as if it chatted. */
      readonly chat: ChatModel;
      readonly price: Price | undefined;
    };

/** See the file's head. */
export interface Purse {
  /** Opens a model, once a spec; `language` names the fence in which a completion model answers. */
  open(
    spec: string,
    options: { interface?: ModelInterface | undefined; language: string },
  ): Promise<PaidModel>;
  /** Begins to pay, with the answers and the books of a run folder. */
  start(path: string): Promise<void>;
  /** What was spent, by earlier runs on the folder, too. */
  spent(): Spending;
  /** Closes models and books. */
  close(): Promise<void>;
}

const FREE = { inputUsdPerMillionTokens: 0, outputUsdPerMillionTokens: 0, date: "1970-01-01" };

/** Makes the purse of a run. */
export function openPurse(options: PurseOptions): Purse {
  const budget = new Budget(options.limits);
  const books = new Books();
  const lanes = new Map<string, Lane>();
  const models = new Map<string, Promise<PaidModel>>();
  const prices = new Map<string, Price | undefined>();
  const opened: { close(): Promise<void> }[] = [];
  const laneFor = (service: string, concurrency: number): Lane => {
    const { requestsPerMinute, tokensPerMinute, clock } = options;
    const limits = { concurrency: options.concurrency ?? concurrency, requestsPerMinute, tokensPerMinute };
    const lane = lanes.get(service) ?? new Lane(limits, clock);
    lanes.set(service, lane);
    return lane;
  };
  const account = (service: string, concurrency: number, price: Price | undefined): Account => ({
    log: books,
    budget,
    price,
    lane: laneFor(service, concurrency),
    retry: { retries: options.retries, clock: options.clock },
  });
  const openOne = async (spec: string, how: ModelInterface, language: string): Promise<PaidModel> => {
    const price = priceFor(spec, options);
    if (how === "chat") {
      const service = parseChatSpec(spec, options);
      const raw = {
        ...httpChatModel(endpointOf(service, options)),
        concurrency: options.concurrency ?? service.concurrency,
      };
      prices.set(raw.identity, price);
      const own = {
        ...account(new URL(service.url).host, raw.concurrency, price),
        keyVariable: service.keyVariable,
      };
      return { kind: "chat", chat: payingChat(raw, own), price };
    }
    const { env, cwd, signal } = options;
    const raw = await openModel(spec, { env: withKeys(env, options.keys), cwd, signal });
    opened.push(raw);
    prices.set(raw.identity, price);
    const completion = payingCompletion(raw, account(raw.identity, raw.concurrency, price));
    return { kind: "completion", completion, chat: chatOverCompletion(completion, language), price };
  };
  return {
    open: (spec, { interface: how = usualInterface(spec), language }) => {
      const known = models.get(`${how} ${spec}`) ?? openOne(spec, how, language);
      models.set(`${how} ${spec}`, known);
      return known;
    },
    start: async (path) => {
      for (const { model, usage, lost, requests } of await books.open(path)) {
        budget.add(usage, prices.get(model), { lost, requests });
      }
    },
    spent: () => budget.spent,
    close: async () => {
      await Promise.all(opened.map((model) => model.close()));
      await books.close();
    },
  };
}

function endpointOf(spec: ChatSpec, { keys, timeoutMs }: PurseOptions): Parameters<typeof httpChatModel>[0] {
  return { ...spec, timeoutMs, key: keyFor(spec, keys) };
}

const COMPLETION_KEYS = ["OPENAI_API_KEY", "OPENROUTER_API_KEY", "HEXACODER_API_KEY"];

/** Models that continue text look for their key in the environment. */
function withKeys(env: NodeJS.ProcessEnv, keys: Keys): NodeJS.ProcessEnv {
  return { ...env, ...Object.fromEntries(COMPLETION_KEYS.map((name) => [name, keys(name)])) };
}

function priceFor(spec: string, { prices, limits, env, cwd }: PurseOptions): Price | undefined {
  const named = priceOf(spec.trim(), prices);
  if (named !== undefined) return named;
  // What runs on this computer costs no dollars.
  const scheme = /^(?:hf|gguf):/.test(spec.trim()) || bundledModels.some((name) => name === spec.trim());
  if (scheme && parseModelSpec(spec, { env, cwd }).kind !== "endpoint") return { model: spec, ...FREE };
  if (limits.usd === undefined) return undefined;
  throw new HexacoderError("bad-usage", {
    message: `--budget-usd cannot be kept: the price of ${spec} is not known.`,
    remedy: `Give it with --prices FILE, or bound the run with --budget-tokens. The file: {"prices": [{"model": "${spec}", "inputUsdPerMillionTokens": …, "outputUsdPerMillionTokens": …, "date": "YYYY-MM-DD"}]}.`,
  });
}

/** The books, which open later than the models do: the folder is made when all is known to be well. */
class Books implements AnswerLog {
  #log: AnswerLog | undefined;

  async open(path: string): Promise<AnswerLog["paid"]> {
    this.#log = await openAnswerLog(path);
    return this.#log.paid;
  }

  get paid(): AnswerLog["paid"] {
    return this.#started.paid;
  }

  get get(): AnswerLog["get"] {
    return this.#started.get;
  }

  get sent(): AnswerLog["sent"] {
    return this.#started.sent;
  }

  get answered(): AnswerLog["answered"] {
    return this.#started.answered;
  }

  get lost(): (key: string, model: string, usage: Usage) => Promise<void> {
    return this.#started.lost;
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  get #started(): AnswerLog {
    if (this.#log === undefined) throw new Error("a model was asked before the run folder was open");
    return this.#log;
  }
}
