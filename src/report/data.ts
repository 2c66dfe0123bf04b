// What a report is made of, gathered from run folders before anything is drawn.

import type { CweId } from "../core/cwe.ts";
import type { ArmSummary, EvaluationSummary, Headline } from "../core/evaluation.ts";
import type { Finding } from "../core/finding.ts";
import type { Language } from "../core/language.ts";
import type { Manifest } from "../core/manifest.ts";
import type { CodePair } from "../core/pair.ts";
import type { AgreementData } from "./sections/agreement.ts";

/** A prompt with one completion of the headline's first arm and one of its second. */
export interface Example {
  /** The prompt. */
  readonly taskId: string;
  /** Its target weakness. */
  readonly cwe: CweId;
  /** Language of both programs. */
  readonly language: Language;
  /** The program before; flagged. */
  readonly before: string;
  /** Findings of the target weakness in it. */
  readonly findings: readonly Finding[];
  /** The program after. */
  readonly after: string;
  /** Findings of the target weakness in that one. */
  readonly findingsAfter: readonly Finding[];
  /** Numbers of the two samples, from 0. */
  readonly samples: { readonly before: number; readonly after: number };
}

/** One evaluation. */
export interface EvaluationData {
  /** What to call it beside others. */
  readonly label: string;
  /** The figures. */
  readonly summary: EvaluationSummary;
  /** How it was made. */
  readonly manifest: Manifest | undefined;
  /** For each headline: prompts that got better, and prompts that did not. */
  readonly examples: readonly HeadlineExamples[];
  /** How far its judges agree on its completions; undefined with fewer than two. */
  readonly agreement: AgreementData | undefined;
}

/** Examples of one headline. */
export interface HeadlineExamples {
  /** The headline. */
  readonly headline: Headline;
  /** Flagged before, clean and doing the task after. */
  readonly better: readonly Example[];
  /** Flagged before and after. */
  readonly same: readonly Example[];
}

/** Counts of a synthesis run that the report shows. */
export interface PairsData {
  /** Verified pairs. */
  readonly pairs: number;
  /** Counts by weakness. */
  readonly byCwe: ReadonlyMap<CweId, number>;
  /** Pairs by repairer. */
  readonly repairedBy: ReadonlyMap<string, number>;
  /** Pairs by kind of source. */
  readonly sources: ReadonlyMap<string, number>;
  /** What the run proposed and dropped; undefined without its summary. */
  readonly funnel: PairsFunnel | undefined;
  /** A few pairs to look at, of different weaknesses. */
  readonly examples: readonly CodePair[];
  /** How it was made. */
  readonly manifest: Manifest | undefined;
}

/** From proposals to pairs. */
export interface PairsFunnel {
  /** Programs looked at. */
  readonly proposed: number;
  /** Could not be analysed. */
  readonly unscanned: number;
  /** Without a finding. */
  readonly clean: number;
  /** With a finding. */
  readonly flagged: number;
  /** Attempts without a pair, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
}

/** A point of a loss curve. */
export interface LossPoint {
  /** The optimizer step, from 1. */
  readonly step: number;
  /** The loss. */
  readonly loss: number;
}

/** A training run. */
export interface TrainingData {
  /** What to call it beside others. */
  readonly label: string;
  /** Loss on training rows. */
  readonly train: readonly LossPoint[];
  /** Loss on held-out rows. */
  readonly held: readonly LossPoint[];
  /** What the trainer said of itself: base, rows, versions. */
  readonly facts: ReadonlyMap<string, string>;
  /** Step whose weights were kept. */
  readonly bestStep: number | undefined;
  /** How it was made. */
  readonly manifest: Manifest | undefined;
}

/** A table that a plan of experiments left; null is "not known". */
export interface TableData {
  /** One line. */
  readonly title: string;
  /** What a reader must know. */
  readonly notes: readonly string[];
  /** Heads of the columns. */
  readonly columns: readonly string[];
  /** Rows, as long as the heads. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Everything of a report. */
export interface ReportData {
  /** Evaluations, in the order of the folders. */
  readonly evaluations: readonly EvaluationData[];
  /** Synthesis runs. */
  readonly pairs: readonly PairsData[];
  /** Training runs. */
  readonly trainings: readonly TrainingData[];
  /** Tables of plans of experiments. */
  readonly tables: readonly TableData[];
  /** Manifests of other stages in the folders, such as the data set's. */
  readonly manifests: readonly Manifest[];
  /** What a reader must know of the models before reading their figures. */
  readonly modelRemarks: readonly string[];
  /** Version of hexacoder that makes the report. */
  readonly version: string;
}

/** The two arms of a headline. */
export function armsOf(
  summary: EvaluationSummary,
  headline: Headline,
): { before: ArmSummary; after: ArmSummary } | undefined {
  const before = summary.arms.find((arm) => arm.name === headline.before);
  const after = summary.arms.find((arm) => arm.name === headline.after);
  return before === undefined || after === undefined ? undefined : { before, after };
}
