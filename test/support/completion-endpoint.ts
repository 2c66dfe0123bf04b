// A completion endpoint in this process: what it writes depends on prompt and seed alone, as with a
// model that is well behaved.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { sha256 } from "../../src/util/hash.ts";

const requestSchema = z.looseObject({
  prompt: z.string(),
  n: z.int().default(1),
  seed: z.int().default(0),
});

/** A running endpoint. */
export interface CompletionEndpoint {
  /** What `--model` takes. */
  readonly model: string;
  /** Prompts in the order in which they came. */
  readonly asked: readonly string[];
  /** Ends it. */
  close(): Promise<void>;
}

/** How the endpoint behaves. */
export interface EndpointOptions {
  /** What it may write; the choice is by prompt and seed. */
  readonly texts: readonly string[];
  /** Time that an answer takes, in milliseconds. */
  readonly delayMs?: number;
}

/** Starts an endpoint on a free port of the loopback interface. */
export async function startCompletionEndpoint({
  texts,
  delayMs = 0,
}: EndpointOptions): Promise<CompletionEndpoint> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { prompt, n, seed } = requestSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    asked.push(prompt);
    await sleep(delayMs);
    const choices = Array.from({ length: n }, (_, index) => ({
      index,
      text: chosen(texts, `${prompt}#${seed + index}`),
      finish_reason: "stop",
      logprobs: null,
    }));
    const usage = { prompt_tokens: 1, completion_tokens: n, total_tokens: n + 1 };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ id: "x", object: "text_completion", created: 0, model: "m", choices, usage }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    model: `http://127.0.0.1:${port}/v1#m`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function chosen(texts: readonly string[], key: string): string {
  return texts[Number.parseInt(sha256(key).slice(0, 8), 16) % texts.length] ?? "";
}
