// Models that are paid for through one account: what was asked before comes from the answers of the run folder;
// everything else is reserved, sent in its service's lane, tried again where that helps, and written down.
import { z } from "zod";
import { finishReasonSchema, type Usage, usageSchema } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import { hashOf } from "../util/hash.ts";
import type { AnswerLog } from "./answer-log.ts";
import type { Budget } from "./budget.ts";
import { type ChatModel, type ChatReply, type ChatRequest, mostUsage } from "./chat.ts";
import { type Asked, failureError, ProviderFailure } from "./failure.ts";
import type { Lane } from "./lane.ts";
import type { CompletionModel, CompletionRequest, CompletionResponse } from "./llm.ts";
import type { Price } from "./prices.ts";
import { type RetryOptions, withRetries } from "./retry.ts";

/** The account of a model. */
export interface Account {
  readonly log: AnswerLog;
  readonly budget: Budget;
  readonly price: Price | undefined;
  readonly lane: Lane;
  readonly retry?: RetryOptions | undefined;
  /** Variable that the key comes from, for messages. */
  readonly keyVariable?: string | undefined;
}

const chatReplySchema = z.object({
  text: z.string(),
  finishReason: finishReasonSchema,
  detail: z.string().optional(),
  usage: usageSchema,
});

const completionSchema = z.object({
  completions: z.array(z.object({ text: z.string(), finishReason: finishReasonSchema })),
  usage: usageSchema,
});

/** Samples in a row without an answer after which it is the service that is broken, not the sample. */
const MOST_FAILURES_IN_A_ROW = 10;

/** A chat model that pays from an account. */
export function payingChat(model: ChatModel, account: Account): ChatModel {
  const pay = payer(account, model.identity);
  let failures = 0;
  return {
    ...model,
    chat: async (request: ChatRequest, { signal } = {}) => {
      const key = hashOf(["chat", model.identity, request]);
      try {
        const reply = await pay<ChatReply>({
          key,
          most: mostUsage(request),
          once: () => model.chat(request, { signal }),
          parse: (answer) => chatReplySchema.parse(answer),
          signal,
        });
        failures = 0;
        return reply;
      } catch (error) {
        if (!(error instanceof ProviderFailure)) throw error;
        const own = error.facts.kind === "bad-answer" || error.facts.kind === "bad-request";
        failures++;
        if (!own || failures >= MOST_FAILURES_IN_A_ROW) {
          throw failureError(error, asked(model.identity, account));
        }
        const usage = { promptTokens: 0, completionTokens: 0 };
        return { text: "", finishReason: "error", detail: error.facts.said, usage };
      }
    },
  };
}

/** A completion model that pays from an account; it tries again by itself. */
export function payingCompletion(model: CompletionModel, account: Account): CompletionModel {
  const pay = payer(account, model.identity);
  return {
    ...model,
    complete: (request: CompletionRequest, { signal } = {}) =>
      pay<CompletionResponse>({
        key: hashOf(["completion", model.identity, model.adapter, request]),
        most: {
          // A server that ignores `n` reads the prompt once a sample.
          promptTokens: (Buffer.byteLength(request.prompt) + 16) * request.n,
          completionTokens: request.maxTokens * request.n,
        },
        once: () => model.complete(request, signal === undefined ? {} : { signal }),
        parse: (answer) => completionSchema.parse(answer),
        signal,
      }),
  };
}

interface Payment<Answer> {
  readonly key: string;
  readonly most: Usage;
  /** One try. */
  readonly once: () => Promise<Answer>;
  /** Reads an answer that was kept. */
  readonly parse: (answer: unknown) => Answer;
  readonly signal: AbortSignal | undefined;
}

type Payer = <Answer extends { readonly usage: Usage }>(payment: Payment<Answer>) => Promise<Answer>;

function payer(account: Account, model: string): Payer {
  const underWay = new Map<string, Promise<unknown>>();
  return async (payment) => {
    // The same question twice at once is one question: the second waits and finds the answer kept.
    const before = underWay.get(payment.key);
    const work = (async () => {
      await before?.catch(() => undefined);
      const known = await account.log.get(payment.key);
      if (known !== undefined) return payment.parse(known);
      return await withRetries(() => payOnce(account, model, payment), payment.signal, {
        ...account.retry,
        onPause: (milliseconds) => account.lane.pause(milliseconds),
      });
    })();
    underWay.set(payment.key, work);
    try {
      return await work;
    } finally {
      if (underWay.get(payment.key) === work) underWay.delete(payment.key);
    }
  };
}

async function payOnce<Answer extends { readonly usage: Usage }>(
  { log, budget, price, lane }: Account,
  model: string,
  { key, most, once, signal }: Payment<Answer>,
): Promise<Answer> {
  const reservation = await budget.reserve(most, price, signal);
  let sent = false;
  try {
    return await lane.run(
      most.promptTokens + most.completionTokens,
      async () => {
        await log.sent(key, model, most);
        sent = true;
        const answer = await once();
        await log.answered(key, { model, usage: answer.usage, answer });
        reservation.settle(answer.usage);
        return answer;
      },
      signal,
    );
  } catch (error) {
    const lost = sent && mayBePaid(error);
    const usage = lost ? most : { promptTokens: 0, completionTokens: 0 };
    reservation.settle(usage, { lost });
    if (sent) await log.lost(key, model, usage);
    throw error;
  }
}

/** Whether the service may have worked for a try that failed. */
function mayBePaid(error: unknown): boolean {
  if (error instanceof ProviderFailure) return error.facts.mayBePaid;
  return !(error instanceof HexacoderError && ["key-missing", "model-missing"].includes(error.code));
}

function asked(identity: string, { keyVariable }: Account): Asked {
  return { identity, keyVariable };
}
