// What a workshop does for others: a task and its answer, plain data that can be sent to a thread or put into a
// queue. Whoever answers, the bytes are the same.
import { type ErrorCode, HexacoderError } from "../core/errors.ts";
import type { ScanResult, SourceFile } from "../core/finding.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import type { Repairer, RepairOutcome, RepairRequest } from "../repair/repairer.ts";
import type { Verifier } from "./synthesis.ts";

/** What looks at programs, repairs and judges them. */
export interface WorkshopTools {
  /** Finds the weak programs. */
  readonly detect: SecurityOracle;
  /** Repairs by rewrites. */
  readonly codemods: Repairer;
  /** Asks every gate. */
  readonly verify: Verifier;
}

/** What is asked. */
export type WorkshopTask =
  | { readonly kind: "scan"; readonly files: readonly SourceFile[] }
  | { readonly kind: "repair"; readonly request: RepairRequest }
  | { readonly kind: "verify"; readonly request: Parameters<Verifier>[0] };

/** Why there is no answer. */
interface TaskError {
  readonly kind: "error";
  /** Absent for a bug. */
  readonly code?: ErrorCode | undefined;
  readonly message: string;
  readonly remedy: string;
}

/** What is answered. */
export type WorkshopAnswer =
  | { readonly kind: "scan"; readonly result: ScanResult[] }
  | { readonly kind: "repair"; readonly result: RepairOutcome }
  | { readonly kind: "verify"; readonly result: Awaited<ReturnType<Verifier>> }
  | TaskError;

/** Does a task; what goes wrong is an answer, too. */
export async function answerTask(
  task: WorkshopTask,
  tools: WorkshopTools | Promise<WorkshopTools>,
): Promise<WorkshopAnswer> {
  try {
    return await work(task, await tools);
  } catch (error) {
    return errorAnswer(error);
  }
}

/** An error as an answer. */
export function errorAnswer(error: unknown): TaskError {
  if (error instanceof HexacoderError) {
    const { code, message, remedy } = error;
    return { kind: "error", code, message, remedy };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "error", message, remedy: "" };
}

/** The error that an answer stands for. */
export function errorOf({ code, message, remedy }: TaskError): Error {
  return code === undefined ? new Error(message) : new HexacoderError(code, { message, remedy });
}

/** Tools that ask `ask` to do everything. */
export function toolsOver(
  ask: (task: WorkshopTask) => Promise<WorkshopAnswer>,
): Pick<Repairer, "repair"> & Pick<WorkshopTools, "verify"> {
  return {
    repair: async (request) => {
      const answer = await ask({ kind: "repair", request });
      return answer.kind === "repair" ? answer.result : outOfTurn(answer);
    },
    verify: async (request) => {
      const answer = await ask({ kind: "verify", request });
      return answer.kind === "verify" ? answer.result : outOfTurn(answer);
    },
  };
}

/** An answer is not of the kind that was asked for: a bug. */
export function outOfTurn({ kind }: { readonly kind: string }): never {
  throw new Error(`a worker of synthesis answered out of turn: ${kind}`);
}

async function work(
  task: WorkshopTask,
  { detect, codemods, verify }: WorkshopTools,
): Promise<WorkshopAnswer> {
  switch (task.kind) {
    case "scan":
      return { kind: "scan", result: await detect.scan(task.files) };
    case "repair":
      return { kind: "repair", result: await codemods.repair(task.request) };
    case "verify":
      return { kind: "verify", result: await verify(task.request) };
    default:
      return task satisfies never;
  }
}
