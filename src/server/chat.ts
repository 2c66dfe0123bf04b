// POST /v1/chat/completions: the client's request goes to the model as it came, and the answer comes back judged.
// A refused answer is asked for again with the report and the hint of what was wrong, as repairs are.
import { randomUUID } from "node:crypto";
import type { CweId } from "../core/cwe.ts";
import type { RawChat, RawChatRequest, RawMessage } from "../llm/raw-chat.ts";
import { hintFor } from "../repair/hints.ts";
import { badRequest } from "./api-error.ts";
import {
  type ChoiceAction,
  type ChoiceReport,
  type Endpoint,
  type EndpointGuard,
  plainReport,
  reported,
} from "./endpoint.ts";
import { type JudgedMessage, judgeMessage, type MessageRefusal } from "./message-guard.ts";
import type { ChatBody } from "./requests.ts";

/** A choice of an answer. */
export interface ChatChoice {
  readonly index: number;
  readonly message: RawMessage;
  readonly finish_reason: string;
  readonly logprobs: null;
  readonly hexacoder: ChoiceReport;
}

/** An answer. */
export interface ChatAnswer {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChatChoice[];
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number };
}

/** Answers a conversation. */
export async function completeChat(
  body: ChatBody,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const chat = requireChat(endpoint);
  const usage = { promptTokens: 0, completionTokens: 0 };
  const draw = drawFrom(chat, usage, signal);
  const choices = await guarded(requestOf(body), { draw, guard: endpoint.guard, signal });
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: endpoint.name,
    choices: choices.map((choice, index) => ({ index, ...choice })),
    usage,
  };
}

function requireChat({ chat, name }: Endpoint): RawChat {
  if (chat !== undefined) return chat;
  throw badRequest(
    `${name} continues text; it does not chat. Use /v1/completions.`,
    "model",
    "completion_model",
  );
}

/** The request for the model: what is the endpoint's own affair is left out. */
function requestOf({
  model: _name,
  stream: _stream,
  stream_options: _options,
  ...body
}: ChatBody): RawChatRequest {
  const given = Object.entries(body).filter(([, value]) => value !== undefined && value !== null);
  return { ...Object.fromEntries(given), messages: body.messages, n: body.n ?? 1 };
}

/** A message as it was drawn. */
interface Drawn {
  readonly message: RawMessage;
  readonly finish: string;
}

type Draw = (request: RawChatRequest) => Promise<Drawn[]>;

function drawFrom(
  chat: RawChat,
  usage: { promptTokens: number; completionTokens: number },
  signal: AbortSignal,
): Draw {
  return async (request) => {
    const answer = await chat.ask(request, { signal });
    usage.promptTokens += answer.usage?.prompt_tokens ?? 0;
    usage.completionTokens += answer.usage?.completion_tokens ?? 0;
    return answer.choices.map(({ message, finish_reason }) => ({ message, finish: finish_reason ?? "stop" }));
  };
}

type Choice = Omit<ChatChoice, "index">;

interface Guarding {
  readonly draw: Draw;
  readonly guard: EndpointGuard | undefined;
  readonly signal: AbortSignal;
}

async function guarded(request: RawChatRequest, { draw, guard, signal }: Guarding): Promise<Choice[]> {
  if (guard === undefined)
    return (await draw(request)).map((drawn) => choiceOf(drawn, plainReport("unguarded")));
  const choices: (Choice | undefined)[] = Array.from({ length: request.n }, () => undefined);
  const before: MessageRefusal[][] = choices.map(() => []);
  let ask = request;
  for (let attempt = 1; attempt <= guard.retries + 1; attempt++) {
    const open = choices.flatMap((choice, index) => (choice === undefined ? [index] : []));
    if (open.length === 0) break;
    signal.throwIfAborted();
    const drawn = await draw({ ...ask, n: open.length });
    const judged = await Promise.all(drawn.map(({ message }) => judgeMessage(message, guard, signal)));
    for (const [place, index] of open.entries()) {
      const [one, verdict] = [drawn[place], judged[place]];
      if (one === undefined || verdict === undefined) continue;
      choices[index] = settled(one, verdict, { guard, attempt, before: before[index] ?? [] });
      before[index]?.push(...verdict.refused);
    }
    ask = askedAgain(request, before.flat(), attempt);
  }
  return choices.map((choice, index) => choice ?? withheld(before[index] ?? [], guard.retries + 1));
}

