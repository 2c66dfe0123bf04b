// The execution oracle: runs a program in the sandbox against harmless exploit probes and a benign use. No static
// tool can talk it out of what it saw; what it did not see, it does not judge.
import { availableParallelism } from "node:os";
import { type CweId, compareCwe } from "../../core/cwe.ts";
import type { Finding, ScanResult, SourceFile } from "../../core/finding.ts";
import type { Language } from "../../core/language.ts";
import { mapOrdered } from "../../util/ordered.ts";
import { packageVersion } from "../../util/versions.ts";
import type { SecurityOracle, ThreatModel } from "../oracle.ts";
import {
  type BehaviourJudge,
  type BehaviourQuestion,
  type BehaviourVerdict,
  compareBehaviour,
} from "./behaviour.ts";
import { harnessHash, type ProbeFamily } from "./harness.ts";
import { openProgramRunner, type ProgramRunner } from "./runner.ts";
import { type TaskProbe, type TaskProber, type TaskVerdict, taskVerdict } from "./task-probes.ts";
import { judgeRun, type ProgramVerdict, type Verdict } from "./verdicts.ts";
import { whyItFails } from "./works.ts";

/** How the execution oracle looks. */
export interface ExecutionOptions {
  /** What counts as untrusted; requests always are. */
  readonly threatModels: readonly ThreatModel[];
  /** Only these weaknesses. */
  readonly cwes?: readonly CweId[];
  /** How many programs run at the same time; when absent one a processor, at most {@link MOST_JOBS}. */
  readonly jobs?: number;
  /** Where the interpreter and the sandbox are looked for; this process's environment when absent. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A worker holds its frameworks in memory: about 100 MB. */
const MOST_JOBS = 8;
/** Programs above this are not run. */
const MOST_CHARACTERS = 200_000;

/** The execution oracle, with its verdicts in full. */
export interface ExecutionOracle extends SecurityOracle, BehaviourJudge, TaskProber {
  /** The probes that it fires. */
  readonly families: readonly ProbeFamily[];
  /** All verdicts about a Python program. */
  examine(text: string, signal?: AbortSignal): Promise<ProgramVerdict>;
  /** Why a Python program does not work, in a few words; undefined where a benign use of it ends well. */
  whyItFails(text: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Ends its workers now instead of a moment after the last program. */
  close(): Promise<void>;
}

/** Opens the oracle; throws where programs cannot be run here. No worker starts before the first program. */
export async function createExecutionOracle(options: ExecutionOptions): Promise<ExecutionOracle> {
  const { jobs = Math.min(availableParallelism(), MOST_JOBS) } = options;
  return new Execution({ ...options, jobs }, await openProgramRunner({ ...options, jobs }));
}

class Execution implements ExecutionOracle {
  readonly identity: string;
  readonly families: readonly ProbeFamily[];
  readonly #runner: ProgramRunner;
  readonly #jobs: number;

  constructor(options: ExecutionOptions & { jobs: number }, runner: ProgramRunner) {
    this.#runner = runner;
    this.#jobs = options.jobs;
    const { cwes } = options;
    const all = this.#runner.probes.families;
    this.families =
      cwes === undefined ? all : all.filter((family) => family.cwes.some((id) => cwes.includes(id)));
    const choice = [[...options.threatModels].sort().join(","), [...(cwes ?? [])].sort(compareCwe).join(",")];
    const said = choice.filter((part) => part !== "").join(";");
    this.identity = `execution@${packageVersion()}+probes.${harnessHash().slice(0, 8)}(${said})`;
  }

  covers(language: Language): readonly CweId[] {
    return language === "python" ? cwesOf(this.families) : [];
  }

