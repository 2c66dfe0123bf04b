// Who may use the endpoint: whoever shows the key; without one, programs on this machine, and no pages in its
// browsers that have made their own name point here (DNS rebinding).
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

/** Throws where a request may not come in. */
export function requireAllowed(
  request: IncomingMessage,
  { key, local }: { readonly key: string | undefined; readonly local: boolean },
): void {
  if (key === undefined) {
    if (local && !isThisMachine(request.headers.host ?? "")) {
      const message = "This endpoint answers to localhost alone.";
      throw new ApiError({ status: 403, code: "forbidden_host", message });
    }
    return;
  }
  const shown = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (same(shown, key)) return;
  const message = "The key is missing or wrong; send it as the header Authorization: Bearer ….";
  throw new ApiError({ status: 401, code: "invalid_api_key", message });
}

function isThisMachine(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}

/** Compares without telling by the time how much was right. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
