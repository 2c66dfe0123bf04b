// POST /v1/completions: the prompt goes through the strategy and the guard. What a client gets is what it has to
// put behind its prompt: that text, and no other, is what the oracle saw.
import { randomInt, randomUUID } from "node:crypto";
import type { Completion, FinishReason, Task, Usage } from "../core/completion.ts";
import { extensionOf } from "../core/language.ts";
import { type Guarded, generateGuarded } from "../generation/guard.ts";
import { refusalOf } from "../generation/guard-program.ts";
import type { Generate } from "../generation/strategies.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { CompletionModel } from "../llm/llm.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";
import { sha256 } from "../util/hash.ts";
import { badRequest } from "./api-error.ts";
import { continuingGenerator, continuingRepairer, counting } from "./continuing.ts";
import { guessLanguage } from "./detect-language.ts";
import { type ChoiceReport, type Endpoint, type EndpointGuard, plainReport, reported } from "./endpoint.ts";
import { MOST_CHARACTERS } from "./limits.ts";
import { beyondPrompt } from "./prompt-oracle.ts";
import type { CompletionBody } from "./requests.ts";
import { greedySeed, samplingOf } from "./sampling.ts";

/** A choice of an answer. */
export interface CompletionChoice {
  readonly index: number;
  readonly text: string;
  readonly finish_reason: string;
  readonly logprobs: null;
  readonly hexacoder: ChoiceReport;
}

/** An answer. */
export interface CompletionAnswer {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly CompletionChoice[];
  readonly usage: Usage;
}

/** Completes the prompts of a request. */
export async function completeText(
  body: CompletionBody,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<CompletionAnswer> {
  const model = requireModel(endpoint);
  const prompts = [body.prompt].flat();
  const n = body.n ?? 1;
  if (prompts.length * n > MOST_CHOICES) {
    throw badRequest(`At most ${MOST_CHOICES} choices a request (prompts times n).`, "n");
  }
  const usage = { promptTokens: 0, completionTokens: 0 };
  const counted = counting(model, usage);
  const seed = body.seed ?? (body.temperature === 0 ? greedySeed : randomInt(2 ** 30));
  const answers = await Promise.all(
    prompts.map((prompt) => completeOne({ prompt, n, body, seed, model: counted, endpoint, signal })),
  );
  return {
    id: `cmpl-${randomUUID()}`,
    object: "text_completion",
    created: Math.floor(Date.now() / 1000),
    model: endpoint.name,
    choices: answers.flat().map((choice, index) => ({ index, ...choice })),
    usage,
  };
}

const MOST_CHOICES = 128;

function requireModel({ completions, name }: Endpoint): CompletionModel {
  if (completions !== undefined) return completions;
  const message = `${name} chats; it does not continue text. Use /v1/chat/completions.`;
  throw badRequest(message, "model", "chat_model");
}

function tooLong(prompt: string): Error {
  const message = `The prompt has ${prompt.length} characters; this endpoint takes ${MOST_CHARACTERS}.`;
  return badRequest(message, "prompt", "context_length_exceeded");
}

interface Asked {
  readonly prompt: string;
  readonly n: number;
  readonly body: CompletionBody;
  readonly seed: number;
  readonly model: CompletionModel;
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
}

type Choice = Omit<CompletionChoice, "index">;

async function completeOne(asked: Asked): Promise<Choice[]> {
  const { prompt, n, body, seed, model, endpoint, signal } = asked;
  if (prompt.length > MOST_CHARACTERS) throw tooLong(prompt);
  const task = taskOf(prompt, endpoint);
  const { strategy, sampling, again } = samplingOf(body, seed, endpoint);
  const options = { model, strategy, sampling };
  const generate = await continuingGenerator(task, options);
  const samples = Array.from({ length: n }, (_none, index) => index);
  const outcomes = await guardedBy(endpoint.guard, {
    task,
    samples,
    generate,
    again: await continuingGenerator(task, { ...options, sampling: again }),
    signal,
  });
  const start = body.echo === true ? 0 : prompt.length;
  return outcomes.map(({ completion, report }) => ({
    text: completion?.text.slice(start) ?? "",
    finish_reason: completion === undefined ? "content_filter" : reasons[completion.finishReason],
    logprobs: null,
    hexacoder: report,
  }));
}

const reasons = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  error: "length",
} as const satisfies Record<FinishReason, string>;

