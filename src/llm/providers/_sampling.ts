// What providers share: stop texts applied here where an endpoint takes fewer, and finish reasons.
import type { FinishReason } from "../../core/completion.ts";
import type { RawCompletion } from "../llm.ts";

/** The completion up to the first stop text. */
export function cutAtStop(completion: RawCompletion, stops: readonly string[]): RawCompletion {
  const places = stops.map((stop) => completion.text.indexOf(stop)).filter((place) => place >= 0);
  if (places.length === 0) return completion;
  return { text: completion.text.slice(0, Math.min(...places)), finishReason: "stop" };
}

/** OpenAI's finish reasons, and those of the servers that imitate it. */
export function finishReason(text: string | null | undefined): FinishReason {
  if (text === "content_filter") return "content-filter";
  return text === "stop" || text === "length" ? text : "error";
}

/** Takes a key out of a text that is going to be shown. */
export function redact(text: string, key: string | undefined): string {
  const without = key === undefined || key === "" ? text : text.replaceAll(key, "…");
  // Services repeat a key half masked: sk-abc***xyz.
  return without.replace(/\b(sk|pk|hf)[-_][\w*.-]{4,}/g, "…");
}
