// Makes C text ready for a parser that does not run the preprocessor: of conditional parts one
// branch stays, and macros in places where the grammar knows none are blanked. The result has the
// same length, so that every offset stays what it was.
import { lexC } from "./c-lexer.ts";

const blank = (text: string): string => text.replace(/[^\n\r]/g, " ");

/** A trailing blank after an include is an error to the grammar: it moves in front of the path. */
const INCLUDE_WITH_BLANK = /^([ \t]*#[ \t]*include)([ \t]*)([<"][^>"\n]*[>"])([ \t]+)(?=\r?$)/gm;

/** Platforms and languages that a program is not read for. */
const UNDEFINED = /\b(?:_?WIN(?:32|64|DOWS)|_WIN\w*|_MSC_VER|__APPLE__|MSDOS|__MINGW\w*|VMS|__VMS)\b/;

/** Text of the same length with one branch of each `#if`, the one that a build on Linux would mostly take. */
export function prepareC(text: string, { cplusplus = false }: { cplusplus?: boolean } = {}): string {
  const included = text.replace(INCLUDE_WITH_BLANK, "$1$2$4$3");
  return /^[ \t]*#[ \t]*if/m.test(included) ? chooseBranches(included, cplusplus) : included;
}

interface Conditional {
  /** Whether the text around it stays. */
  readonly outer: boolean;
  /** Whether a branch has been taken. */
  taken: boolean;
  /** Whether this branch stays. */
  active: boolean;
}

function chooseBranches(text: string, cplusplus: boolean): string {
  const open: Conditional[] = [];
  let result = "";
  for (const { kind, start, end } of lexC(text)) {
    const own = text.slice(start, end);
    const [, word = "", condition = ""] =
      kind === "directive" ? (/^#[ \t]*(\w+)([\s\S]*)$/.exec(own) ?? []) : [];
    if (/^(?:if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)$/.test(word)) {
      branch(open, { word, holds: holds(word, condition, cplusplus) });
      result += blank(own);
    } else {
      result += (open.at(-1)?.active ?? true) ? own : blank(own);
    }
  }
  return result;
}

function branch(open: Conditional[], { word, holds }: { word: string; holds: boolean }): void {
  const last = open.at(-1);
  if (word.startsWith("if")) {
    const outer = last?.active ?? true;
    open.push({ outer, taken: holds, active: outer && holds });
  } else if (word === "endif") open.pop();
  else if (last !== undefined) {
    last.active = last.outer && !last.taken && holds;
    last.taken ||= holds;
  }
}

function holds(word: string, condition: string, cplusplus: boolean): boolean {
  if (word === "else") return true;
  const bare = condition.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").trim();
  if (/^[(\s]*0[)\s]*$/.test(bare)) return false;
  const negated = word.endsWith("ndef") || /^!/.test(bare);
  if (/\b__cplusplus\b/.test(bare)) return cplusplus !== negated;
  // A feature that may or may not be there is taken as there; `#ifndef` mostly guards a file or a default.
  return !(UNDEFINED.test(bare) && !negated);
}

const LOOP =
  /(?<![\w.>])(?!while|for|if|switch)((?:\w*_)?(?:for_?each|FOR_?EACH|foreach|FOREACH)\w*|for_\w+|\w+_for_each\w*)(?=\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*[{\n])/g;
/** Words in front of a function or variable that only a header knows: `static av_cold int f`. */
const SPECIFIERS =
  /(?<=(?:^|[;}{\n])[ \t]*(?:(?:static|extern|inline|const|unsigned|void|int|char|long|struct\s+\w+)[ \t*]+)*)(?:__(?:init|exit|user|iomem|percpu|always_inline|must_check|sched|rcu|force|cold|hot|net_init|maybe_unused)|noinline|asmlinkage|av_cold|av_always_inline|av_noinline|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?=[ \t\n]+[a-zA-Z_][\w \t*]*\()/gm;
const ATTRIBUTE_MACROS =
  /\b(?:__user|__iomem|__percpu|__rcu|__force|__init|__exit|__must_check|__maybe_unused|__restrict|TSRMLS_[CD]C|av_unused|av_cold)\b|\b(?:UNUSED|ATTRIBUTE_UNUSED|IF_LINT|__attribute__|G_GNUC_\w+|__printf|__acquires|__releases|__must_hold)[ \t]*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g;
/** A type as argument of a macro: `va_arg(ap, char *)`, `container_of(p, struct x, list)`. */
const TYPE_ARGUMENT = /(?<=,\s*)(?:(?:const|struct|union|enum|unsigned|signed)\s+)*\w+(?:\s*\*)*(?=\s*[,)])/g;
const STRING_MACRO = /(?<=")\s*[A-Z_][A-Za-z0-9_]*\s*(?=")/g;

/** A second try for what does not parse: loops and attributes that are macros. */
export function withoutMacros(text: string): string {
  return text
    .replace(LOOP, (word) => (word.length >= 5 ? "while".padEnd(word.length) : word))
    .replace(SPECIFIERS, blank)
    .replace(ATTRIBUTE_MACROS, blank)
    .replace(TYPE_ARGUMENT, asName)
    .replace(STRING_MACRO, blank)
    .replace(/\bELSE_?IF\b/g, blank);
}

function asName(type: string): string {
  const stars = type.replaceAll("*", " ");
  return stars.replace(/\b(?:const|struct|union|enum|unsigned|signed)\b(?=\s+\w)/g, blank);
}
