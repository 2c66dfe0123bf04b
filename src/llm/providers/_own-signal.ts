// One signal of a whole run watches over thousands of requests: each gets its own, and takes its listener off
// the run's again, or they would pile up there until the end.
import { setMaxListeners } from "node:events";

/** Runs `work` with a signal that follows `outer` for as long as the work takes. */
export async function withOwnSignal<T>(
  outer: AbortSignal | undefined,
  work: (own: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (outer === undefined) return await work(undefined);
  outer.throwIfAborted();
  const own = new AbortController();
  const follow = (): void => own.abort(outer.reason);
  // As many as there are requests under way; Node warns from eleven on.
  setMaxListeners(0, outer);
  outer.addEventListener("abort", follow, { once: true });
  try {
    return await work(own.signal);
  } finally {
    outer.removeEventListener("abort", follow);
  }
}
