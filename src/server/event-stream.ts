// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as OpenAI streams them. An
// answer under guard is judged before any of it is sent; until then comments keep the connection alive. Nothing
// is sent before the first of them is due, so that what fails at once still has its own status.
import type { ServerResponse } from "node:http";

/** An answer that is streamed. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;

  constructor(response: ServerResponse, heartbeatMs: number) {
    this.#response = response;
    this.#timer = setInterval(() => {
      this.#begin();
      response.write(": still at work\n\n");
    }, heartbeatMs);
    response.once("close", () => this.stop());
  }

  /** Sends the events, then the word that they were all. */
  async finish(events: readonly unknown[], headers: Record<string, string>): Promise<void> {
    this.stop();
    this.#begin(headers);
    for (const event of events) await this.#write(`data: ${JSON.stringify(event)}\n\n`);
    this.#response.end("data: [DONE]\n\n");
  }

  /** Ends the comments. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #begin(headers: Record<string, string> = {}): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      // Proxies must not hold events back.
      "x-accel-buffering": "no",
      ...headers,
    });
  }

  /** Waits where the client reads slowly; a client that has gone is not waited for. */
  async #write(text: string): Promise<void> {
    const response = this.#response;
    if (response.destroyed || response.write(text)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off("drain", go);
        response.off("close", go);
        resolve();
      };
      response.on("drain", go);
      response.on("close", go);
    });
  }
}
