// Programs broken on purpose, for fuzzing the oracle: characters flipped, ends cut off, tokens left
// out, two programs spliced. The same seed gives the same programs.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "../../src/core/finding.ts";
import { languageOf } from "../../src/core/language.ts";
import { type Random, seededRandom } from "../../src/util/random.ts";
import { resource } from "../../src/util/resources.ts";

/** Fixtures and seeds, in a fixed order. */
export function realPrograms(): SourceFile[] {
  const folders = [resource("test", "fixtures", "oracle"), resource("data", "seeds")];
  return folders.flatMap((folder) => {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    return names.flatMap((name) => {
      const language = languageOf(name);
      if (language === undefined) return [];
      return [{ path: name, language, text: readFileSync(join(folder, name), "utf8") }];
    });
  });
}

/** How many programs of each kind to make. */
export interface MutationPlan {
  /** Programs cut off at every offset, those with the fewest characters first; 0 for none. */
  readonly truncated: number;
  /** Programs changed at random. */
  readonly random: number;
  readonly seed: number;
}

/** Makes programs as they are asked for. */
export function* mutatedPrograms(programs: readonly SourceFile[], plan: MutationPlan): Generator<SourceFile> {
  const bySize = [...programs].sort((a, b) => a.text.length - b.text.length);
  for (const { path, language, text } of bySize.slice(0, plan.truncated)) {
    for (let end = 0; end < text.length; end++) yield { path, language, text: text.slice(0, end) };
  }
  const random = seededRandom(plan.seed);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  for (let made = 0; made < plan.random; made++) {
    const program = pick(programs);
    const other = pick(programs);
    const mutate = pick(MUTATIONS);
    if (program === undefined || other === undefined || mutate === undefined) return;
    let text = mutate(program.text, other.text, random);
    // Now and then several things at once.
    while (random() < 0.3) text = (pick(MUTATIONS) ?? mutate)(text, other.text, random);
    yield { path: program.path, language: program.language, text };
  }
}

type Mutation = (text: string, other: string, random: Random) => string;

const TOKEN = /\w+|\s+|[^\w\s]/g;
const ODD = [
  "\0",
  "\r",
  "\t",
  "\\",
  '"',
  "'",
  '"""',
  "{",
  "(",
  ":",
  "#",
  "\ud800",
  "\u2028",
  "é",
  "\ufeff",
  "f'{",
];

const MUTATIONS: readonly Mutation[] = [
  function flipByte(text, _other, random) {
    const bytes = Buffer.from(text);
    if (bytes.length > 0) {
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    // As lenient readers do: what is no UTF-8 any more becomes a replacement character.
    return bytes.toString("utf8");
  },
  function truncate(text, _other, random) {
    return text.slice(0, Math.floor(random() * text.length));
  },
  function dropTokens(text, _other, random) {
    const share = random() * 0.1;
    return text.replace(TOKEN, (token) => (random() < share ? "" : token));
  },
  function repeatTokens(text, _other, random) {
    const share = random() * 0.05;
    return text.replace(TOKEN, (token) =>
      random() < share ? token.repeat(1 + Math.floor(random() * 4)) : token,
    );
  },
  function insertOdd(text, _other, random) {
    const at = Math.floor(random() * (text.length + 1));
    return text.slice(0, at) + (ODD[Math.floor(random() * ODD.length)] ?? "") + text.slice(at);
  },
  function splice(text, other, random) {
    return (
      text.slice(0, Math.floor(random() * text.length)) + other.slice(Math.floor(random() * other.length))
    );
  },
  function spliceLines(text, other, random) {
    const [own, others] = [text.split("\n"), other.split("\n")];
    const at = Math.floor(random() * own.length);
    const from = Math.floor(random() * others.length);
    own.splice(at, Math.floor(random() * 3), ...others.slice(from, from + 1 + Math.floor(random() * 8)));
    return own.join("\n");
  },
  function shuffleLines(text, _other, random) {
    const lines = text.split("\n");
    for (let swaps = 0; swaps < 4; swaps++) {
      const [a, b] = [Math.floor(random() * lines.length), Math.floor(random() * lines.length)];
      [lines[a], lines[b]] = [lines[b] ?? "", lines[a] ?? ""];
    }
    return lines.join("\n");
  },
];
