// Weakens clean programs: every protection that an inverse codemod knows is taken out, one at a time.
// What comes out is a proposal; only an oracle can say that it is weak and that the original is not.
import type { CweId } from "../../core/cwe.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { applyEdits } from "../edits.ts";
import { importEdits, unusedImportEdits } from "../python/imports.ts";
import { Program } from "../python/program.ts";
import { type Excerpt, excerptsOf } from "./excerpt.ts";
import { weakeners } from "./registry.ts";
import type { Weakener, Weakening } from "./weakener.ts";

/** Version of the inverse codemods; goes up when a program may be weakened differently. */
const VERSION = "2";

/** Identity with version, for manifests. */
export const WEAKEN_IDENTITY = `weaken@${VERSION}`;

/** A clean program and what it is without one of its protections. */
export interface WeakenedProgram {
  /** The inverse codemod. */
  readonly by: string;
  /** The weakness that it should have made. */
  readonly cwe: CweId;
  /** The program without the protection. */
  readonly text: string;
  /** Line of the protection in the original excerpt, from 1. */
  readonly line: number;
}

/** A part of a file that stands on its own, and what it is without each of its protections. */
export interface WeakenedExcerpt {
  readonly excerpt: Excerpt;
  readonly weakened: readonly WeakenedProgram[];
}

/** Weakens a file, part by part; undefined where it does not parse. */
export function weakenFile(
  text: string,
  language: LanguageSupport,
  cwes?: readonly CweId[],
): WeakenedExcerpt[] | undefined {
  const tree = language.parse(text);
  if (tree.firstError !== undefined) return undefined;
  const wanted = weakeners.filter(({ cwe }) => cwes === undefined || cwes.includes(cwe));
  return excerptsOf(tree).map((excerpt) => ({ excerpt, weakened: weakenExcerpt(excerpt, language, wanted) }));
}

function weakenExcerpt(
  excerpt: Excerpt,
  language: LanguageSupport,
  wanted: readonly Weakener[],
): WeakenedProgram[] {
  const tree = language.parse(excerpt.text);
  if (tree.firstError !== undefined) return [];
  const found = wanted.flatMap((weakener) =>
    // A program remembers the names that it has given away: each rewrite starts from a fresh one.
    weakener.weaken(new Program(tree)).map((weakening) => ({ weakener, weakening })),
  );
  return found
    .filter(({ weakening: { at } }) => isIn(at, excerpt.main))
    .flatMap(({ weakener, weakening }): WeakenedProgram[] => {
      const text = rewritten(excerpt.text, weakening, { program: new Program(tree), language });
      const line = excerpt.text.slice(0, weakening.at.start).split("\n").length;
      return text === undefined ? [] : [{ by: weakener.name, cwe: weakener.cwe, text, line }];
    });
}

/** Whether a place is in the main part, or above all parts: a constant pattern, an import. */
function isIn(at: SyntaxNode, main: Excerpt["main"]): boolean {
  return main.start <= at.start && at.end <= main.end;
}

function rewritten(
  text: string,
  { edits, imports = [], drops = [] }: Weakening,
  { program, language }: { program: Program; language: LanguageSupport },
): string | undefined {
  const all = [...edits, ...importEdits(program.tree, program.imports, imports)];
  const weak = applyEdits(text, all);
  const tidy = applyEdits(weak, unusedImportEdits(language.parse(weak), drops));
  return language.parses(tidy) && tidy !== text ? tidy : undefined;
}
