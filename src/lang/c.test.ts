import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadC } from "./c.ts";
import type { LanguageSupport } from "./lang.ts";

let c: LanguageSupport;
beforeAll(async () => {
  c = await loadC();
});

describe("parse", () => {
  it.each([
    ["a blank after an include", "#include <stdio.h> \nint main(void) { return 0; }\n"],
    [
      "a conditional that cuts a statement",
      "int f(int a) {\n#if A\n  if (a)\n#endif\n    return 1;\n  return 0;\n}\n",
    ],
    [
      "an else branch with braces of its own",
      "int f(void) {\n#ifdef X\n  if (a) {\n#else\n  if (b) {\n#endif\n  }\n}\n",
    ],
    ["a loop that is a macro", "void f(void) {\n  list_for_each(a, b) {\n    g(a);\n  }\n}\n"],
    ["a specifier that is a macro", "static av_cold int f(void)\n{\n  return 0;\n}\n"],
    ["a type as argument", "int f(void) { return va_arg(ap, char *) == 0; }\n"],
    ["C++", "#include <iostream>\nint main() { std::string s; std::cin >> s; delete[] p; }\n"],
  ])("reads %s", (_name, text) => {
    expect(c.parses(text)).toBe(true);
  });

  it.each(["int main( {\n", "void f() { if (x) ", "int a[3;\n"])("does not read %j", (text) => {
    expect(c.parses(text)).toBe(false);
  });

  it("keeps every offset", () => {
    const text = "#include <stdio.h>  \n#ifdef _WIN32\nint a;\n#else\nint b;\n#endif\nint c;\n";
    const tree = c.parse(text);
    const names = [...tree.root.descendants()].filter(({ type }) => type === "identifier");
    expect(names.map(({ start, end }) => text.slice(start, end))).toEqual(["b", "c"]);
    expect(tree.source).toBe(text);
  });
});

describe("split and join", () => {
  const program =
    "/* licence */\n#include <stdio.h>\n// next\n#include <a.h> // why\n\nint main(void) {\n  return 0;\n}\n";

  it("part includes from the body and give the same bytes back", () => {
    const parts = c.split(program);
    expect(parts.imports).toEqual(["#include <stdio.h>", "#include <a.h> // why"]);
    expect(parts.head).toBe("/* licence */\n");
    expect(c.join(parts)).toBe(program);
  });

  it("add an include once", () => {
    const joined = c.join(c.split(program), ["#include <limits.h>", "#include  <stdio.h>"]);
    expect(joined).toContain("#include <a.h> // why\n#include <limits.h>\n\nint main");
    expect(joined.match(/stdio/g)).toHaveLength(1);
  });

  it("leave an unfinished include and a conditional one in the body", () => {
    expect(c.split("#include <stdi").imports).toEqual([]);
    expect(c.split("#ifdef A\n#include <a.h>\n#endif\nint x;\n").imports).toEqual([]);
    expect(c.split("#ifndef X_H\n#define X_H\n#include <a.h>\n#endif\n").imports).toEqual(["#include <a.h>"]);
  });

  it("find includes in a model's answer", () => {
    expect(c.importsIn("Sure:\n```c\n#include <a.h>\nint x;\n#include <b", { complete: false })).toEqual([
      "#include <a.h>",
    ]);
  });
});

describe("cut", () => {
  const head = "#include <a.h>\nint f(int a) {\n";
  it.each([
    [
      "ends with the function that the prompt began",
      head,
      "  if (a) {\n  }\n}\nint g() {}\n",
      "  if (a) {\n  }\n}\n",
    ],
    [
      "adds one function to a prompt outside any",
      "int x;\n",
      "int f(void) {\n}\nint g;\n",
      "int f(void) {\n}\n",
    ],
    [
      "is not misled by braces in strings and comments",
      head,
      '  puts("}"); // }\n  return 1;\n}\nx',
      '  puts("}"); // }\n  return 1;\n}\n',
    ],
    ["keeps all of what does not end", head, "  return", "  return"],
  ])("%s", (_name, prompt, completion, expected) => {
    expect(c.cut(prompt, completion)).toBe(prompt + expected);
  });

  it("drops a half statement and closes what is open", () => {
    expect(c.dropIncompleteTail("int f(void) {\n  g();\n  if (x")).toBe("int f(void) {\n  g();\n}\n");
  });
});

it("split, join and cut lose nothing of any text", () => {
  const words = [
    "#include <a.h>\n",
    "int f() {",
    "}",
    "\n",
    "// }\n",
    '"',
    "'",
    "/*",
    "#if 1\n",
    "#endif\n",
    "x;",
    "\\",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 16 }), (parts) => {
      const text = parts.join("");
      expect(c.cut(text, "")).toBe(text);
      const { head, imports, gaps, body } = c.split(text);
      if (imports.length === 0) expect(head + body).toBe(text);
      const all = [head, ...imports, ...(gaps ?? []), body].join("");
      expect([...all].sort().join("").trim().length).toBeGreaterThanOrEqual(text.trim().length === 0 ? 0 : 1);
    }),
    { numRuns: 300 },
  );
});
