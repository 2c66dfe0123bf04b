// What the endpoint serves: one model under one name, and the guard in front of it.
import type { Strategy } from "../core/completion.ts";
import type { Finding } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { Sampling } from "../generation/generation.ts";
import type { Refusal } from "../generation/guard-program.ts";
import type { CompletionModel } from "../llm/llm.ts";
import type { RawChat } from "../llm/raw-chat.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer } from "../repair/repairer.ts";

/** Ways of guarding an endpoint: `annotate` lets everything through and says what was found. */
export const endpointGuards = ["off", "annotate", "reject", "repair"] as const;
/** See {@link endpointGuards}. */
export type EndpointGuardMode = (typeof endpointGuards)[number];

/**
 * What becomes of code that no oracle could look at. `withhold`: programs in Python and C that do not parse are
 * refused, other languages pass. `pass`: both pass. `strict`: neither does. Whatever passes is marked.
 */
export const unscannedPolicies = ["withhold", "pass", "strict"] as const;
/** See {@link unscannedPolicies}. */
export type UnscannedPolicy = (typeof unscannedPolicies)[number];

/** The guard of an endpoint. */
export interface EndpointGuard {
  /** What happens to what is flagged. */
  readonly mode: Exclude<EndpointGuardMode, "off">;
  /** Says what is flagged. */
  readonly oracle: SecurityOracle;
  /** Repairs in mode `repair`. */
  readonly repairer?: Repairer | undefined;
  /** How often a refused answer is asked for again, at most. */
  readonly retries: number;
  /** What becomes of what could not be looked at. */
  readonly unscanned: UnscannedPolicy;
}

/** What is served. */
export interface Endpoint {
  /** The model's name for clients. */
  readonly name: string;
  /** Continues text; absent for models that only chat. */
  readonly completions?: CompletionModel | undefined;
  /** Chats; absent for models that only continue text. */
  readonly chat?: RawChat | undefined;
  /** Absent: nothing is guarded. */
  readonly guard?: EndpointGuard | undefined;
  /** How completions are generated. */
  readonly strategy: Strategy;
  /** How completions are sampled where a request does not say. */
  readonly sampling: Omit<Sampling, "seed" | "stop">;
  /** Language of completions whose language cannot be told from the prompt. */
  readonly language: Language;
}

/** What was done with a choice. */
export type ChoiceAction = "unguarded" | "accepted" | "annotated" | "resampled" | "repaired" | "withheld";

/** What the guard says of a choice; the field `hexacoder` of the answer. */
export interface ChoiceReport {
  readonly action: ChoiceAction;
  /** Answers that were drawn, from 1. */
  readonly attempts: number;
  /** Repairs that were applied, by name. */
  readonly repairs: readonly string[];
  /** Why drafts were refused; with `annotated`, what was found in what is shown. */
  readonly refused: readonly ReportedRefusal[];
  /** Code that was let through without having been looked at, and why. */
  readonly unscanned: readonly string[];
}

/** The report of a choice that was taken as it was drawn. */
export function plainReport(action: ChoiceAction): ChoiceReport {
  return { action, attempts: 1, repairs: [], refused: [], unscanned: [] };
}

/** A refusal without the flows, which would show the code that is withheld. */
export type ReportedRefusal =
  | { readonly kind: "flagged"; readonly findings: readonly Omit<Finding, "codeFlow">[] }
  | { readonly kind: "unscanned"; readonly reason: string };

/** A refusal as clients are told of it. */
export function reported(refusal: Refusal): ReportedRefusal {
  if (refusal.kind === "unscanned") return refusal;
  return { kind: "flagged", findings: refusal.findings.map(({ codeFlow: _flow, ...finding }) => finding) };
}
