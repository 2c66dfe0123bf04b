// Programs of C that are hard on an analyser by their size or shape, made by machine, as
// worst-programs.ts has them for Python.
import type { WorstProgram } from "./worst-programs.ts";

/** All of them. */
export function worstCPrograms(): WorstProgram[] {
  return [
    {
      name: "C: 4,000 functions",
      text: times(4_000, (i) => `int f${i}(int a) {\n  int b = a + ${i};\n  return b * 2;\n}\n`),
    },
    { name: "C: 1 MB", text: times(25_000, (i) => `int f${i}(int a) { return a + ${i}; }\n`) },
    {
      name: "C: 5,000 branches that return",
      text: inFunction(times(5_000, (i) => `  if (a == ${i}) return ${i};\n`)),
    },
    {
      name: "C: 5,000 branches that join",
      text: inFunction(times(5_000, (i) => `  if (a & ${i}) a += ${i};\n`)),
    },
    { name: "C: 5,000 cases", text: inFunction(`switch (a) {\n${times(5_000, aCase)}}\n`) },
    {
      name: "C: 10,000 brackets",
      text: `int f(void) { return ${"(".repeat(10_000)}1${")".repeat(10_000)}; }`,
    },
    { name: "C: 10,000 nested blocks", text: inFunction(nested(10_000, "if (a) {")) },
    { name: "C: 300 nested loops", text: inFunction(nested(300, "while (a--) {")) },
    {
      name: "C: 2,000 functions that call one another",
      text: times(2_000, (i) => `int f${i}(int a) { return f${i + 1}(a) + f${i + 2}(a); }\n`),
    },
    { name: "C: 20 counters in three loops", text: counters() },
  ];
}

function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join("");
}

const aCase = (i: number): string => `case ${i}: a += ${i}; break;\n`;

function inFunction(body: string): string {
  return `int f(int a) {\n${body}  return a;\n}\n`;
}

function nested(depth: number, opening: string): string {
  return `${opening.repeat(depth)}${"}".repeat(depth)}\n`;
}

function counters(): string {
  const loops = ["i", "j", "k"].map((name) => `for (int ${name} = 0; ${name} < a; ${name}++) `).join("");
  return inFunction(`${times(20, (i) => `int c${i} = 0;`)}${loops}{ ${times(20, (i) => `c${i}++;`)} }\n`);
}
