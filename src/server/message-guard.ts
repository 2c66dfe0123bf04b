// A chat message under guard: every program in it is judged by itself, repaired where that is asked for and can
// be done, and the message put together again.
import { extensionOf, type Language } from "../core/language.ts";
import { type Refusal, refusalOf, repairProgram } from "../generation/guard-program.ts";
import { loadLanguage } from "../lang/registry.ts";
import type { RawMessage } from "../llm/raw-chat.ts";
import type { EndpointGuard } from "./endpoint.ts";
import { MOST_CHARACTERS } from "./limits.ts";
import {
  type FoundProgram,
  type Languages,
  outdented,
  type ProgramsIn,
  programsInCall,
  programsInText,
} from "./programs.ts";

/** A refusal, and in which of the answer's programs. */
export interface MessageRefusal {
  readonly where: string;
  readonly language: Language | undefined;
  readonly refusal: Refusal;
}

/** What became of a message. */
export interface JudgedMessage {
  /** The message, with its repairs. */
  readonly message: RawMessage;
  /** Why it may not be shown as it was, or at all. */
  readonly refused: readonly MessageRefusal[];
  /** Whether repairs made it fit to be shown. */
  readonly repaired: boolean;
  /** Repairs, by name. */
  readonly repairs: readonly string[];
  /** Programs that pass without having been looked at: where, and why. */
  readonly unscanned: readonly string[];
}

/** Judges a message, and repairs it in mode `repair`. */
export async function judgeMessage(
  message: RawMessage,
  guard: EndpointGuard,
  signal: AbortSignal,
): Promise<JudgedMessage> {
  const languages = { python: await loadLanguage("python"), c: await loadLanguage("c") };
  const parts = partsOf(message, languages);
  const verdicts: Verdict[] = [];
  for (const program of parts.flatMap(({ programs }) => programs.programs)) {
    verdicts.push(await judge(program, { guard, languages, signal }));
  }
  const refused = verdicts.flatMap(({ refused }) => refused ?? []);
  const repaired = refused.length > 0 && verdicts.every(({ refused, repair }) => !refused || repair);
  const shown = repaired || refused.length === 0;
  if (shown) for (const { repair, trim } of verdicts) (repair?.apply ?? trim)?.();
  return {
    message: shown ? rebuilt(message, parts) : message,
    refused,
    repaired,
    repairs: repaired ? verdicts.flatMap(({ repair }) => repair?.names ?? []) : [],
    unscanned: verdicts.flatMap(({ unscanned }) => unscanned ?? []),
  };
}

/** A part of a message that may hold programs, and how the message is with it rewritten. */
interface Part {
  readonly programs: ProgramsIn;
  readonly put: (message: RawMessage, text: string) => RawMessage;
}

function partsOf(message: RawMessage, languages: Languages): Part[] {
  const content: Part[] =
    message.content == null
      ? []
      : [
          {
            programs: programsInText(message.content, languages),
            put: (to, text) => ({ ...to, content: text }),
          },
        ];
  const calls = (message.tool_calls ?? []).flatMap((call, index): Part[] => {
    if (call.custom !== undefined) {
      const programs = programsInText(call.custom.input, languages);
      return [
        {
          programs,
          put: (to, text) => withCall(to, index, { ...call, custom: { ...call.custom, input: text } }),
        },
      ];
    }
    if (call.function === undefined) return [];
    const { name, arguments: args } = call.function;
    const put: Part["put"] = (to, text) =>
      withCall(to, index, { ...call, function: { ...call.function, name, arguments: text } });
    return [{ programs: programsInCall(name, args, languages), put }];
  });
  return [...content, ...calls, ...oldCallOf(message, languages)];
}

/** What tool calls were before there were tools; some services still have them. */
function oldCallOf({ function_call: call }: RawMessage, languages: Languages): Part[] {
  if (call == null) return [];
  const programs = programsInCall(call.name, call.arguments, languages);
  return [{ programs, put: (to, text) => ({ ...to, function_call: { ...call, arguments: text } }) }];
}

