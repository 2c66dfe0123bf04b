// The routes: OpenAI's, and /health. Each says in a word what it did, for the log.
import type { IncomingMessage, ServerResponse } from "node:http";
import { percentDecoded } from "../util/text.ts";
import { ApiError } from "./api-error.ts";
import { completeChat } from "./chat.ts";
import { chunksOf, usageOf } from "./chunks.ts";
import { completeText } from "./completions.ts";
import type { ChoiceReport } from "./endpoint.ts";
import { EventStream } from "./event-stream.ts";
import { parseBody, readJson, sendJson } from "./http.ts";
import { chatRequestSchema, completionRequestSchema } from "./requests.ts";
import type { World } from "./world.ts";

/** A request and what it is served with. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly world: World;
  /** Aborted when the client goes, or the endpoint ends. */
  readonly signal: AbortSignal;
}

type Handler = (visit: Visit) => string | Promise<string>;

const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/health": { GET: health },
  "/v1/models": { GET: models },
  "/v1/completions": { POST: completions },
  "/v1/chat/completions": { POST: chat },
};

/** Serves a request; throws an `ApiError` for one that cannot be. */
export async function route(visit: Visit): Promise<string> {
  const { method = "GET", url = "/" } = visit.request;
  const path = url.replace(/[?#].*$/s, "").replace(/(?<=.)\/$/, "");
  const entry = path.startsWith("/v1/models/") ? { GET: model } : routes[path];
  if (entry === undefined) {
    const message = `There is nothing at ${path.slice(0, 100)}; there are: ${Object.keys(routes).join(", ")}.`;
    throw new ApiError({ status: 404, code: "not_found", message });
  }
  const handler = entry[method === "HEAD" ? "GET" : method];
  if (handler !== undefined) return await handler(visit);
  const allowed = Object.keys(entry).join(", ");
  visit.response.setHeader("allow", allowed);
  throw new ApiError({ status: 405, code: "method_not_allowed", message: `${path} takes ${allowed}.` });
}

function health({ response, world }: Visit): string {
  sendJson(response, { body: { status: "ok", ...world.room.load, ...world.tally.counts } });
  return "";
}

function models({ response, world }: Visit): string {
  sendJson(response, { body: { object: "list", data: [entryOf(world)] } });
  return "";
}

function model({ request, response, world }: Visit): string {
  const asked = (request.url ?? "").replace(/[?#].*$/s, "").slice("/v1/models/".length);
  requireModel(percentDecoded(asked), world);
  sendJson(response, { body: entryOf(world) });
  return "";
}

function entryOf({ endpoint, started }: World): Record<string, unknown> {
  return { id: endpoint.name, object: "model", created: started, owned_by: "hexacoder" };
}

function requireModel(asked: string, { endpoint }: World): void {
  if (asked === endpoint.name) return;
  const message = `There is no model "${asked.slice(0, 100)}" here; there is: ${endpoint.name}.`;
  throw new ApiError({ status: 404, code: "model_not_found", message, param: "model" });
}

async function completions(visit: Visit): Promise<string> {
  const body = parseBody(completionRequestSchema, await readJson(visit.request));
  const { endpoint } = visit.world;
  return await answered(visit, body, () => completeText(body, endpoint, visit.signal));
}

async function chat(visit: Visit): Promise<string> {
  const body = parseBody(chatRequestSchema, await readJson(visit.request));
  const { endpoint } = visit.world;
  return await answered(visit, body, () => completeChat(body, endpoint, visit.signal));
}

type Answer = Awaited<ReturnType<typeof completeText>> | Awaited<ReturnType<typeof completeChat>>;

interface Wishes {
  readonly model: string;
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { include_usage?: boolean | null | undefined } | null | undefined;
}

/** Waits for a place, works, and sends the answer whole or as a stream. */
async function answered(
  { response, world, signal }: Visit,
  body: Wishes,
  work: () => Promise<Answer>,
): Promise<string> {
  requireModel(body.model, world);
  const stream = body.stream === true ? new EventStream(response, world.heartbeatMs) : undefined;
  try {
    const answer = await world.room.run(work, signal);
    const reports = answer.choices.map(({ hexacoder }) => hexacoder);
    world.tally.addChoices(reports);
    const headers = { "x-hexacoder-guard": reports.map(({ action }) => action).join(",") };
    const usage = body.stream_options?.include_usage === true;
    if (stream !== undefined) await stream.finish(chunksOf(answer, { usage }), headers);
    else sendJson(response, { body: { ...answer, usage: usageOf(answer) }, headers });
    return remarkOn(reports);
  } finally {
    stream?.stop();
  }
}

/** What the guard did, and why, in a line: weaknesses, and nothing of the code. */
function remarkOn(reports: readonly ChoiceReport[]): string {
  return reports
    .map(({ action, attempts, refused }) => {
      const why = refused.flatMap((refusal) =>
        refusal.kind === "unscanned"
          ? [refusal.reason]
          : refusal.findings.flatMap(({ cwes }) => cwes.slice(0, 1)),
      );
      const drafts = attempts > 1 ? ` after ${attempts} drafts` : "";
      return `${action}${drafts}${why.length === 0 ? "" : ` (${[...new Set(why)].join(", ")})`}`;
    })
    .join("; ");
}
