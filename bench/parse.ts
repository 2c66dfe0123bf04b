// How fast programs are parsed into plain trees and split: programs per second of processor time,
// so that other work on the machine weighs little. Programs are the hand-written seeds, repeated to
// about 40 lines where they are shorter, in a fixed number of rounds.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPython } from "../src/lang/python.ts";
import { resource } from "../src/util/resources.ts";

const ROUNDS = 7;
const LINES = 40;

const python = await loadPython();
const programs = readPrograms(resource("data", "seeds", "python"));
const lines = programs.reduce((sum, text) => sum + text.split("\n").length, 0) / programs.length;
console.log(`${programs.length} programs of ${lines.toFixed(1)} lines on average, ${ROUNDS} rounds`);
measure("parse", (text) => python.parse(text));
measure("parse and visit every node", (text) => [...python.parse(text).root.descendants()].length);
measure("split and join", (text) => python.join(python.split(text)));

function measure(name: string, work: (text: string) => unknown): void {
  const speeds = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    for (const text of programs) work(text);
    const { user, system } = process.cpuUsage(start);
    return (programs.length / (user + system)) * 1e6;
  }).sort((a, b) => a - b);
  const [median, best] = [speeds[Math.floor(ROUNDS / 2)] ?? 0, speeds.at(-1) ?? 0];
  console.log(`${name}: ${Math.round(best)} programs/s at best, ${Math.round(median)} in the median round`);
}

function readPrograms(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".py"),
  );
  const texts = files.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.map((text) => text.repeat(Math.max(1, Math.round(LINES / text.split("\n").length))));
}