  async scan(files: readonly SourceFile[], options?: { signal?: AbortSignal }): Promise<ScanResult[]> {
    const results: ScanResult[] = [];
    const signal = options?.signal;
    for await (const result of mapOrdered(files, this.#jobs, (file) => this.#scanOne(file, signal))) {
      results.push(result);
    }
    return results;
  }

  async examine(text: string, signal?: AbortSignal): Promise<ProgramVerdict> {
    const answer = await this.#runner.run({ text, ...(signal === undefined ? {} : { signal }) });
    return judgeRun(answer, this.families);
  }

  async whyItFails(text: string, signal?: AbortSignal): Promise<string | undefined> {
    const cancel = signal === undefined ? {} : { signal };
    const answer = await this.#runner.run({ text, benignOnly: true, ...cancel });
    signal?.throwIfAborted();
    return whyItFails(answer);
  }

  compareBehaviour(question: BehaviourQuestion): Promise<BehaviourVerdict> {
    return compareBehaviour(this.#runner, question);
  }

  async tryTask(text: string, task: TaskProbe, signal?: AbortSignal): Promise<TaskVerdict> {
    if (text.length > MOST_CHARACTERS) return { kind: "not-run", reason: "too-large" };
    const answer = await this.#runner.tryTask({ text, task, ...(signal === undefined ? {} : { signal }) });
    signal?.throwIfAborted();
    if (answer.kind === "report") return taskVerdict(answer.report);
    return { kind: "not-run", reason: answer.detail === "" ? answer.status : answer.detail };
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  async #scanOne(file: SourceFile, signal: AbortSignal | undefined): Promise<ScanResult> {
    signal?.throwIfAborted();
    const { path, language, text } = file;
    if (language !== "python") {
      return { status: "unscanned", path, reason: "unsupported-language", detail: "Only Python is run." };
    }
    if (text.length > MOST_CHARACTERS) {
      return {
        status: "unscanned",
        path,
        reason: "too-large",
        detail: "Programs of this length are not run.",
      };
    }
    const verdict = await this.examine(text, signal);
    signal?.throwIfAborted();
    return toResult(file, verdict, this.families);
  }
}

function toResult(file: SourceFile, verdict: ProgramVerdict, families: readonly ProbeFamily[]): ScanResult {
  const findings = families.flatMap((family) => findingsOf(file, family, verdict.families.get(family.id)));
  const covers = cwesOf(families).filter((cwe) =>
    families
      .filter((family) => family.cwes.includes(cwe))
      .every((family) => isSettled(verdict.families.get(family.id))),
  );
  // What was not settled has no verdict; where nothing was, there is no answer at all.
  if (covers.length === 0) return unscanned(file.path, verdict.overall);
  findings.sort((a, b) => a.region.startLine - b.region.startLine);
  return { status: "scanned", path: file.path, findings, covers };
}

function isSettled(verdict: Verdict | undefined): boolean {
  return verdict !== undefined && ["exploited", "resisted", "absent"].includes(verdict.kind);
}

function findingsOf({ text }: SourceFile, family: ProbeFamily, verdict: Verdict | undefined): Finding[] {
  if (verdict?.kind !== "exploited") return [];
  const lines = text.split("\n");
  return verdict.exploits.map(({ evidence, line, payload, input, entry }) => {
    const at = Math.min(Math.max(line, 1), lines.length);
    const region = {
      startLine: at,
      startColumn: 1,
      endLine: at,
      endColumn: (lines[at - 1]?.length ?? 0) + 1,
    };
    const message = `${family.message.replace("{evidence}", evidence)} (${entry}, ${input} = ${JSON.stringify(payload)})`;
    return { ruleId: `execution/${family.id}`, cwes: [...family.cwes], level: "error", message, region };
  });
}

function unscanned(path: string, verdict: Verdict): ScanResult {
  if (verdict.kind === "not-runnable") {
    const { reason } = verdict;
    const known = reason === "parse-error" || reason === "timeout" ? reason : "tool-failed";
    return { status: "unscanned", path, reason: known, detail: `${reason}: ${verdict.detail}` };
  }
  const detail =
    verdict.kind === "broken" ? `The benign use fails: ${verdict.detail}` : "Nothing was settled.";
  return { status: "unscanned", path, reason: "tool-failed", detail };
}

function cwesOf(families: readonly ProbeFamily[]): CweId[] {
  return [...new Set(families.flatMap(({ cwes }) => cwes))].sort(compareCwe);
}
