// The fixed side compiles, where there is a compiler and the vulnerable side compiles, too: a
// program that lacks a library here says nothing about its repair. Nothing is linked or run.
import { tmpdir } from "node:os";
import type { GateOutcome } from "../../../core/pair.ts";
import { runProcess } from "../../../util/process.ts";
import { failed, notApplicable, passed } from "../../gates/gate.ts";
import type { CSides } from "./gate.ts";

const TIMEOUT_MS = 20_000;

/** See the file's head. */
export async function compiles(
  { file, candidate }: Pick<CSides, "file" | "candidate">,
  signal: AbortSignal | undefined,
): Promise<GateOutcome> {
  const strange = strangeDirective(file.text) ?? strangeDirective(candidate);
  if (strange !== undefined) return notApplicable(`Not run: the compiler is not given ${strange}.`);
  for (const language of ["c", "c++"] as const) {
    const before = await compile(file.text, language, signal);
    if (before.kind === "missing") return notApplicable("Not run: there is no gcc.");
    if (before.kind !== "ok") continue;
    const after = await compile(candidate, language, signal);
    return after.kind === "ok" ? passed : failed(`The repaired program does not compile: ${after.said}`);
  }
  return notApplicable("Not run: the vulnerable program does not compile here either.");
}

interface Compiled {
  readonly kind: "ok" | "refused" | "missing";
  /** The first complaint. */
  readonly said: string;
}

async function compile(
  text: string,
  language: "c" | "c++",
  signal: AbortSignal | undefined,
): Promise<Compiled> {
  const standard = language === "c" ? "gnu17" : "gnu++17";
  const result = await runProcess({
    command: [
      "gcc",
      "-fsyntax-only",
      "-fmax-errors=3",
      "-fdiagnostics-color=never",
      // A function that nothing declares is a header that was forgotten.
      ...(language === "c" ? ["-Werror=implicit-function-declaration", "-D_GNU_SOURCE"] : []),
      `-std=${standard}`,
      "-x",
      language,
      "-",
    ],
    cwd: tmpdir(),
    input: text,
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: 1_000_000,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.ended === "not-started") return { kind: "missing", said: "" };
  const said = /error: (.*)/.exec(result.stderr)?.[1] ?? result.ended;
  return { kind: result.ok ? "ok" : "refused", said };
}

/** Programs come from anywhere: only plain headers are included, no device and no file of the machine. */
function strangeDirective(text: string): string | undefined {
  const plain = text.replace(/\\\r?\n/g, "").replace(/\/\*[\s\S]*?\*\//g, " ");
  for (const [line, word = "", rest = ""] of plain.matchAll(/^\s*(?:#|%:|\?\?=)\s*(\w+)(.*)$/gm)) {
    if (!/^(include|include_next|import|embed)$/.test(word)) continue;
    const isPlain = word === "include" && /^\s*(<[\w][\w./+-]*>|"[\w][\w./+-]*")/.test(rest);
    if (!isPlain || rest.includes("..")) return line.trim();
  }
  return undefined;
}
