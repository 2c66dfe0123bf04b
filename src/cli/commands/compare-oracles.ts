// `hexacoder compare-oracles PATH… --oracle a,b --out DIR`: has several judges look at the same programs and
// says how far they agree, by weakness, with the programs on which they differ. Logs of other tools
// (--import) are judges, too.
import { rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { HexacoderError } from "../../core/errors.ts";
import type { SourceFile } from "../../core/finding.ts";
import { languages } from "../../core/language.ts";
import { type Comparison, type Judge, OracleComparison } from "../../oracle/compare/compare.ts";
import { findPrograms, readProgram } from "../../oracle/files.ts";
import { type ImportedOracle, readImport } from "../../oracle/imported.ts";
import { openOracle } from "../../oracle/registry.ts";
import { renderAgreement, type ShownDisagreement } from "../../report/agreement-page.ts";
import { readCweNames } from "../../report/cwe-names.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { sha256File } from "../../util/hash.ts";
import { JsonLinesWriter } from "../../util/jsonl.ts";
import { inBatches } from "../../util/ordered.ts";
import { hashOfPrograms, openComparison } from "../compare-folder.ts";
import type { CliContext } from "../context.ts";
import { addScanOptions, detectorOptions, list, type ScanOptions } from "../options.ts";

interface Options extends ScanOptions {
  readonly out: string;
  readonly import: readonly string[];
  readonly json?: boolean;
}

/** Builds the command. */
export function command(context: CliContext): Command {
  const compare = new Command("compare-oracles")
    .argument("<paths...>", "programs that all judges look at: files and folders")
    .requiredOption("--out <dir>", "run folder for agreement.html, agreement.json and disagreements.jsonl")
    .option(
      "--import <file>",
      "a judge more: what another tool found (SARIF 2.1.0); NAME=FILE names it; may be repeated",
      (file: string, others: readonly string[]) => [...others, file],
      [],
    )
    .option("--json", "print the figures as JSON");
  addScanOptions(compare, context);
  return compare.action((paths: string[], options: Options) => run(paths, options, context));
}

async function run(paths: readonly string[], options: Options, context: CliContext): Promise<void> {
  const { judges, imported } = await openJudges(paths, options, context);
  const out = resolve(context.cwd, options.out);
  const identities = Object.fromEntries(judges.map(({ name, oracle }) => [name, oracle.identity]));
  const inputs = await inputsOf(paths, imported, context);
  if (context.signal.aborted) return;
  await openComparison(out, { options: optionsOf(options), inputs, identities });
  const seen = await look(paths, { judges, out, context });
  if (context.signal.aborted) return;
  const { comparison, shown, unread } = seen;
  const remarks = remarksOn({ unread, imported });
  await writeFileAtomic(join(out, "agreement.json"), `${JSON.stringify(comparison, null, 2)}\n`);
  await writeFileAtomic(
    join(out, "agreement.html"),
    renderAgreement({ comparison, shown, remarks }, await readCweNames()),
  );
  context.out(options.json === true ? `${JSON.stringify(comparison)}\n` : textOf(comparison));
  for (const remark of remarks) context.talk(remark);
  context.talk(`Wrote ${join(options.out, "agreement.html")}: ${comparison.disagreements} disagreements.`);
}

/** What decides the verdicts beside the programs and the judges. */
function optionsOf({ oracle, cwe, threatModel }: Options): Record<string, unknown> {
  return { oracle, threatModel, ...(cwe === undefined ? {} : { cwe }) };
}

async function inputsOf(
  paths: readonly string[],
  imported: Judges["imported"],
  context: CliContext,
): Promise<Record<string, string>> {
  const logs = imported.map(async ({ name, file }) => [`import:${name}`, await sha256File(file)] as const);
  return {
    programs: await hashOfPrograms(paths, context),
    ...Object.fromEntries(await Promise.all(logs)),
  };
}

interface Judges {
  readonly judges: readonly Judge[];
  readonly imported: readonly {
    readonly name: string;
    readonly file: string;
    readonly oracle: ImportedOracle;
  }[];
}

/** Every judge under a name of its own; fewer than two cannot be compared. */
async function openJudges(paths: readonly string[], options: Options, { cwd }: CliContext): Promise<Judges> {
  const names = [...new Set(list(options.oracle))];
  const own = names.map(async (name) => ({ name, oracle: await openOracle(name, detectorOptions(options)) }));
  const roots = [cwd, ...paths.map((path) => resolve(cwd, path))];
  const imports = options.import.map(async (text) => {
    const [, name, path = text] = /^([\w.+-]+)=(.+)$/s.exec(text) ?? [];
    const file = resolve(cwd, path);
    const oracle = await readImport(file, {
      roots,
      ...(options.cwe === undefined ? {} : { cwes: options.cwe }),
    });
    return { name: name ?? basename(file), file, oracle };
  });
  const imported = await Promise.all(imports);
  const judges = [...(await Promise.all(own)), ...imported];
  const different = new Set(judges.map(({ name }) => name));
  if (judges.length < 2 || different.size < judges.length) throw tooFew(judges.map(({ name }) => name));
  return { judges, imported };
}

function tooFew(names: readonly string[]): HexacoderError {
  return new HexacoderError("bad-usage", {
    message: `It takes two judges with different names to compare; these are: ${names.join(", ")}.`,
    remedy:
      "Name several with commas, --oracle builtin,bandit, or add a log with --import NAME=results.sarif.",
  });
}

const BATCH = 256;

interface Seen {
  readonly comparison: Comparison;
  readonly shown: readonly ShownDisagreement[];
  /** Files that could not be read as programs. */
  readonly unread: number;
}

async function look(
  paths: readonly string[],
  { judges, out, context }: { judges: readonly Judge[]; out: string; context: CliContext },
): Promise<Seen> {
  const { cwd, signal } = context;
  const comparison = new OracleComparison(judges);
  const showcase = new Showcase();
  const file = join(out, "disagreements.jsonl");
  await rm(file, { force: true });
  const lines = await JsonLinesWriter.open(file);
  let unread = 0;
  try {
    const size = Math.max(BATCH, ...judges.flatMap(({ oracle }) => oracle.batch ?? []));
    for await (const batch of inBatches(findPrograms(paths, { cwd, languages }), size)) {
      if (signal.aborted) break;
      const found = await Promise.all(batch.map((path) => readProgram(path, cwd)));
      const files = found.flatMap((one) => (one.kind === "program" ? [one.file] : []));
      unread += found.length - files.length;
      const texts = new Map(files.map((file) => [file.path, file]));
      for (const one of await comparison.look(files, { signal })) {
        await lines.append(one);
        showcase.offer(one, texts.get(one.path));
      }
    }
  } finally {
    await lines.close();
  }
  if (comparison.result().programs === 0 && !signal.aborted) throw nothing(paths);
  return { comparison: comparison.result(), shown: showcase.chosen(), unread };
}

function nothing(paths: readonly string[]): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `There is no program to look at in ${paths.join(", ")}.`,
    remedy: "Name files or folders that hold programs; what .gitignore names is left out.",
  });
}

