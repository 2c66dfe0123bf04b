// Programs that are hard on an analyser by their size or shape, made by machine. None is a pattern of
// real code; each must be scanned within the step budget or come back unscanned.

import { MOST_CHARACTERS_OF_PYTHON } from "../../src/oracle/limits.ts";

/** A program and what is hard about it. */
export interface WorstProgram {
  readonly name: string;
  readonly text: string;
}

const HEAD = "import os\nfrom flask import request\n\n";
const SOURCE = "request.args['x']";

/** All of them; those that are only long have `length` characters, the most that are analysed unless said otherwise. */
export function worstPrograms(length = MOST_CHARACTERS_OF_PYTHON): WorstProgram[] {
  return [
    {
      name: "nothing but small functions",
      text: filled(length, (i) => `def f${i}(a):\n    b = a + "${i}"\n    return b\n\n`),
    },
    {
      name: "nothing but flows in one function",
      text: `def f():\n${filled(length, (i) => `    v${i} = ${SOURCE}\n    os.system(v${i})\n`)}`,
    },
    {
      name: "nothing but calls to one another",
      text: filled(length, (i) => `def f${i}(a):\n    return f${i + 1}(a)\n\n`),
    },
    { name: "10,000 brackets", text: `x = ${"(".repeat(10_000)}1${")".repeat(10_000)}\n` },
    {
      name: "10,000 lists in lists",
      text: `x = ${"[".repeat(10_000)}${SOURCE}${"]".repeat(10_000)}\n`,
    },
    {
      name: "10,000 calls in calls",
      text: `x = ${"str(".repeat(10_000)}${SOURCE}${")".repeat(10_000)}\nos.system(x)\n`,
    },
    { name: "10,000 attributes", text: `x = a${".b".repeat(10_000)}\n` },
    { name: "10,000 nots", text: `x = ${"not ".repeat(10_000)}a\n` },
    { name: "1,000 nested blocks", text: nested(1_000, "if x:") },
    { name: "90 nested loops", text: nested(90, "while x:") },
    {
      name: "5,000 branches in sequence",
      text: `def f(x):\n    y = ${SOURCE}\n${lines(5_000, (i) => `    if x == ${i}:\n        y = y + "${i}"\n`)}    os.system(y)\n`,
    },
    {
      name: "5,000 alternatives",
      text: `def f(x):\n    y = ""\n    if x:\n        pass\n${lines(5_000, (i) => `    elif x == ${i}:\n        y = ${SOURCE}\n`)}    os.system(y)\n`,
    },
    { name: "a list of 100,000 numbers", text: `x = [${lines(100_000, (i) => `${i}, `)}]\n` },
    {
      name: "a list of 100,000 texts",
      text: `x = [${lines(100_000, () => '"a", ')}]\nos.system(x[${SOURCE}])\n`,
    },
    {
      name: "a dictionary of 20,000 values",
      text: `x = {${lines(20_000, (i) => `"k${i}": ${SOURCE}, `)}}\nos.system(x["k7"])\n`,
    },
    {
      name: "a chain of 20,000 additions",
      text: `x = ${SOURCE}${' + "a"'.repeat(20_000)}\nos.system(x)\n`,
    },
    {
      name: "a chain of 20,000 additions of variables",
      text: `x = "a"\n${lines(20_000, () => `x = x + ${SOURCE}\n`)}os.system(x)\n`,
    },
    { name: "a chain of 20,000 texts side by side", text: `x = (${'"a" '.repeat(20_000)})\n` },
    {
      name: "3,000 parameters",
      text: `def f(${lines(3_000, (i) => `a${i}, `)}):\n    os.system(a7)\n\nf(${lines(3_000, () => `${SOURCE}, `)})\n`,
    },
    {
      name: "2,000 classes that inherit",
      text: `class C0:\n    def m(self): return ${SOURCE}\n${lines(2_000, (i) => `class C${i + 1}(C${i}): pass\n`)}os.system(C${2_000}().m())\n`,
    },
    {
      name: "values that double 60 times",
      text: `x = [${SOURCE}]\n${lines(60, () => "x = [x, x]\n")}os.system(x[0])\n`,
    },
    {
      name: "a comprehension of 200 loops",
      text: `x = [a0 ${lines(200, (i) => `for a${i} in a${i + 1} `)}]\n`,
    },
    {
      name: "functions that call each other twice",
      text: `${lines(200, (i) => `def f${i}(a):\n    return f${i + 1}(a) + f${i + 1}(a + "x")\n\n`)}os.system(f0(${SOURCE}))\n`,
    },
    {
      name: "a pattern of 20,000 groups",
      text: `import re\nre.match(r"${"(a+)*".repeat(20_000)}", ${SOURCE})\n`,
    },
    {
      name: "200 patterns that take long",
      text: `import re\n${lines(200, (i) => `re.match(r"^(.*,)*(\\w+\\s?)*[a-z]*[a-z0-9]*${i}$", ${SOURCE})\n`)}`,
    },
    { name: "nothing but one name", text: `${"a".repeat(length)}\n` },
    { name: "nothing but line ends", text: "\n".repeat(length) },
    { name: "nothing but comments", text: filled(length, (i) => `# hexacoder: ignore ${i}\n`) },
  ].map(({ name, text }) => ({ name, text: HEAD + text }));
}

function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join("");
}

/** Lines up to a length. */
function filled(length: number, line: (i: number) => string): string {
  const parts: string[] = [];
  for (let i = 0, size = 0; ; i++) {
    const next = line(i);
    size += next.length;
    if (size > length) return parts.join("");
    parts.push(next);
  }
}

function nested(depth: number, head: string): string {
  // One blank a level: the grammar asks for no more.
  const blocks = lines(depth, (i) => `${" ".repeat(i)}${head}\n`);
  return `def f(x):\n${blocks.replace(/^/gm, " ").trimEnd()}\n${" ".repeat(depth + 1)}os.system(${SOURCE})\n`;
}
