// A program's imports with one fewer, or some more, and the text between the others as it was.
import type { SplitProgram } from "./lang.ts";

/** The program without one of its imports. */
export function withoutImport(program: SplitProgram, index: number): SplitProgram {
  const imports = program.imports.filter((_one, i) => i !== index);
  if (program.gaps === undefined) return { ...program, imports };
  // Of the text around it, what stood before it goes with it; before the first one is the program's beginning.
  const gone = Math.max(index, 1);
  return { ...program, imports, gaps: program.gaps.filter((_gap, i) => i !== gone) };
}

/** The program with statements on lines of their own behind its imports, whatever those bring already. */
export function withImportsBehind(program: SplitProgram, statements: readonly string[]): SplitProgram {
  const imports = [...program.imports, ...statements];
  const { gaps } = program;
  if (gaps === undefined || program.imports.length === 0) {
    const { gaps: _lost, ...rest } = program;
    return { ...rest, imports };
  }
  const eol = eolOf(gaps.join(""));
  return {
    ...program,
    imports,
    gaps: [...gaps.slice(0, -1), ...statements.map(() => eol), ...gaps.slice(-1)],
  };
}

/** How lines end in a text; as on Unix where it has but one. */
export function eolOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
}
