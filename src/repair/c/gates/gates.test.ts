// The gates for C: what must pass, and the bad repairs that must not.
import { describe, expect, it } from "vitest";
import { parseCweId } from "../../../core/cwe.ts";
import { loadC } from "../../../lang/c.ts";
import { finding } from "../../gates/gates.testing.ts";
import { CProgram } from "../program.ts";
import { compiles } from "./compiles.ts";
import type { CSides } from "./gate.ts";
import { headers } from "./headers.ts";
import { intactC } from "./intact.ts";
import { kindC } from "./kind.ts";

const language = await loadC();

/** Both sides; the finding is on the first line of the vulnerable side that the fixed one lacks. */
function sides(before: string, after: string, cwe = "787"): CSides {
  const kept = new Set(after.split("\n"));
  const lines = before.split("\n");
  const line = Math.max(1, lines.findIndex((text) => !kept.has(text)) + 1);
  return {
    cwe: parseCweId(cwe),
    report: [finding(cwe, line, "error", lines[line - 1]?.length ?? 1)],
    file: { path: "p.c", language: "c", text: before },
    candidate: after,
    before: new CProgram(before, language),
    after: new CProgram(after, language),
  };
}

const copy = `#include <string.h>
void keep(const char *from)
{
    char to[16];
    strcpy(to, from);
}
`;
const copied = (call: string): string => copy.replace("strcpy(to, from);", call);

const pointer = `#include <stdlib.h>
int first(size_t n)
{
    int *all = malloc(n);
    return all[0];
}
`;
const asked = (check: string): string => pointer.replace("    return all", `    ${check}\n    return all`);

const sum = "int add(int a, int b)\n{\n    return a + b;\n}\n";
const held = (check: string): string => sum.replace("    return", `    ${check}\n    return`);

const path = '#include <stdio.h>\nFILE *get(const char *path)\n{\n    return fopen(path, "r");\n}\n';
const refused = (check: string): string =>
  path.replace("    return", `    ${check}\n        return NULL;\n    return`);

describe("the kind of a fix in C", () => {
  it.each([
    { cwe: "787", before: copy, after: copied('snprintf(to, sizeof(to), "%s", from);'), expected: "passed" },
    { cwe: "787", before: copy, after: copied("strncpy(to, from, strlen(from));"), expected: "failed" },
    { cwe: "787", before: copy, after: copied("strncpy(to, from, sizeof(to));"), expected: "failed" }, // no end
    {
      cwe: "787",
      before: copy,
      after: copied("strncpy(to, from, sizeof(to) - 1);\n    to[sizeof(to) - 1] = 0;"),
      expected: "passed",
    },
    { cwe: "787", before: copy, after: copied("strncat(to, from, sizeof(to));"), expected: "failed" },
    { cwe: "787", before: copy, after: copied('sprintf(to, "%s", from);'), expected: "failed" },
    {
      cwe: "787",
      before: "#include <string.h>\nvoid keep(char *to, const char *from)\n{\n    strcpy(to, from);\n}\n",
      after:
        "#include <string.h>\nvoid keep(char *to, const char *from)\n{\n    strncat(to, from, sizeof(to) - 1);\n}\n",
      expected: "failed", // the size of a pointer
    },
    { cwe: "476", before: pointer, after: asked("if (all == NULL)\n        return 0;"), expected: "passed" },
    { cwe: "476", before: pointer, after: asked("if (!all)\n        return 0;"), expected: "passed" },
    { cwe: "476", before: pointer, after: asked("assert(all != NULL);"), expected: "failed" },
    { cwe: "190", before: sum, after: held("if (a + b < a)\n        return -1;"), expected: "failed" },
    {
      cwe: "190",
      before: sum,
      after: held("if (b > 0 && a > INT_MAX - b)\n        return -1;"),
      expected: "passed",
    },
    { cwe: "22", before: path, after: refused('if (strstr(path, "..") != NULL)'), expected: "passed" },
    { cwe: "22", before: path, after: refused('if (strncmp(path, "/safe", 5) != 0)'), expected: "failed" },
    { cwe: "22", before: path, after: refused("if (path[0] == 'x')"), expected: "failed" },
    {
      cwe: "416",
      before: "void f(char *p)\n{\n    free(p);\n    puts(p);\n}\n",
      after: "void f(char *p)\n{\n    puts(p);\n}\n",
      expected: "failed", // leaks instead
    },
    {
      cwe: "134",
      before: "void f(const char *p)\n{\n    printf(p);\n}\n",
      after: 'void f(const char *p)\n{\n    printf("%s", p);\n}\n',
      expected: "passed",
    },
  ])("$expected for CWE-$cwe: $after", ({ cwe, before, after, expected }) => {
    expect(kindC(sides(before, after, cwe))).toMatchObject({ status: expected });
  });

  it("has no say on weaknesses without known objections", () => {
    expect(kindC(sides(copy, copied(""), "835")).status).toBe("not-applicable");
  });
});

describe("intact in C", () => {
  const before = `int load(struct box *box, const char *name)
{
    int count = 0;
    FILE *in = fopen(name, "r");
    while (fgets(box->line, 80, in) != NULL)
        count++;
    fclose(in);
    return count;
}
`;
  it.each([
    {
      what: "a check in front",
      from: "    while",
      to: "    if (in == NULL)\n        return -1;\n    while",
      expected: "passed",
    },
    { what: "another signature", from: ", const char *name", to: "", expected: "failed" },
    { what: "the work taken out", from: / {4}while[\s\S]*count\+\+;\n/, to: "", expected: "failed" },
    { what: "a return in front", from: "    while", to: "    return 0;\n    while", expected: "failed" },
  ])("$expected with $what", ({ from, to, expected }) => {
    expect(intactC(sides(before, before.replace(from, to), "476")).status).toBe(expected);
  });
});

describe("headers", () => {
  it.each([
    { include: "<limits.h>", expected: "passed" },
    { include: "<sys/wait.h>", expected: "passed" },
    { include: "<safestring.h>", expected: "failed" },
    { include: '"safe.h"', expected: "failed" },
  ])("$expected with $include", ({ include, expected }) => {
    expect(headers(sides(copy, `#include ${include}\n${copy}`)).status).toBe(expected);
  });
});

describe("compiles", () => {
  // Where there is no gcc, every outcome is "not run": the claims hold on both kinds of machines.
  it.each([
    { what: "a sound repair", after: copied("strncat(to, from, sizeof(to) - 1);"), refuses: false },
    { what: "a name that nothing declares", after: copied("strncat(to, from, room);"), refuses: true },
    { what: "a header that was forgotten", after: copied("puts(from);"), refuses: true },
  ])("judges $what", async ({ after, refuses }) => {
    const { status, detail } = await compiles(sides(copy, after), undefined);
    if (detail === "Not run: there is no gcc.") expect(status).toBe("not-applicable");
    else expect(status).toBe(refuses ? "failed" : "passed");
  });

  it.each([
    "#include </dev/zero>",
    '#include "../../x.h"',
    "#define X <a.h>\n#include X",
    "#in\\\nclude </dev/zero>",
  ])("gives the compiler no %s", async (directive) => {
    const { status, detail } = await compiles(sides(copy, `${directive}\n${copy}`), undefined);
    expect({ status, given: detail?.includes("is not given") }).toEqual({
      status: "not-applicable",
      given: true,
    });
  });
});
