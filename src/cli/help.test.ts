// What the command line says of itself, held against what it does: help, examples, the pages, wrong usage.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/support/run-cli.ts";
import { packageRoot } from "../util/resources.ts";
import { commands } from "./commands.ts";
import type { CliContext } from "./context.ts";
import { examples } from "./examples.ts";
import { pathOf } from "./help.ts";
import { createProgram } from "./main.ts";

async function program(said: string[] = []): Promise<Command> {
  const write = (text: string): void => {
    said.push(text);
  };
  const context: CliContext = {
    ...{ out: write, talk: write, signal: new AbortController().signal, env: {}, cwd: packageRoot },
    ...{ interactive: false, finish: () => undefined, run: async () => 0 },
  };
  return await createProgram(context, () => true);
}

const below = (command: Command): Command[] => [command, ...command.commands.flatMap(below)];

/** Reads a command line as a user's is read, and does nothing. */
async function parse(line: string): Promise<void> {
  const said: string[] = [];
  const whole = await program(said);
  for (const command of below(whole)) command.action(() => undefined);
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  await whole
    .parseAsync(
      words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2")),
      { from: "user" },
    )
    .catch((error: unknown) => {
      if (error instanceof CommanderError) throw new Error(said.join(""));
      throw error;
    });
}

/** Command lines in the blocks of a page; those with something left out are no whole ones. */
function linesOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```(?:sh)?\n(.*?)^```/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.replaceAll(/\\\n/g, " ").split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""))
    .flatMap((line) => /^\s*(?:\.\/bin\/)?hexacoder (.*)$/.exec(line)?.[1] ?? [])
    .filter((line) => !line.includes("…"));
}

async function pages(): Promise<{ page: string; lines: string[] }[]> {
  const docs = (await readdir(join(packageRoot, "docs"))).filter((name) => name.endsWith(".md"));
  const names = ["README.md", "CHANGELOG.md", ...docs.map((name) => join("docs", name))];
  const read = names.map(async (page) => ({
    page,
    lines: linesOf(await readFile(join(packageRoot, page), "utf8")),
  }));
  return (await Promise.all(read)).filter(({ lines }) => lines.length > 0);
}

describe("examples", () => {
  it("are there for every command, and for no other", async () => {
    const paths = below(await program()).map(pathOf);
    expect(Object.keys(examples).sort()).toEqual(paths.sort());
  });

  it.each(Object.entries(examples))("of %s are read by the command line", async (path, lines) => {
    for (const line of lines) {
      await parse(line);
      expect(`hexacoder ${line}`.startsWith(path)).toBe(true);
    }
  });
});

describe("the pages", async () => {
  it.each(await pages())("show only command lines that are read: $page", async ({ lines }) => {
    for (const line of lines) await parse(line);
  });

  it("hold every command's help as it is (mended by vitest -u)", async () => {
    const parts: string[] = [];
    for (const name of ["", ...Object.keys(commands)]) {
      const said: string[] = [];
      const whole = await program(said);
      const wanted = below(whole).filter((one) => name === "" || pathOf(one).startsWith(`hexacoder ${name}`));
      for (const command of name === "" ? [whole] : wanted) {
        if (name !== "" && pathOf(command).split(" ")[1] !== name) continue;
        said.length = 0;
        command.configureOutput({ getOutHelpWidth: () => 100 }).outputHelp();
        parts.push(`## ${pathOf(command)}\n\n\`\`\`\n${said.join("").trimEnd()}\n\`\`\`\n`);
      }
    }
    const head =
      "# Commands\n\nWhat `--help` says of each command. Exit codes: [README](../README.md#exit-codes); variables: [environment](environment.md).\n";
    await expect([head, ...parts].join("\n")).toMatchFileSnapshot(join(packageRoot, "docs", "commands.md"));
  });

  it("name every variable of ours", async () => {
    const page = await readFile(join(packageRoot, "docs", "environment.md"), "utf8");
    const known = new Set(page.match(/HEXACODER_[A-Z_]+/g));
    const missing = (await variablesIn("src")).filter((name) => !known.has(name));
    expect(missing).toEqual([]);
  });
});

async function variablesIn(folder: string): Promise<string[]> {
  const files = await readdir(join(packageRoot, folder), { recursive: true });
  const names = new Set<string>();
  for (const file of files.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))) {
    const text = await readFile(join(packageRoot, folder, file), "utf8");
    for (const name of text.match(/HEXACODER_[A-Z]+(?:_[A-Z]+)*/g) ?? []) names.add(name);
  }
  return [...names];
}

describe("what is typed wrongly", () => {
  it.each([
    ["scna .", /^hexacoder: Unknown command 'scna'\. Did you mean scan\? How it is used: hexacoder --help$/],
    ["scan --formt json .", /'--formt'\. Did you mean --format\? How it is used: hexacoder scan --help$/],
    ["dataset biuld runs", /Did you mean build\? How it is used: hexacoder dataset --help$/],
    ["dataset build", /hexacoder: Required option '--out <dir>' not specified\. .*dataset build --help$/],
    ["scan --jobs 0 .", /It must be a whole number of at least 1\. How it is used: hexacoder scan --help$/],
    ["scan --cwe , .", /--cwe.*It must name at least one/],
    ['scan --threat-model "" .', /--threat-model.*It must name at least one/],
    ['scan --oracle "" .', /--oracle.*It must name at least one/],
    ['synth --verify "" --out run', /--verify.*It must name at least one/],
    ['eval --benchmark "" --model tiny --out run', /--benchmark.*It must name at least one/],
    ["synth --from files: --out run", /--from files: is not a source of programs/],
    ["synth --from llms --out run", /--from llms is not a source of programs/],
    ['scan ""', /One of the paths is empty\. .* written as a dot/],
    ['fix "" --write', /One of the paths is empty/],
    ["scan src/index.ts --cwe 9999", /The oracle builtin does not look for CWE-9999\. Leave --cwe out/],
    ["fix src/index.ts --cwe 9999", /The oracle builtin does not look for CWE-9999/],
    ["synth --cwe 9999 --out run", /The oracle builtin does not look for CWE-9999/],
    ["reproduce papr --dry-run", /There is no plan "papr"\. Take one of: paper/],
  ])("gets a paragraph and exit code 2: %s", async (line, says) => {
    const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
    const { code, out, talk } = await runCli(words, { cwd: packageRoot });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(talk.trimEnd()).toMatch(says);
  });
});