type ToolCall = NonNullable<RawMessage["tool_calls"]>[number];

function withCall(message: RawMessage, at: number, changed: ToolCall): RawMessage {
  const calls = (message.tool_calls ?? []).map((call, index) => (index === at ? changed : call));
  return { ...message, tool_calls: calls };
}

function rebuilt(message: RawMessage, parts: readonly Part[]): RawMessage {
  return parts.reduce((whole, { programs, put }) => put(whole, programs.result()), message);
}

interface Verdict {
  readonly refused?: MessageRefusal;
  readonly repair?: { readonly names: readonly string[]; readonly apply: () => void };
  readonly unscanned?: string;
  /** Takes a half statement off the end of a program that was cut off, as nobody looked at that. */
  readonly trim?: () => void;
}

interface Judging {
  readonly guard: EndpointGuard;
  readonly languages: Languages;
  readonly signal: AbortSignal;
}

async function judge(program: FoundProgram, judging: Judging): Promise<Verdict> {
  const { guard, signal } = judging;
  const { where, language } = program;
  if (language === undefined) return notLookedAt(program, `unsupported-language (${program.tag})`, guard);
  if (program.text.length > MOST_CHARACTERS) return notLookedAt(program, "too-large", guard);
  const { text, whole, trimmed = false } = readable(program, judging.languages[language]);
  const file = { path: `answer${extensionOf(language)}`, language, text };
  const [result] = await guard.oracle.scan([file], { signal });
  const refusal = refusalOf(result);
  if (refusal === undefined) return trimmed ? { trim: () => program.replace(whole(text)) } : {};
  if (refusal.kind === "unscanned") return notLookedAt(program, refusal.reason, guard);
  const refused = { where, language, refusal };
  if (guard.mode !== "repair" || guard.repairer === undefined) return { refused };
  const repaired = await repairProgram(file, refusal.findings, { ...guard, signal });
  if (repaired === undefined) return { refused };
  const apply = (): void => program.replace(whole(repaired.text));
  return { refused, repair: { names: repaired.repairs, apply } };
}

/** A program as a parser can read it, and the way back. */
interface Readable {
  readonly text: string;
  readonly whole: (repaired: string) => string;
  /** Whether its end was dropped. */
  readonly trimmed?: boolean;
}

/** Pieces of a program come with the indentation of their place, or stop in the middle. */
function readable({ text, open }: FoundProgram, language: Languages[Language]): Readable {
  const { flat, indent } = outdented(text);
  const back = (repaired: string): string => repaired.replaceAll(/^(?=[^\n])/gm, indent);
  const asIs: Readable = { text, whole: (repaired) => withEndOf(text, repaired) };
  if (language.parses(text)) return asIs;
  const outer: Readable = { text: flat, whole: (repaired) => withEndOf(text, back(repaired)) };
  if (language.parses(flat)) return outer;
  const kept = open ? language.dropIncompleteTail(flat) : flat;
  return kept !== flat && kept.trim() !== "" ? { ...outer, text: kept, trimmed: true } : asIs;
}

/** A block's text ends without a line end; a program that was repaired may have got one. */
function withEndOf(original: string, repaired: string): string {
  return original.endsWith("\n") ? repaired : repaired.replace(/\n+$/, "");
}

function notLookedAt(program: FoundProgram, reason: string, { unscanned }: EndpointGuard): Verdict {
  const { where, language, partial } = program;
  // Other languages, and pieces of files, are the rule and not the exception: only the strict refuse them.
  const passes = unscanned === "pass" || (unscanned === "withhold" && (language === undefined || partial));
  if (passes) return { unscanned: `${where}: ${reason}` };
  return { refused: { where, language, refusal: { kind: "unscanned", reason } } };
}
