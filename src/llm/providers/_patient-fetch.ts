// `fetch` without its five minutes: Node's own gives up when an answer's headers take longer, and a batch on
// a laptop's processor may. Only what model clients use: a text body in, the whole body out.
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

/** Sends a request and waits for the whole answer, for as long as its signal allows. */
export async function patientFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const body = init.body ?? undefined;
  if (body !== undefined && typeof body !== "string") throw new TypeError("only text bodies are sent");
  const headers = Object.fromEntries(new Headers(init.headers));
  const answer = await send(url, { method: init.method ?? "GET", headers }, body, init.signal ?? undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  return new Response(Buffer.concat(chunks), {
    status: answer.statusCode ?? 502,
    headers: Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  });
}

/** Sends a request; resolves when the head of the answer is there. */
export function send(
  url: URL,
  options: { method: string; headers: Record<string, string> },
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(
      url,
      { ...options, ...(signal === undefined ? {} : { signal }) },
      resolve,
    );
    request.once("error", reject);
    request.end(body);
  });
}
