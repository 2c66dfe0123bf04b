// The paper's repair: a model gets the program, the oracle's report, and a hint how the weakness
// is usually mitigated, and writes the program anew. The oracle's verdict on its answer goes back
// for another round. Answers are programs and nothing else; what stands around them is cut.
import type { CweId } from "../core/cwe.ts";
import type { Finding, SourceFile } from "../core/finding.ts";
import type { LanguageSupport } from "../lang/lang.ts";
import { loadLanguage } from "../lang/registry.ts";
import { type Answer, readAnswer } from "../llm/answers.ts";
import type { ChatModel } from "../llm/chat.ts";
import { fenceNamesOf } from "../llm/fences.ts";
import type { CompletionModel } from "../llm/llm.ts";
import { chatOverCompletion } from "../llm/over-completion.ts";
import type { SecurityOracle } from "../oracle/oracle.ts";
import { hintFor } from "./hints.ts";
import type { Hints } from "./hints-file.ts";
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
  /** Hints; the catalogue's when absent. */
  readonly hints?: Hints;
}

type Settings = Required<Omit<LlmRepairOptions, "oracle">> & Pick<LlmRepairOptions, "oracle">;

const VERSION = "2";
const FENCE = "```";
const TEMPERATURE = 0.1;
const TOP_P = 0.95;

/** Makes a repairer that asks a model; one that only continues text is asked in an open fence. */
export function createLlmRepairer(
  model: ChatModel | CompletionModel,
  options: LlmRepairOptions = {},
): Repairer {
  const settings: Settings = {
    feedback: "report+hint",
    rounds: 1,
    maxTokens: 2048,
    seed: 42,
    hints: hintFor,
    ...options,
  };
  return {
    identity: `llm@${VERSION}(${model.identity},${settings.feedback},${settings.rounds})`,
    repair: (request, { signal } = {}) => {
      const chat = "chat" in model ? model : chatOverCompletion(model, request.file.language);
      return repairInRounds(chat, request, settings, signal);
    },
  };
}

async function repairInRounds(
  model: ChatModel,
  { file, cwe, report }: RepairRequest,
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<RepairOutcome> {
  const language = await loadLanguage(file.language);
  const candidates: RepairCandidate[] = [];
  let question = { file, report };
  let outcome: RepairOutcome = none("model-failed", "The model was not asked.");
  for (let round = 1; round <= settings.rounds; round++) {
    const prompt = repairPrompt({ ...question, cwe }, settings.feedback, settings.hints);
    const answer = await ask(model, { prompt, round, language, settings, signal });
    if (answer.kind !== "programs") {
      outcome = none(answer.kind === "no-program" ? "model-failed" : answer.kind, answer.detail);
      break;
    }
    const text = newest(answer.programs, [file.text, question.file.text]);
    if (text === undefined) {
      outcome = none("model-failed", "The model gave the program back as it was.");
      break;
    }
    // The latest answer has heard the most: it is tried first.
    candidates.unshift({ text, repair: { by: "llm", model: model.identity, rounds: round } });
    const next = { ...file, text };
    const left = await findingsLeft(settings.oracle, next, cwe, signal);
    if (left.length === 0) break;
    question = { file: next, report: left };
  }
  return candidates.length > 0 ? { kind: "candidates", candidates } : outcome;
}

function none(reason: "refused" | "truncated" | "model-failed", detail: string): RepairOutcome {
  return { kind: "none", reason, detail };
}

interface Question {
  readonly prompt: string;
  readonly round: number;
  readonly language: LanguageSupport;
  readonly settings: Settings;
  readonly signal: AbortSignal | undefined;
}

async function ask(
  model: ChatModel,
  { prompt, round, language, settings, signal }: Question,
): Promise<Answer> {
  const reply = await model.chat(
    {
      messages: [{ role: "user", content: prompt }],
      maxTokens: settings.maxTokens,
      temperature: TEMPERATURE,
      topP: TOP_P,
      seed: settings.seed + round - 1,
    },
    { signal },
  );
  const fenceNames = fenceNamesOf(language.language);
  return readAnswer(reply, { parses: (text) => language.parses(text), fenceNames });
}

/** Of several programs the longest that is not what was asked about: models quote the weak one first. */
function newest(programs: readonly string[], known: readonly string[]): string | undefined {
  const fresh = programs.filter((text) => !known.some((before) => before.trim() === text.trim()));
  return fresh.sort((a, b) => b.length - a.length)[0];
}

async function findingsLeft(
  oracle: SecurityOracle | undefined,
  file: SourceFile,
  cwe: CweId,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  if (oracle === undefined) return [];
  const [result] = await oracle.scan([file], signal === undefined ? {} : { signal });
  if (result?.status !== "scanned") return [];
  return result.findings.filter(({ cwes, level }) => cwes.includes(cwe) && level !== "note");
}

/** The prompt of the paper in our words: task, report, hint, program. */
export function repairPrompt(
  { file, cwe, report }: RepairRequest,
  feedback: Feedback,
  hints: Hints = hintFor,
): string {
  const known = hints(cwe, file.language);
  const name = file.language === "c" ? "C" : "Python";
  const lines = [
    `The following ${name} program has a security weakness. Write the whole program again without it.`,
    "Change as little as possible: keep what it does, its functions, their parameters and its comments.",
  ];
  if (feedback !== "none") {
    lines.push("", `Weakness: ${cwe}${known === undefined ? "" : ` (${known.name})`}`);
    for (const { region, message } of report) lines.push(`Line ${region.startLine}: ${message}`);
  }
  if (feedback === "report+hint" && known !== undefined) lines.push("", `Hint: ${known.hint}`);
  lines.push("", "Weak program:", FENCE + file.language, file.text.trimEnd(), FENCE, "");
  return [...lines, "Answer with the whole repaired program only."].join("\n");
}
