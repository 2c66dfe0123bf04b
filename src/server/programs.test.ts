import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadLanguage } from "../lang/registry.ts";
import { guessLanguage } from "./detect-language.ts";
import { programsInCall, programsInText } from "./programs.ts";

const languages = { python: await loadLanguage("python"), c: await loadLanguage("c") };

describe("the programs of an answer", () => {
  const piece = fc.constantFrom(
    "```",
    "```python",
    "~~~c",
    "  ```py",
    "import os",
    "def f(a):",
    "    return 1",
    "int x;",
    "Prose, 😀.",
    "",
    "\r",
  );

  it("leave the answer as it is where none is replaced", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (lines) => {
        const text = lines.join("\n");
        expect(programsInText(text, languages).result()).toBe(text);
      }),
    );
  });

  it("are replaced each in its place, and nothing else is", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (lines) => {
        const text = lines.join("\n");
        const found = programsInText(text, languages);
        for (const { replace } of found.programs) replace("@@");
        const again = found.result();
        expect(again.split("@@").length - 1).toBe(found.programs.length);
        const kept = text.split("\n").filter((line) => line.startsWith("Prose"));
        const inPrograms = found.programs
          .flatMap((one) => one.text.split("\n"))
          .filter((line) => line.startsWith("Prose"));
        expect(again.split("\n").filter((line) => line.startsWith("Prose"))).toHaveLength(
          kept.length - inPrograms.length,
        );
      }),
    );
  });

  it.each([
    ["a run of statements", "value = first(a)\nother = value + 1\nshow(other)\n", "python"],
    [
      "one that is indented and was cut off",
      "    value = first(a)\n    other = value + 1\n    show(other, [",
      "python",
    ],
    ["settings", "[core]\nname = my project\nsize = 3 MB\n", undefined],
    ["a table", "a b c\n1 2 3\n4 5 6\n", undefined],
    ["a shell session", "$ cd src\n$ make all\ncc -o main main.c\n", undefined],
    ["a list of things to do", "1. Open the file (a.py).\n2. Change x = 1 to x = 2.\n3. Save.\n", undefined],
    ["a page of JavaScript", 'const a = require("a");\nlet b = a(1);\nexport { b };\n', undefined],
  ])("are told without a language's name: %s", (_name, text, language) => {
    expect(programsInText(`\`\`\`\n${text}\n\`\`\``, languages).programs[0]?.language).toBe(language);
    expect(programsInText(text, languages).programs[0]?.language).toBe(language);
  });

  it("in arguments are those of the file that is named beside them", () => {
    const args = JSON.stringify({
      edits: [{ file_path: "src/a.c", content: "int x;\nint y;\n" }],
      path: "b.py",
    });
    const { programs, result } = programsInCall("edit", args, languages);
    expect(programs).toMatchObject([{ where: "edit.edits.0.content", language: "c" }]);
    programs[0]?.replace("int z;\n");
    expect(JSON.parse(result())).toEqual({
      edits: [{ file_path: "src/a.c", content: "int z;\n" }],
      path: "b.py",
    });
  });
});

describe("a guess of the language", () => {
  it.each([
    ["python", "import os\n\ndef f(a):\n    x = a."],
    ["python", "@app.route('/')\ndef f():\n"],
    ["python", "for i in range(3):\n    print(i)\n"],
    ["c", "#include <stdio.h>\n\nint main(void) {\n  int x ="],
    ["c", "static char *copy(const char *s) {\n  if (s == NULL) {\n"],
    [undefined, "Dear all,\n\nhere is the plan.\n"],
    [undefined, ""],
  ])("is %s", (language, text) => {
    expect(guessLanguage(text)?.language).toBe(language);
  });
});
