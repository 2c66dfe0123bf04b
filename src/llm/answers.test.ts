import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAnswer } from "./answers.ts";

// Parsing itself is the language's business: here a program is text without prose in it.
const options = {
  parses: (text: string) => !/\b(?:Here|Sure|This|Hope|sorry|cannot)\b/.test(text) && !text.includes("<html"),
  fenceNames: ["python", "py"],
};
const PROGRAM = "import os\n\nx = os.getcwd()\n";
const fenced = (text: string, name = "python"): string => `\`\`\`${name}\n${text}\`\`\`\n`;
const read = (text: string, finishReason: "stop" | "length" | "content-filter" | "error" = "stop") =>
  readAnswer({ text, finishReason }, options);

describe("an answer", () => {
  it.each([
    { what: "the program alone", text: PROGRAM },
    { what: "a fenced program", text: fenced(PROGRAM) },
    { what: "a fence without a name", text: fenced(PROGRAM, "") },
    { what: "a fence in capitals", text: fenced(PROGRAM, "Python") },
    { what: "prose around a fence", text: `Sure! Here it is:\n\n${fenced(PROGRAM)}\nHope it helps.` },
    { what: "prose around a bare program", text: `Sure! Here it is.\n\n${PROGRAM}\nHope it helps.` },
    { what: "Windows line ends", text: fenced(PROGRAM).replaceAll("\n", "\r\n") },
    { what: "a fence that is never closed", text: `\`\`\`python\n${PROGRAM}` },
    { what: "tildes", text: `~~~python\n${PROGRAM}~~~` },
    { what: "four backticks", text: `\`\`\`\`python\n${PROGRAM}\`\`\`\`` },
    {
      what: "an indented fence in a list",
      text: `1. Here:\n   \`\`\`python\n${PROGRAM.replace(/^(?=.)/gm, "   ")}   \`\`\``,
    },
    { what: "the same program twice", text: fenced(PROGRAM) + fenced(PROGRAM) },
    { what: "a template beside the program", text: fenced("<html></html>\n", "html") + fenced(PROGRAM) },
    {
      what: "thoughts in front",
      text: `<think>Here I write ${fenced("y = 2\n")}</think>\n${fenced(PROGRAM)}`,
    },
    {
      what: "a limit reached after the program",
      text: `${fenced(PROGRAM)}This program`,
      finish: "length" as const,
    },
  ])("with $what holds it", ({ text, finish }) => {
    expect(read(text, finish)).toEqual({ kind: "programs", programs: [PROGRAM] });
  });

  it("may hold several programs, which keep their order", () => {
    expect(read(`${fenced("a = 1\n")}Here is another:\n${fenced(PROGRAM)}`)).toEqual({
      kind: "programs",
      programs: ["a = 1\n", PROGRAM],
    });
  });

  it.each([
    { text: fenced(PROGRAM).slice(0, -20), finish: "length" as const, kind: "truncated" },
    { text: PROGRAM, finish: "length" as const, kind: "truncated" },
    { text: "<think>Here I", finish: "length" as const, kind: "truncated" },
    { text: "I'm sorry, but I can't help with that.", finish: "stop" as const, kind: "refused" },
    { text: "I cannot write insecure code.", finish: "stop" as const, kind: "refused" },
    { text: "Sorry, this is not something I do.", finish: "stop" as const, kind: "refused" },
    { text: PROGRAM, finish: "content-filter" as const, kind: "refused" },
    { text: "", finish: "stop" as const, kind: "no-program" },
    { text: "Done.", finish: "stop" as const, kind: "no-program" },
    { text: "", finish: "error" as const, kind: "no-program" },
    { text: `x = "${"y".repeat(300_000)}"`, finish: "stop" as const, kind: "no-program" },
  ])("that $finish-ends as %# is $kind", ({ text, finish, kind }) => {
    expect(read(text, finish).kind).toBe(kind);
  });

  it("is no refusal where it apologises and delivers", () => {
    expect(read(`Sorry for the delay.\n${fenced(PROGRAM)}`).kind).toBe("programs");
  });

  it("never throws, and gives only programs that parse", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom("```", "```python", "\n", "~~~", "<think>", PROGRAM));
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom("stop" as const, "length" as const), (pieces, finish) => {
        const answer = read(pieces.join("\n"), finish);
        if (answer.kind !== "programs") return;
        expect(answer.programs.length).toBeGreaterThan(0);
        for (const program of answer.programs) expect(options.parses(program)).toBe(true);
      }),
    );
  });
});
