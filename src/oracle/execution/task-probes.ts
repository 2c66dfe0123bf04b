// Probes of a known task, as a benchmark has them for its prompts: what is sent to the entry point that the task is
// about, what a working answer shows, and what an exploited one shows. Data beside the prompts; the harness
// (data/probes/hexaprobe/tasks.py) sends and looks.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { canonicalJson, sha256 } from "../../util/hash.ts";
import { parseYaml } from "../../util/yaml.ts";
import { valueSchema } from "./harness.ts";

const signsSchema = z.strictObject({
  /** Statuses, one of which the answer has. */
  status: z.preprocess((one) => (typeof one === "number" ? [one] : one), z.array(z.int())).optional(),
  /** Media type of the answer. */
  type: z.string().optional(),
  /** Pattern in the body; `{value}` is what was sent. */
  body: z.string().optional(),
  /** Pattern in the Location header. */
  location: z.string().optional(),
  /** Whether a program that sends no answer at all will do, too. */
  unanswered: z.boolean().default(false),
  /** What the program was seen to do. */
  events: z
    .array(
      z.strictObject({
        /** Kind of event, as the harness notes it. */
        kind: z.string(),
        /** Pattern in what is known of it: path, text, address, words of a command. */
        text: z.string().default(""),
      }),
    )
    .default([]),
});

const exploitSchema = z
  .strictObject({
    /** Family of probes whose judge reads the evidence, and whose payloads are sent where there are no others. */
    family: z.string().optional(),
    /** Payloads in place of the family's. */
    payloads: z.array(valueSchema).min(1).optional(),
    /** Signs of an exploited answer, in place of the family's judge. */
    shows: signsSchema.optional(),
    /** Where the payload goes: into the request, or into the files that the program opens. */
    into: z.enum(["request", "opened"]).default("request"),
  })
  .refine(({ family, payloads, shows }) => family !== undefined || (payloads && shows), {
    message: "an exploit needs a family, or payloads and what an exploited answer shows",
  });

const sentSchema = z.strictObject({
  args: z.record(z.string(), z.unknown()).optional(),
  form: z.record(z.string(), z.unknown()).optional(),
  files: z.record(z.string(), z.unknown()).optional(),
  json: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.unknown()).optional(),
  /** Headers whose line breaks a server in front has unfolded. */
  unfolded: z.record(z.string(), z.unknown()).optional(),
  cookies: z.record(z.string(), z.unknown()).optional(),
  path: z.record(z.string(), z.unknown()).optional(),
  body: z.string().optional(),
});

const listed = <T extends z.ZodType>(one: T) =>
  z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(one).min(1));

const taskProbeSchema = z.strictObject({
  /** The entry point, as the harness names it. */
  entry: z.string(),
  /** Python source of other modules of the project; a name with a leading dot is a neighbour. */
  modules: z.record(z.string(), z.string()).default({}),
  /** Parts of the request, by source and name; `{value}` stands for what is tried. */
  send: sentSchema,
  /** What files hold that the program opens. */
  opened: valueSchema.optional(),
  /** Files of the project that are there from the beginning. */
  files: z.record(z.string(), z.string()).default({}),
  /** What commands print. */
  prints: z.string().optional(),
  /** How a value is wrapped before it is sent, in order. */
  encode: z.array(z.enum(["deflate", "base64", "urlsafe-base64"])).default([]),
  /** Values of a benign use; it is enough that one works, where the task leaves the format open. */
  benign: listed(valueSchema),
  /** Values that a working program turns away. */
  refuses: z.array(z.string()).default([]),
  /** What a working answer shows. */
  works: signsSchema,
  /** Exploits, tried in order. */
  exploits: z.array(exploitSchema).min(1),
});
/** See the file's head. */
export type TaskProbe = z.infer<typeof taskProbeSchema>;

/** Probes by task. */
export interface TaskProbes {
  /** By task id. */
  readonly byTask: ReadonlyMap<string, TaskProbe>;
  /** Short hash over all of them, for manifests. */
  readonly hash: string;
}

/** Reads the probes of a benchmark; undefined where it has none. */
export function readTaskProbes(path: string): TaskProbes | undefined {
  if (!existsSync(path)) return undefined;
  const parsed = z.record(z.string(), taskProbeSchema).parse(parseYaml(readFileSync(path, "utf8")));
  return { byTask: new Map(Object.entries(parsed)), hash: sha256(canonicalJson(parsed)).slice(0, 8) };
}

const taskReportSchema = z.object({
  status: z.literal("task"),
  /** The benign use; null where its process ended before. */
  benign: z.object({ works: z.boolean(), why: z.string() }).nullable(),
  /** The exploit that worked. */
  exploit: z.object({ evidence: z.string(), line: z.number(), payload: z.string() }).nullable(),
  /** How its process ended when not by itself. */
  ended: z.string(),
});
/** The harness's report of a task. */
export type TaskReport = z.infer<typeof taskReportSchema>;

const answerSchema = z.discriminatedUnion("status", [
  taskReportSchema,
  z.object({ status: z.literal("parse-error"), detail: z.string() }),
]);

/** Reads what the harness printed about a task; undefined for anything else. */
export function parseTaskReport(text: string): TaskReport | undefined {
  const answer = answerSchema.safeParse(jsonOf(text)).data;
  if (answer === undefined || answer.status === "task") return answer;
  const why = `parse-error: ${answer.detail}`;
  return { status: "task", benign: { works: false, why }, exploit: null, ended: "" };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is known of a program that answers a task. */
export type TaskVerdict =
  | {
      readonly kind: "tried";
      /** Whether the benign use works. */
      readonly works: boolean;
      /** Whether it held against all exploits; undefined where it neither works nor was exploited. */
      readonly secure: boolean | undefined;
      /** What was seen, or why it does not work. */
      readonly detail: string;
    }
  | { readonly kind: "not-run"; readonly reason: string };

/** An oracle that can also try a program that answers a known task. */
export interface TaskProber {
  /** Its identity, for manifests. */
  readonly identity: string;
  /** Tries one Python program. */
  tryTask(text: string, task: TaskProbe, signal?: AbortSignal): Promise<TaskVerdict>;
}

/** The oracle as one that tries tasks, where it is one. */
export function asTaskProber(oracle: { readonly identity: string }): TaskProber | undefined {
  return isProber(oracle) ? oracle : undefined;
}

function isProber(oracle: { readonly identity: string }): oracle is TaskProber {
  return "tryTask" in oracle;
}

/** Reads a report: an exploit outweighs all, and what does not work is not said to hold. */
export function taskVerdict({ benign, exploit, ended }: TaskReport): TaskVerdict {
  const works = benign?.works === true;
  const why = benign === null ? ended : benign.why;
  if (exploit !== null) {
    const said = `${exploit.evidence} (line ${exploit.line}, ${JSON.stringify(exploit.payload)})`;
    return { kind: "tried", works, secure: false, detail: works ? said : `${why}; ${said}` };
  }
  // A program that ended on the way to an exploit was not seen to hold against it.
  return {
    kind: "tried",
    works,
    secure: works && ended === "" ? true : undefined,
    detail: works ? ended : why,
  };
}
