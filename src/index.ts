// The library: everything that the command line is made of, by name.

// Records and errors.
export * from "./core/completion.ts";
export * from "./core/cwe.ts";
export { type ErrorCode, exitCodes, HexacoderError } from "./core/errors.ts";
export * from "./core/evaluation.ts";
export * from "./core/finding.ts";
export * from "./core/language.ts";
export * from "./core/manifest.ts";
export * from "./core/pair.ts";
// Training data.
export { type BuildOptions, buildDataset } from "./dataset/build.ts";
export type { DatasetFacts } from "./dataset/card.ts";
export { type ExportFacts, type ExportFormat, exportDataset } from "./dataset/export.ts";
export { type ExtendOptions, extendDataset } from "./dataset/extend.ts";
export { type ImportOptions, importDataset } from "./dataset/import.ts";
export { loadBenchmark } from "./evaluation/benchmarks/load.ts";
// Evaluation.
export { benchmarkNames } from "./evaluation/benchmarks/manifest.ts";
export { evaluate, scoreRun } from "./evaluation/evaluate.ts";
export type { EvaluateOptions } from "./evaluation/options.ts";
export type { Arm, EvaluationPlan, Judge } from "./evaluation/plan.ts";
export { oracleScorer } from "./evaluation/scorers/oracle.ts";
export { parseScorer } from "./evaluation/scorers/parse.ts";
export type { Scorer } from "./evaluation/scorers/scorer.ts";
// Generation.
export { paperSampling, type Sampling } from "./generation/generation.ts";
export { type Guarded, type GuardMode, type GuardOptions, generateGuarded } from "./generation/guard.ts";
export type { Refusal } from "./generation/guard-program.ts";
export { createGenerator, type Generate, type GeneratorOptions } from "./generation/strategies.ts";
// Languages.
export type { LanguageSupport, SpanKind, SplitProgram } from "./lang/lang.ts";
export { loadLanguage } from "./lang/registry.ts";
export type { SyntaxNode, SyntaxTree } from "./lang/syntax.ts";
// Models.
export type { ChatMessage, ChatModel, ChatReply, ChatRequest } from "./llm/chat.ts";
export type { CompletionModel, CompletionRequest, CompletionResponse, RawCompletion } from "./llm/llm.ts";
export { openRawChat } from "./llm/open-raw-chat.ts";
export { type MockModel, type MockScript, mockModel } from "./llm/providers/mock.ts";
export type { RawChat, RawChatAnswer, RawChatRequest, RawMessage } from "./llm/raw-chat.ts";
export { type OpenModelOptions, openModel, openModelServer } from "./llm/registry.ts";
export type { ModelServer } from "./llm/server.ts";
// The oracle.
export { createBuiltinOracle } from "./oracle/engines/builtin.ts";
export { joinOracles } from "./oracle/joined.ts";
export { type SecurityOracle, type ThreatModel, threatModels } from "./oracle/oracle.ts";
export { type OracleOptions, openOracle, oracleNames } from "./oracle/registry.ts";
// Repair.
export { createRepairChain } from "./repair/chain.ts";
export { type CodemodOptions, createCodemodRepairer } from "./repair/codemod-repairer.ts";
export { type FixResult, type FixTools, fixProgram } from "./repair/fix.ts";
export { hintFor, type WeaknessHint } from "./repair/hints.ts";
export { createLlmRepairer, type Feedback, type LlmRepairOptions } from "./repair/llm.ts";
export type { RepairCandidate, Repairer, RepairOutcome, RepairRequest } from "./repair/repairer.ts";
export { type VerifyRequest, type VerifyResult, verifyRepair } from "./repair/verify.ts";
// The report.
export { writeReport } from "./report/write-report.ts";
// The sandbox.
export { requireSandbox, type SandboxAvailability, sandboxAvailability } from "./sandbox/availability.ts";
export type { PythonJob, SandboxJob, SandboxResult } from "./sandbox/job.ts";
export type { SandboxLimits } from "./sandbox/limits.ts";
export {
  openPythonWorkers,
  type PythonWorkers,
  type PythonWorkersOptions,
} from "./sandbox/python-workers.ts";
export { openSandbox, type Sandbox, type SandboxOptions } from "./sandbox/sandbox.ts";
// The endpoint.
export {
  type ChoiceAction,
  type ChoiceReport,
  type Endpoint,
  type EndpointGuard,
  type EndpointGuardMode,
  endpointGuards,
  type UnscannedPolicy,
  unscannedPolicies,
} from "./server/endpoint.ts";
export { type RunningServer, type ServerOptions, startServer } from "./server/server.ts";
export { openUpstream, type Upstream, type UpstreamOptions } from "./server/upstream.ts";
// Synthesis.
export {
  type Candidate,
  type CandidateSource,
  chainSources,
  limitSource,
  type Proposal,
} from "./synthesis/candidate.ts";
export type { SynthSummary } from "./synthesis/ledger.ts";
export { type ChatSourceOptions, chatSource } from "./synthesis/sources/chat.ts";
export { filesSource } from "./synthesis/sources/files.ts";
export { jsonlSource } from "./synthesis/sources/jsonl.ts";
export { type ModelSourceOptions, modelSource } from "./synthesis/sources/model.ts";
export { type SeedFilter, seedSource } from "./synthesis/sources/seeds.ts";
export { type WeakenSourceOptions, weakenSource } from "./synthesis/sources/weaken.ts";
export { type SynthesisOptions, synthesise, type Verifier } from "./synthesis/synthesis.ts";
// Training.
export { type TrainContext, type TrainOptions, type TrainResult, trainAdapter } from "./training/train.ts";
