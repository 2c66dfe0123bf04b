import { describe, expect, it } from "vitest";
import { quoteStates, shellWords } from "./shell.ts";

const V = 1;

describe("shellWords", () => {
  it.each([
    { line: ["ping -c 1 ", V], words: ["ping", "-c", "1", "<1>"] },
    { line: ["tar xf /srv/", V, ".tar"], words: ["tar", "xf", "/srv/<1>.tar"] },
    { line: ["echo 'a b' \"c d\""], words: ["echo", "a b", "c d"] },
    { line: ["grep '", V, "' file"], words: ["grep", "<1>", "file"] },
    { line: ["a\\ b ''"], words: ["a b", ""] },
    { line: ['say "it\'s \\"so\\" \\n"'], words: ["say", 'it\'s "so" \\n'] },
  ])("splits $line", ({ line, words }) => {
    const read = shellWords(line);
    const spelled = read.kind === "words" ? read.words.map(spell) : read;
    expect(spelled).toEqual(words);
  });

  it.each([
    ["cat a | wc -l"],
    ["ls > out"],
    ["a; b"],
    ["a && b"],
    ["echo $HOME"],
    ['echo "$(id)"'],
    ["rm *.log"],
    ["ls ~"],
    ["MODE=fast run"],
  ])("sees that %s needs a shell", (line) => {
    expect(shellWords([line]).kind).toBe("shell");
  });

  it("sees quotes that are not closed", () => {
    expect(shellWords(["echo 'a"]).kind).toBe("unclosed");
  });
});

describe("quoteStates", () => {
  it("tells which quotes are open at each value", () => {
    const states = quoteStates(["a ", 1, " 'b ", 3, "' \"", 5, '"']);
    expect([...states]).toEqual([
      [1, ""],
      [3, "'"],
      [5, '"'],
    ]);
  });
});

function spell(word: readonly ({ text: string } | { placeholder: number })[]): string {
  return word.map((part) => ("text" in part ? part.text : `<${part.placeholder}>`)).join("");
}
