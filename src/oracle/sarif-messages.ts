// SARIF messages as one plain sentence: a text or a text of the rule with its arguments, links taken out.
import type { SarifMessage, SarifRule } from "./sarif-schema.ts";

/** The text of a message; empty where the log has none. */
export function plainText(message: SarifMessage | undefined, rule?: SarifRule): string {
  const template = message?.id === undefined ? undefined : rule?.messageStrings?.[message.id];
  const text = message?.text ?? template?.text ?? message?.markdown ?? template?.markdown;
  return unlinked(filled(text ?? rule?.shortDescription?.text ?? "", message?.arguments ?? []));
}

/** `{0}` is the first argument, `{{` a brace. */
function filled(text: string, args: readonly string[]): string {
  if (args.length === 0) return text;
  return text.replace(/\{\{|\}\}|\{(\d{1,3})\}/g, (match, number: string | undefined) =>
    number === undefined ? match.slice(0, 1) : (args[Number(number)] ?? match),
  );
}

/** `[user-provided value](1)` is its words; escaped brackets are brackets. */
function unlinked(text: string): string {
  return text
    .replace(/(?<!\\)\[((?:\\.|[^\]\\]){0,2000})\]\((?:\\.|[^)\\]){0,2000}\)/g, "$1")
    .replace(/\\([[\]\\])/g, "$1");
}
