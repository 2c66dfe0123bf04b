// How a request to a service can fail. Whether it is worth another try, and whether it may have been paid for,
// is decided here, once, for every provider.
import { HexacoderError } from "../core/errors.ts";

/** What went wrong. */
export type FailureKind =
  /** The service knows neither key nor credit: no request will succeed. */
  | "key"
  /** There is no such model: no request will succeed. */
  | "model"
  /** Overloaded, rate limited, or broken inside: the same request may succeed later. */
  | "busy"
  /** No connection, or one that broke. */
  | "unreachable"
  /** No whole answer in the time given. */
  | "timeout"
  /** An answer that is none: not JSON, no choices, far too long. */
  | "bad-answer"
  /** The service will not have this request. */
  | "bad-request";

const RETRIED = new Set<FailureKind>(["busy", "unreachable", "timeout", "bad-answer"]);

/** The particulars of a failed request. */
export interface FailureFacts {
  readonly kind: FailureKind;
  /** What the service said, without the key. */
  readonly said: string;
  /** Whether the service may have worked, and so charge, for it. */
  readonly mayBePaid: boolean;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** A parameter of the request that the model does not take. */
  readonly parameter?: string | undefined;
}

/** A failed request. */
export class ProviderFailure extends Error {
  readonly facts: FailureFacts;

  constructor(facts: FailureFacts) {
    super(facts.said);
    this.name = "ProviderFailure";
    this.facts = facts;
  }

  /** Whether the same request may succeed later. */
  get worthRetrying(): boolean {
    return RETRIED.has(this.facts.kind);
  }
}

/** Who was asked, for messages. */
export interface Asked {
  readonly identity: string;
  /** Variable that the key comes from. */
  readonly keyVariable?: string | undefined;
}

/** The paragraph that a user gets for a failure that ends the run. */
export function failureError({ facts }: ProviderFailure, { identity, keyVariable }: Asked): HexacoderError {
  const said = facts.said === "" ? "" : `: ${facts.said}`;
  if (facts.kind === "key") {
    return new HexacoderError("key-missing", {
      message: `${identity}: the service refused the key, or its credit is used up${said}.`,
      remedy: `Set ${keyVariable ?? "the key's variable"} (or --key-file) to a key that is valid for this service and model; go on with --resume.`,
    });
  }
  if (facts.kind === "model") {
    return new HexacoderError("model-missing", {
      message: `${identity} is not there to chat with${said}.`,
      remedy:
        "Check the model's name and address; a base model that only continues text is asked with --interface completion.",
    });
  }
  // The cause is left out on purpose: it may carry the request with its headers.
  return new HexacoderError("provider-failed", {
    message: `${identity} failed${said}.`,
    remedy:
      "Run the same command again once the service answers; a run goes on with --resume, and keeps what was finished.",
  });
}