const MOST_SHOWN = 60;
const MOST_ALIKE = 3;
const MOST_CHARACTERS = 20_000;

/** The first disagreements of every weakness and every way to differ: a few say more than many alike. */
class Showcase {
  readonly #shown: ShownDisagreement[] = [];
  readonly #alike = new Map<string, number>();

  offer(one: Omit<ShownDisagreement, "language" | "text">, file: SourceFile | undefined): void {
    const key = JSON.stringify([one.cwe, one.flaggedBy, one.cleanFor]);
    const alike = this.#alike.get(key) ?? 0;
    const full = this.#shown.length >= MOST_SHOWN || alike >= MOST_ALIKE;
    if (full || file === undefined || file.text.length > MOST_CHARACTERS) return;
    this.#alike.set(key, alike + 1);
    this.#shown.push({ ...one, language: file.language, text: file.text });
  }

  chosen(): readonly ShownDisagreement[] {
    return this.#shown;
  }
}

function remarksOn({ unread, imported }: { unread: number; imported: Judges["imported"] }): string[] {
  const logs = imported.flatMap(({ name, oracle }) => {
    const { withoutCwe, withoutPlace, elsewhere } = oracle.left();
    const left = withoutCwe + withoutPlace + elsewhere;
    return [
      `${name} is a log: it is taken to have looked at every program for the weaknesses of the rules that it lists, as no log says otherwise.${left === 0 ? "" : ` Of its results ${withoutCwe} name no CWE, ${withoutPlace} no place that their file has, and ${elsewhere} are in other files: they are left out.`}`,
    ];
  });
  return [
    ...(unread === 0 ? [] : [`${unread} files could not be read as programs and are left out.`]),
    ...logs,
  ];
}

function textOf({ pairs, programs }: Comparison): string {
  const figure = (value: number | null): string => (value === null ? "  –" : value.toFixed(2));
  const rows = pairs.map(({ judges: [a, b], pooled }) => {
    const { kappa, observed, n, onlyFirst, onlySecond } = pooled;
    return `${a} – ${b}: kappa ${figure(kappa)}, agree ${figure(observed)} of ${n} verdicts; only ${a}: ${onlyFirst}, only ${b}: ${onlySecond}`;
  });
  return `${[`${programs} programs`, ...rows].join("\n")}\n`;
}
