import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { resource } from "../../util/resources.ts";
import { type BuiltinOracle, createBuiltinOracle } from "../engines/builtin.ts";

let oracle: BuiltinOracle;
beforeAll(async () => {
  oracle = await createBuiltinOracle({ threatModels: ["remote"] });
});

async function cwes(text: string): Promise<string[]> {
  const [result] = await oracle.scan([{ path: "a.c", language: "c", text }]);
  if (result?.status !== "scanned") throw new Error(JSON.stringify(result));
  return [
    ...new Set(
      result.findings.filter(({ level }) => level !== "note").map((finding) => String(finding.cwes[0])),
    ),
  ];
}

const body = (text: string): string =>
  `#include <stdlib.h>\nint f(int n, const char *s) {\n${text}\n  return 0;\n}\n`;

describe("what is flagged, and what a check makes of it", () => {
  it.each([
    ["CWE-787", "char b[8]; strcpy(b, s);", "char b[8]; if (strlen(s) < sizeof b) strcpy(b, s);"],
    [
      "CWE-787",
      "int a[4]; for (int i = 0; i <= 4; i++) a[i] = i;",
      "int a[4]; for (int i = 0; i < 4; i++) a[i] = i;",
    ],
    ["CWE-787", 'char b[8]; scanf("%8s", b);', 'char b[8]; scanf("%7s", b);'],
    [
      "CWE-787",
      "char *c = malloc(strlen(s)); if (c) { strcpy(c, s); }",
      "char *c = malloc(strlen(s) + 1); if (c) { strcpy(c, s); }",
    ],
    ["CWE-476", "char *p = malloc(4); *p = 1;", "char *p = malloc(4); if (p == NULL) return 1; *p = 1;"],
    ["CWE-415", "char *p = malloc(4); free(p); free(p);", "char *p = malloc(4); free(p); p = NULL; free(p);"],
    [
      "CWE-416",
      "char *p = malloc(4); if (!p) return 1; free(p); *p = 1;",
      "char *p = malloc(4); if (!p) return 1; *p = 1; free(p);",
    ],
    [
      "CWE-190",
      'int x; scanf("%d", &x); n = x * 2;',
      'int x; scanf("%d", &x); if (x > 0 && x < 1000) n = x * 2;',
    ],
    ["CWE-134", 'printf(getenv("A"));', 'printf("%s", getenv("A"));'],
    [
      "CWE-78",
      'char *a = getenv("A"); if (a) system(a);',
      'char *a = getenv("A"); if (a && strcmp(a, "ls") == 0) system(a);',
    ],
    [
      "CWE-22",
      'remove(concat_path_file("d", getenv("A")));',
      'char *a = getenv("A"); if (!a || !is_valid_filename(a)) return 1; remove(concat_path_file("d", a));',
    ],
    ["CWE-416", "msg_release(s); n = s[0];", "n = s[0]; msg_release(s);"],
    [
      "CWE-476",
      "char *a = make(1); if (!a) return 1; char *b = make(2); b[0] = 1;",
      "char *a = make(1); if (!a) return 1; char *b = make(2); if (!b) return 1; b[0] = 1;",
    ],
    [
      "CWE-787",
      'char *c = malloc(strlen(s) + 2); if (!c) return 1; strncpy(c, s, strlen(s) + 1); strncat(c, "xyz", 3);',
      'char *c = malloc(strlen(s) + 2); if (!c) return 1; strncpy(c, s, strlen(s) + 1); strncat(c, "x", 1);',
    ],
  ])("%s: %s", async (cwe, wrong, right) => {
    expect(await cwes(body(wrong))).toContain(cwe);
    expect(await cwes(body(right))).not.toContain(cwe);
  });
});

describe("functions of the file", () => {
  it("give back what they were given: an allocation that is not checked, a length that is", async () => {
    const helper = "static char *make(void) { return malloc(8); }\n";
    expect(await cwes(`${helper}void f(void) { char *p = make(); p[0] = 0; }`)).toEqual(["CWE-476"]);
    expect(await cwes(`${helper}void f(void) { char *p = make(); if (p) p[0] = 0; }`)).toEqual([]);
  });
});

it("carries the way from source to sink", async () => {
  const text =
    'int main(int argc, char **argv) {\n  char b[9];\n  snprintf(b, 9, "%s", argv[1]);\n  return system(b);\n}\n';
  const [result] = await oracle.scan([{ path: "a.c", language: "c", text }]);
  if (result?.status !== "scanned") throw new Error("not scanned");
  expect(result.findings[0]?.codeFlow?.map(({ region }) => region.startLine)).toEqual([1, 3, 4]);
});

it("answers for programs cut off anywhere, and never throws", async () => {
  const folder = resource("test", "fixtures", "oracle", "c");
  for (const name of readdirSync(folder)
    .filter((file) => /null|double/.test(file))
    .slice(0, 3)) {
    const text = readFileSync(`${folder}/${name}`, "utf8");
    for (let at = 0; at < text.length; at += 97) {
      const [result] = await oracle.scan([{ path: name, language: "c", text: text.slice(0, at) }]);
      expect(result?.path).toBe(name);
    }
  }
}, 60_000);

it.each([
  ["nesting", `int main(void) { return ${"(".repeat(10_000)}1${")".repeat(10_000)}; }`],
  [
    "a chain of calls",
    Array.from({ length: 500 }, (_, i) => `int f${i}(int x) { return f${i + 1}(x) + f${i + 1}(1); }`).join(
      "\n",
    ),
  ],
  ["recursion", "int f(int n) { return n ? f(n - 1) + f(n - 2) : 1; }"],
  ["loops in loops", `void f(int n) {${"for (;n;) {".repeat(40)}${"}".repeat(40)}}`],
])("comes back from %s", async (_name, text) => {
  const [result] = await oracle.scan([{ path: "a.c", language: "c", text }]);
  expect(result?.path).toBe("a.c");
});
