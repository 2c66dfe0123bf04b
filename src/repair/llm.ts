// The paper's repair: a model gets the program, the oracle's report, and a hint how the weakness
// is usually mitigated, and writes the program anew. The oracle's verdict on its answer goes back
// for another round. Answers are programs and nothing else; fences and prose around them are cut.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { CompletionModel } from "../llm/llm.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { hintFor } from "./hints.ts";
import type { RepairCandidate, Repairer, RepairOutcome, RepairRequest } from "./repairer.ts";

/** What the model is told besides the program (the paper's ablation). */
export const feedbackLevels = ["none", "report", "report+hint"] as const;
/** See {@link feedbackLevels}. */
export type Feedback = (typeof feedbackLevels)[number];

/** How the model is asked. */
export interface LlmRepairOptions {
  /** What it is told; `report+hint` when absent. */
  readonly feedback?: Feedback;
  /** Most rounds, from 1; 1 when absent. */
  readonly rounds?: number;
  /** Judges each round's answer; without it there is one round. */
  readonly oracle?: SecurityOracle;
  /** Most new tokens of an answer; 2048 when absent. */
  readonly maxTokens?: number;
  /** Seed of the first round; 42 when absent. */
  readonly seed?: number;
}

const VERSION = "1";
const FENCE = "```";

/** Makes a repairer that asks a model. */
export function createLlmRepairer(model: CompletionModel, options: LlmRepairOptions = {}): Repairer {
  const complete: Required<Omit<LlmRepairOptions, "oracle">> & Pick<LlmRepairOptions, "oracle"> = {
    feedback: "report+hint",
    rounds: 1,
    maxTokens: 2048,
    seed: 42,
    ...options,
  };
  return {
    identity: `llm@${VERSION}(${model.identity},${complete.feedback},${complete.rounds})`,
    repair: (request, { signal } = {}) => repairInRounds(model, request, complete, signal),
  };
}

type Settings = Required<Omit<LlmRepairOptions, "oracle">> & Pick<LlmRepairOptions, "oracle">;

async function repairInRounds(
  model: CompletionModel,
  { file, cwe, report }: RepairRequest,
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<RepairOutcome> {
  const candidates: RepairCandidate[] = [];
  let question = { file, report };
  for (let round = 1; round <= settings.rounds; round++) {
    const text = await ask(
      model,
      repairPrompt({ ...question, cwe }, settings.feedback),
      settings,
      round,
      signal,
    );
    if (text === undefined) break;
    // The latest answer has heard the most: it is tried first.
    candidates.unshift({ text, repair: { by: "llm", model: model.identity, rounds: round } });
    const next = { ...file, text };
    const left = await findingsLeft(settings.oracle, next, cwe, signal);
    if (left.length === 0) break;
    question = { file: next, report: left };
  }
  if (candidates.length > 0) return { kind: "candidates", candidates };
  return { kind: "none", reason: "model-failed", detail: "The model's answer held no program." };
}

async function ask(
  model: CompletionModel,
  prompt: string,
  { maxTokens, seed }: Settings,
  round: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const request = {
    prompt,
    n: 1,
    maxTokens,
    temperature: 0.1,
    topP: 0.95,
    stop: [`\n${FENCE}`],
    seed: seed + round - 1,
  };
  const { completions } = await model.complete(request, signal === undefined ? {} : { signal });
  const [answer] = completions;
  // A program that was cut off at the token limit is no program.
  if (answer === undefined || answer.finishReason === "length") return undefined;
  return programIn(answer.text);
}

async function findingsLeft(
  oracle: SecurityOracle | undefined,
  file: SourceFile,
  cwe: CweId,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  if (oracle === undefined) return [];
  const language = await loadLanguage(file.language);
  if (!language.parses(file.text)) return [];
  const [result] = await oracle.scan([file], signal === undefined ? {} : { signal });
  if (result?.status !== "scanned") return [];
  return result.findings.filter(({ cwes, level }) => cwes.includes(cwe) && level !== "note");
}

/** The prompt of the paper in our words: task, report, hint, program, and an open fence for the answer. */
export function repairPrompt({ file, cwe, report }: RepairRequest, feedback: Feedback): string {
  const known = hintFor(cwe, file.language);
  const lines = [
    `The following ${file.language} program has a security weakness. Write the whole program again without it.`,
    "Change as little as possible: keep what it does, its functions, their parameters and its comments.",
    "Answer with the program only.",
  ];
  if (feedback !== "none") {
    lines.push("", `Weakness: ${cwe}${known === undefined ? "" : ` (${known.name})`}`);
    for (const { region, message } of report) lines.push(`Line ${region.startLine}: ${message}`);
  }
  if (feedback === "report+hint" && known !== undefined) lines.push("", `Hint: ${known.hint}`);
  return [
    ...lines,
    "",
    "Program:",
    FENCE + file.language,
    file.text.trimEnd(),
    FENCE,
    "",
    "Repaired program:",
    `${FENCE}${file.language}`,
    "",
  ].join("\n");
}

/**
 * The program in a model's answer: the longest fenced block. The prompt ends in an open fence, so
 * that a first fence without a language closes it where the fences do not pair up otherwise.
 */
export function programIn(answer: string): string | undefined {
  const parts = answer.split(/^```([\w+-]*)[ \t]*$/m);
  const fences = (parts.length - 1) / 2;
  const closesPrompt = fences === 0 || (fences % 2 === 1 && parts[1] === "");
  // Between fences, every other part is a program; the split has the fences' languages in between.
  const programs = parts.filter((_part, index) => index % 4 === (closesPrompt ? 0 : 2));
  const longest = programs.sort((a, b) => b.length - a.length)[0] ?? "";
  const program = `${longest.replace(/^\s*\n/, "").trimEnd()}\n`;
  return program.trim() === "" ? undefined : program;
}