/** The choice that a message becomes; undefined where it may not be shown. */
function settled(
  drawn: Drawn,
  { message, refused, repaired, repairs, unscanned }: JudgedMessage,
  { guard, attempt, before }: { guard: EndpointGuard; attempt: number; before: readonly MessageRefusal[] },
): Choice | undefined {
  const all = [...before, ...refused].map(({ refusal }) => reported(refusal));
  const report = { attempts: attempt, repairs, refused: all, unscanned };
  const give = (action: ChoiceAction): Choice => choiceOf({ ...drawn, message }, { action, ...report });
  if (refused.length === 0) return give(attempt > 1 ? "resampled" : "accepted");
  if (guard.mode === "annotate") return give("annotated");
  return repaired ? give("repaired") : undefined;
}

function choiceOf({ message, finish }: Drawn, report: ChoiceReport): Choice {
  return { message, finish_reason: finish, logprobs: null, hexacoder: report };
}

function withheld(refused: readonly MessageRefusal[], attempts: number): Choice {
  const why = sentencesOf(refused).join(" ");
  const text = `hexacoder withheld this answer, after ${attempts} ${attempts === 1 ? "draft" : "drafts"}. ${why}`;
  const report = {
    ...plainReport("withheld"),
    attempts,
    refused: refused.map(({ refusal }) => reported(refusal)),
  };
  const message = { role: "assistant", content: text, refusal: text };
  return { message, finish_reason: "content_filter", logprobs: null, hexacoder: report };
}

/** What was wrong, a sentence for each weakness. */
function sentencesOf(refused: readonly MessageRefusal[]): string[] {
  const sentences = refused.flatMap(({ language, refusal }) => {
    if (refusal.kind === "unscanned") return [`A program in it could not be analysed (${refusal.reason}).`];
    return refusal.findings.map(({ cwes, message }) => {
      const [cwe] = cwes;
      return cwe === undefined ? message : `${nameOf(cwe, language)}: ${message}`;
    });
  });
  return [...new Set(sentences)];
}

function nameOf(cwe: CweId, language: MessageRefusal["language"]): string {
  const name = language === undefined ? undefined : hintFor(cwe, language)?.name;
  return name === undefined ? cwe : `${cwe} (${name})`;
}

/** The same request, with another seed, and with the report and the hints behind the last thing that was said. */
function askedAgain(
  request: RawChatRequest,
  refused: readonly MessageRefusal[],
  attempt: number,
): RawChatRequest {
  const hints = refused.flatMap(({ language, refusal }) =>
    refusal.kind === "unscanned" || language === undefined
      ? []
      : refusal.findings.flatMap(({ cwes }) =>
          cwes.slice(0, 1).flatMap((cwe) => hintFor(cwe, language)?.hint ?? []),
        ),
  );
  const note = [
    "A security check refused an earlier draft of the answer:",
    ...sentencesOf(refused),
    ...new Set(hints),
    "Write the whole answer so that this does not apply to it, and do not mention the check.",
  ].join("\n");
  const seed = typeof request.seed === "number" ? { seed: request.seed + attempt } : {};
  return { ...request, ...seed, messages: withNote(request.messages, note) };
}

/** Some chat templates refuse two turns of one speaker: the note goes into the user's last, where it is the last. */
function withNote(messages: readonly unknown[], note: string): unknown[] {
  const last = messages.at(-1);
  if (
    typeof last === "object" &&
    last !== null &&
    "role" in last &&
    last.role === "user" &&
    "content" in last
  ) {
    const { content } = last;
    const before = messages.slice(0, -1);
    if (typeof content === "string") return [...before, { ...last, content: `${content}\n\n${note}` }];
    if (Array.isArray(content))
      return [...before, { ...last, content: [...content, { type: "text", text: note }] }];
  }
  return [...messages, { role: "user", content: note }];
}
