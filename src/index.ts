// The library: everything that the command line is made of, by name.
export * from "./core/completion.ts";
export * from "./core/cwe.ts";
export { type ErrorCode, exitCodes, HexacoderError } from "./core/errors.ts";
export * from "./core/evaluation.ts";
export * from "./core/finding.ts";
export * from "./core/language.ts";
export * from "./core/manifest.ts";
export * from "./core/pair.ts";
export { type BuildOptions, buildDataset } from "./dataset/build.ts";
export type { DatasetFacts } from "./dataset/card.ts";
export { type ImportOptions, importDataset } from "./dataset/import.ts";
export { type GuardMode, type GuardOptions, generateGuarded } from "./generation/guard.ts";
export { createGenerator, type Generate, type GeneratorOptions } from "./generation/strategies.ts";
export type { LanguageSupport, SpanKind, SplitProgram } from "./lang/lang.ts";
export { loadLanguage } from "./lang/registry.ts";
export type { SyntaxNode, SyntaxTree } from "./lang/syntax.ts";
export type { CompletionModel, CompletionRequest, CompletionResponse, RawCompletion } from "./llm/llm.ts";
export { type OpenModelOptions, openModel, openModelServer } from "./llm/registry.ts";
export { createBuiltinOracle } from "./oracle/engines/builtin.ts";
export { type SecurityOracle, type ThreatModel, threatModels } from "./oracle/oracle.ts";
export { openOracle } from "./oracle/registry.ts";
export type { RepairCandidate, Repairer, RepairOutcome, RepairRequest } from "./repair/repairer.ts";
export { requireSandbox, type SandboxAvailability, sandboxAvailability } from "./sandbox/availability.ts";
export type { PythonJob, SandboxJob, SandboxResult } from "./sandbox/job.ts";
export type { SandboxLimits } from "./sandbox/limits.ts";
export {
  openPythonWorkers,
  type PythonWorkers,
  type PythonWorkersOptions,
} from "./sandbox/python-workers.ts";
export { openSandbox, type Sandbox, type SandboxOptions } from "./sandbox/sandbox.ts";
export {
  type Candidate,
  type CandidateSource,
  chainSources,
  limitSource,
  type Proposal,
} from "./synthesis/candidate.ts";
export type { SynthSummary } from "./synthesis/ledger.ts";
export { type SynthesisOptions, synthesise, type Verifier } from "./synthesis/synthesis.ts";
