// Verdicts of the execution oracle on many programs: written line by line, so that a run that was stopped goes
// on where it was, and counted from there.
import { appendFileSync, existsSync } from "node:fs";
import { z } from "zod";
import type { ExecutionOracle } from "../../src/oracle/execution/oracle.ts";
import type { ProgramVerdict, Verdict } from "../../src/oracle/execution/verdicts.ts";
import { readJsonLines } from "../../src/util/jsonl.ts";
import { mapOrdered } from "../../src/util/ordered.ts";
import { seededRandom, shuffled } from "../../src/util/random.ts";

const exploitSchema = z.object({
  evidence: z.string(),
  line: z.number(),
  payload: z.string(),
  input: z.string(),
  entry: z.string(),
});

const verdictSchema = z.object({
  kind: z.enum(["exploited", "resisted", "absent", "broken", "not-runnable"]),
  reason: z.string().optional(),
  detail: z.string().optional(),
  exploits: z.array(exploitSchema).optional(),
});
/** A verdict as it was written. */
export type StoredVerdict = z.infer<typeof verdictSchema>;

const lineSchema = z.object({
  id: z.string(),
  identity: z.string(),
  overall: verdictSchema,
  families: z.record(z.string(), verdictSchema),
});
/** The verdicts about one program. */
export type StoredVerdicts = z.infer<typeof lineSchema>;

/** A program to run. */
export interface NamedProgram {
  /** Its name in the source. */
  readonly id: string;
  /** Its text. */
  readonly code: string;
}

/** Runs what has no line in the file yet, unless only what is stored is asked for; gives all verdicts by name. */
export async function runAll(
  programs: readonly NamedProgram[],
  how: { oracle: ExecutionOracle; out: string; jobs: number; stored: boolean },
): Promise<Map<string, StoredVerdicts>> {
  const { oracle, out, jobs } = how;
  const known = await readKnown(out, oracle.identity);
  const todo = how.stored ? [] : programs.filter(({ id }) => !known.has(id));
  const started = performance.now();
  let done = 0;
  const work = async ({ id, code }: NamedProgram) => ({ id, verdict: await oracle.examine(code) });
  for await (const { id, verdict } of mapOrdered(todo, jobs, work)) {
    const line = stored(id, oracle.identity, verdict);
    known.set(id, line);
    appendFileSync(out, `${JSON.stringify(line)}\n`);
    done += 1;
    if (done % 100 === 0) {
      const each = (performance.now() - started) / done;
      process.stderr.write(`${done} of ${todo.length}, ${each.toFixed(0)} ms each\n`);
    }
  }
  return known;
}

async function readKnown(path: string, identity: string): Promise<Map<string, StoredVerdicts>> {
  const known = new Map<string, StoredVerdicts>();
  if (!existsSync(path)) return known;
  for await (const line of readJsonLines(path)) {
    const parsed = line.kind === "broken" ? undefined : lineSchema.safeParse(line.value);
    // Verdicts of other probes are no verdicts of these.
    if (parsed?.success === true && parsed.data.identity === identity) known.set(parsed.data.id, parsed.data);
  }
  return known;
}

function stored(id: string, identity: string, { overall, families }: ProgramVerdict): StoredVerdicts {
  const all = [...families].map(([family, verdict]) => [family, plain(verdict)] as const);
  return { id, identity, overall: plain(overall), families: Object.fromEntries(all) };
}

function plain(verdict: Verdict): StoredVerdict {
  return verdict.kind === "exploited" ? { kind: verdict.kind, exploits: [...verdict.exploits] } : verdict;
}

/** The same items in a random order that never changes: what is there when a run is stopped is a random draw. */
export function inDrawnOrder<T>(all: readonly T[]): T[] {
  return shuffled(all, seededRandom(1));
}

/** A verdict in a word, with its reason where it has one. */
export function inAWord({ kind, reason }: StoredVerdict): string {
  return reason === undefined ? kind : `${kind}: ${reason}`;
}

/** Counts by word, the most frequent first. */
export function countWords(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
