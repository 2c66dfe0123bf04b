// How commands explain themselves: help with examples, and one paragraph for what was typed wrongly.
import { type Command, Help, type Option } from "commander";
import type { CliContext } from "./context.ts";
import { examples } from "./examples.ts";

/** Gives a command and those below it their streams, their examples and their words for wrong usage. */
export function settle(command: Command, context: Pick<CliContext, "out" | "talk">): Command {
  const path = pathOf(command);
  command
    .exitOverride()
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: context.out,
      writeErr: (text) => context.talk(text.trimEnd()),
      outputError: (text, write) => write(paragraphOf(text, path)),
    });
  const shown = examples[path] ?? [];
  if (shown.length > 0) {
    command.addHelpText(
      "after",
      `\n${shown.length > 1 ? "Examples" : "Example"}:\n${shown.map((line) => `  hexacoder ${line}`).join("\n")}`,
    );
  }
  for (const child of command.commands) settle(child, context);
  return command;
}

/** `hexacoder dataset build`. */
export function pathOf(command: Command): string {
  const above = command.parent;
  return above === null ? command.name() : `${pathOf(above)} ${command.name()}`;
}

/** That a flag is off when it is not given goes without saying. */
function optionDescription(option: Option): string {
  return option.isBoolean() ? option.description : new Help().optionDescription(option);
}

/** The library says `error: unknown option '--formt'`, and in a line of its own `(Did you mean --format?)`. */
function paragraphOf(text: string, path: string): string {
  const sentences = text
    .trim()
    .replace(/^error: /, "")
    .split("\n")
    .map((line) => line.replace(/^\((.*)\)$/, "$1"))
    .map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.?!]$/.test(line) ? "" : "."}`);
  return `hexacoder: ${sentences.join(" ")} How it is used: ${path} --help`;
}