function taskOf(prompt: string, { language }: Endpoint): Task {
  const id = `served/${sha256(prompt).slice(0, 16)}`;
  return {
    id,
    benchmark: "served",
    language: guessLanguage(prompt)?.language ?? language,
    prompt,
    family: id,
  };
}

interface Guarding {
  readonly task: Task;
  readonly samples: readonly number[];
  readonly generate: Generate;
  readonly again: Generate;
  readonly signal: AbortSignal;
}

interface Outcome {
  readonly completion: Completion | undefined;
  readonly report: ChoiceReport;
}

async function guardedBy(guard: EndpointGuard | undefined, guarding: Guarding): Promise<Outcome[]> {
  const { task, samples, generate, again, signal } = guarding;
  if (guard === undefined) {
    const drawn = await generate(task, samples, { signal });
    return drawn.map((completion) => ({ completion, report: plainReport("unguarded") }));
  }
  const file = fileOf(task, task.prompt);
  const language = await loadLanguage(file.language);
  const oracle = await beyondPrompt(guard.oracle, { file, language }, { signal });
  if (guard.mode === "annotate") return await annotated(oracle, guarding);
  const passed = new Map<string, string>();
  const judge = guard.unscanned === "pass" ? lenient(oracle, passed) : oracle;
  const repairer = repairerFor(guard, task, language);
  const options = { oracle: judge, repairer, retries: guard.retries, again, signal };
  const results = await generateGuarded(generate, { task, samples }, options);
  return results.map((result) => outcomeOf(result, passed));
}

function repairerFor(
  { mode, repairer }: EndpointGuard,
  { prompt }: Task,
  language: Parameters<typeof continuingRepairer>[2],
): Repairer | undefined {
  if (mode !== "repair" || repairer === undefined) return undefined;
  return continuingRepairer(repairer, prompt, language);
}

function outcomeOf(
  { completion, action, attempts, repairs, refused }: Guarded,
  passed: Map<string, string>,
): Outcome {
  const reason = completion === undefined ? undefined : passed.get(completion.text);
  const unscanned = reason === undefined ? [] : [reason];
  return { completion, report: { action, attempts, repairs, refused: refused.map(reported), unscanned } };
}

async function annotated(
  oracle: SecurityOracle,
  { task, samples, generate, signal }: Guarding,
): Promise<Outcome[]> {
  const drawn = await generate(task, samples, { signal });
  const verdicts = await oracle.scan(
    drawn.map(({ text }) => fileOf(task, text)),
    { signal },
  );
  return drawn.map((completion, index) => {
    const refusal = refusalOf(verdicts[index]);
    if (refusal === undefined) return { completion, report: plainReport("accepted") };
    const refused = [reported(refusal)];
    return { completion, report: { ...plainReport("annotated"), refused } };
  });
}

/** An oracle under which what cannot be looked at passes; `passed` keeps which texts did, and why. */
function lenient(oracle: SecurityOracle, passed: Map<string, string>): SecurityOracle {
  return {
    identity: oracle.identity,
    covers: (language) => oracle.covers(language),
    scan: async (files, options) => {
      const results = await oracle.scan(files, options);
      return results.map((result, index) => {
        if (result.status === "scanned") return result;
        passed.set(files[index]?.text ?? "", result.reason);
        return { status: "scanned", path: result.path, findings: [], covers: [] };
      });
    },
  };
}

function fileOf(task: Task, text: string): { path: string; language: "python" | "c"; text: string } {
  const language = task.language === "c" ? "c" : "python";
  return { path: `completion${extensionOf(language)}`, language, text };
}
