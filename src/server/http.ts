// The little of HTTP that the endpoint needs: JSON in, JSON out, and events for answers that are streamed.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import { ApiError, badRequest } from "./api-error.ts";

/** A request's body may have so many bytes: a context of a million tokens, and pictures. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Reads a request's JSON body. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  // A page in a browser can send other types anywhere without asking: JSON alone is asked for beforehand.
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(request.headers["content-type"] ?? "")) {
    const message = "Send the request as JSON, with the header Content-Type: application/json.";
    throw new ApiError({ status: 415, code: "unsupported_media_type", message });
  }
  if (!/^(?:|identity)$/i.test(request.headers["content-encoding"] ?? "")) {
    const message = "Send the body as it is, without a Content-Encoding.";
    throw new ApiError({ status: 415, code: "unsupported_media_type", message });
  }
  const bytes = await bodyOf(request);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest("The body is not UTF-8 text.");
  }
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw badRequest("The body is not JSON.");
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): ApiError {
  const message = `The request has more than ${MOST_BYTES / 1024 / 1024} MiB.`;
  return new ApiError({ status: 413, code: "request_too_large", message });
}

/** Reads a body by a schema; the first thing that is wrong is said with its field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  if (unknown !== undefined) {
    throw badRequest(`This endpoint does not know the field "${unknown}".`, unknown, "unknown_parameter");
  }
  const path = issue?.path.map(String).join(".") ?? "";
  const where = path === "" ? "The body" : `"${path}"`;
  const param = path === "" ? undefined : path;
  // What checks of our own say goes on where the field's name ends.
  const own = issue?.code === "custom" || issue?.code === "invalid_union";
  throw badRequest(`${where}${own ? "" : ":"} ${issue?.message ?? "is wrong"}.`, param);
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  { status = 200, body, headers = {} }: { status?: number; body: unknown; headers?: Record<string, string> },
): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": text.length,
    ...headers,
  });
  response.end(text);
}

/** Answers with a failure; where an answer has begun, as an event of it. */
export function sendError(response: ServerResponse, error: ApiError): void {
  if (response.headersSent) {
    if (!response.writableEnded) response.end(`data: ${JSON.stringify(error.body)}\n\n`);
    return;
  }
  const { status, retryAfter } = error.facts;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": `${retryAfter}` };
  if (status === 401) headers["www-authenticate"] = "Bearer";
  // What is left of a body that was refused unread must not be taken for the next request.
  if (!response.req.complete) headers.connection = "close";
  sendJson(response, { status, body: error.body, headers });
}
