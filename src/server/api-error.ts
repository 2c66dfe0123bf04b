// Failures as OpenAI's clients read them (https://platform.openai.com/docs/guides/error-codes): a status, and a
// body `{error: {message, type, param, code}}`. What a client did wrong is his to mend (400); what the service
// behind us did is not (502 to 504).
import { type ErrorCode, HexacoderError } from "../core/errors.ts";
import { type FailureKind, ProviderFailure } from "../llm/failure.ts";

/** The particulars of a refused or failed request. */
export interface ApiErrorFacts {
  /** The HTTP status. */
  readonly status: number;
  /** A word for programs. */
  readonly code: string;
  /** What is wrong, and what to do. */
  readonly message: string;
  /** The field of the request that is wrong. */
  readonly param?: string | undefined;
  /** When it may be tried again, in seconds. */
  readonly retryAfter?: number | undefined;
}

/** A refused or failed request. */
export class ApiError extends Error {
  readonly facts: ApiErrorFacts;

  constructor(facts: ApiErrorFacts, cause?: unknown) {
    super(facts.message, cause === undefined ? undefined : { cause });
    this.name = "ApiError";
    this.facts = facts;
  }

  /** The body that clients get. */
  get body(): Record<string, unknown> {
    const { status, message, param = null, code } = this.facts;
    return { error: { message, type: typeOf(status), param, code } };
  }
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** A request that cannot be served as it is. */
export function badRequest(message: string, param?: string, code = "invalid_request"): ApiError {
  return new ApiError({ status: 400, code, message, param });
}

/** Any failure as one for clients; a bug becomes a 500 that tells nothing of the inside. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ProviderFailure) return failureOf(error);
  if (error instanceof HexacoderError) return ofOurs(error);
  const facts = { status: 500, code: "internal_error", message: "The endpoint failed; its log says how." };
  return new ApiError(facts, error);
}

const failures = {
  key: { status: 502, code: "upstream_key" },
  model: { status: 502, code: "upstream_model" },
  busy: { status: 503, code: "upstream_busy" },
  unreachable: { status: 502, code: "upstream_unreachable" },
  timeout: { status: 504, code: "upstream_timeout" },
  "bad-answer": { status: 502, code: "upstream_bad_answer" },
  "bad-request": { status: 400, code: "upstream_refused" },
} as const satisfies Record<FailureKind, { status: number; code: string }>;

function failureOf(error: ProviderFailure): ApiError {
  const { kind, said, parameter, retryAfterMs } = error.facts;
  const retryAfter = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  const message = `The model behind this endpoint: ${said}`;
  return new ApiError({ ...failures[kind], message, param: parameter, retryAfter }, error);
}

// What a request can bring about; everything else ends a command before a server runs.
const statuses: Partial<Record<ErrorCode, number>> = {
  "bad-usage": 400,
  "bad-input": 400,
  "unsupported-language": 400,
  "provider-failed": 502,
  "key-missing": 502,
  "model-missing": 502,
  "trainer-failed": 503,
};

function ofOurs(error: HexacoderError): ApiError {
  const status = statuses[error.code] ?? 500;
  return new ApiError({ status, code: error.code.replaceAll("-", "_"), message: error.message }, error);
}
