// Our end of the probe harness (data/probes): what goes in with a program, and the report that comes back.
// The report is made inside the sandbox, next to a program that nobody vouches for, so it is parsed like
// anything from outside.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { cweIdSchema } from "../../core/cwe.ts";
import { sha256 } from "../../util/hash.ts";
import { resource } from "../../util/resources.ts";
import { parseYaml } from "../../util/yaml.ts";

const madeSchema = z.strictObject({ make: z.string(), with: z.string() });
/** A value that is sent: a text, or one that the harness builds. */
export const valueSchema = z.union([z.string(), madeSchema]);

const benignSchema = z.union([
  z.string(),
  madeSchema.extend({
    /** The same data in the form in which a repair may ask for it (JSON in place of a pickle). */
    instead: madeSchema.optional(),
  }),
]);

const familySchema = z.strictObject({
  /** Name of the family and of its findings' rule. */
  id: z.string(),
  /** Weaknesses that its exploits show, the primary one first. */
  cwes: z.array(cweIdSchema).min(1),
  /** Function of the harness that reads the evidence. */
  judge: z.string(),
  /** Sentence of a finding; `{evidence}` is filled in. */
  message: z.string(),
  /** Patterns of which a program has one when it is concerned. */
  mentions: z.array(z.string()).min(1),
  /** Events that say that the operation was performed. */
  reaches: z.array(z.string()).min(1),
  /** Whether files and servers hold the payload, too. */
  content: z.boolean().default(false),
  /** Ending of a file that holds a value of the family that is a text. */
  ending: z.string().default(".txt"),
  /** Whether a parameter for a folder to work in is its caller's choice, and no target. */
  sparesFolders: z.boolean().default(false),
  /** A value that a program of the family's kind is known to treat; what does not treat it is no target. */
  control: z.string().optional(),
  /** Values of a benign use. */
  benign: z.array(benignSchema).min(1),
  /** Harmless payloads, tried in order. */
  payloads: z.array(valueSchema).min(1),
});
/** A family of probes. */
export type ProbeFamily = z.infer<typeof familySchema>;

const hintSchema = z.strictObject({
  name: z.string(),
  value: z.string(),
  number: z.boolean().optional(),
  folder: z.boolean().optional(),
  file: z.boolean().optional(),
  url: z.boolean().optional(),
});

const probesSchema = z.strictObject({
  families: z.array(familySchema).min(1),
  hints: z.array(hintSchema).min(1),
  standins: z.array(z.string()),
});
/** All that data/probes/probes.yml says. */
export type Probes = z.infer<typeof probesSchema>;

/** Reads the probes that ship with the package. */
export function loadProbes(): Probes {
  const path = resource("data", "probes", "probes.yml");
  return probesSchema.parse(parseYaml(readFileSync(path, "utf8")));
}

/** Modules of the harness, by name. */
export const harnessModules = [
  "aiohttp_app",
  "asgi_app",
  "bottle_app",
  "commands",
  "django_app",
  "entries",
  "environment",
  "files",
  "filters",
  "flask_app",
  "functions",
  "handlers",
  "html_context",
  "http_server",
  "inputs",
  "judge",
  "layers",
  "main",
  "makers",
  "network",
  "queries",
  "scope",
  "shots",
  "standins",
  "tasks",
  "templates",
  "tornado_app",
  "watchers",
  "web",
  "world",
  "xpaths",
];

/** A hash of everything that a verdict depends on: probes, harness, installed packages. */
export function harnessHash(): string {
  const texts = [
    resource("data", "probes", "probes.yml"),
    resource("data", "probes", "requirements.txt"),
    ...harnessModules.map((name) => resource("data", "probes", "hexaprobe", `${name}.py`)),
  ].map((path) => readFileSync(path, "utf8"));
  return sha256(texts.join("\0"));
}

const outcomeSchema = z.object({
  /** `ok`, `refused` (the program said no), `failed` (an exception, a server error). */
  state: z.enum(["ok", "refused", "failed"]),
  status: z.number().nullish(),
  mimetype: z.string(),
  body: z.string(),
  location: z.string().nullish(),
  error: z.string(),
  error_type: z.string(),
  error_line: z.number(),
});
/** What came of one use of an entry point. */
export type Outcome = z.infer<typeof outcomeSchema>;

const askedSchema = z.object({
  /** Parts of the input, each with source, name and value. */
  values: z.array(z.tuple([z.string(), z.string(), z.unknown()])),
  /** What files and servers hold, by ending, in base64. */
  content: z.record(z.string(), z.string()),
});

const useSchema = askedSchema.extend({
  /** Whether what is not there is made when it is asked for. */
  vivify: z.boolean(),
  /** Whether no exception was handled on the way, and no name fell beside its folder. */
  smooth: z.boolean(),
  /** What came of it. */
  outcome: outcomeSchema,
  /** The same data in the form in which a repair may ask for it. */
  instead: askedSchema.optional(),
});
/** A benign use that can be repeated on another program. */
export type Use = z.infer<typeof useSchema>;

const exploitSchema = z.object({
  evidence: z.string(),
  line: z.number(),
  payload: z.string(),
  input: z.string(),
});
/** An exploit that worked. */
export type Exploit = z.infer<typeof exploitSchema>;

const familyResultSchema = z.object({
  id: z.string(),
  reached: z.boolean(),
  benign: outcomeSchema,
  exploit: exploitSchema.nullish(),
  /** Whether all payloads were tried or one worked. */
  finished: z.boolean(),
});

const entrySchema = z.object({
  name: z.string(),
  kind: z.enum(["route", "function", "script"]),
  line: z.number(),
  benign: outcomeSchema.nullish(),
  families: z.array(familyResultSchema),
  uses: z.array(useSchema).default([]),
  /** How its process ended when not by itself. */
  ended: z.string(),
});
/** What came of one entry point. */
export type EntryReport = z.infer<typeof entrySchema>;

const reportSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("parse-error"), detail: z.string() }),
  z.object({ status: z.literal("load-failed"), detail: z.string(), mentioned: z.array(z.string()) }),
  z.object({
    status: z.literal("ran"),
    /** What came of loading the program. */
    load: outcomeSchema,
    entries: z.array(entrySchema),
    /** Families that the program's text mentions. */
    mentioned: z.array(z.string()),
    /** Entry points beyond the bound. */
    dropped: z.number(),
  }),
]);
/** The harness's report of a program. */
export type HarnessReport = z.infer<typeof reportSchema>;

/** Reads what the harness printed; undefined for anything else. */
export function parseReport(text: string): HarnessReport | undefined {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
