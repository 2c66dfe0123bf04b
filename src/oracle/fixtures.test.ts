// The fixtures under test/fixtures/oracle mark the very lines where findings are expected, in Python
// behind `# $` and in C behind `// $`: `Alert[CWE-78]`, `Note[CWE-22]` (advice), `SPURIOUS: Alert[…]`
// (a known false alarm), `MISSING: Alert[…]` (a known miss). Both ways: nothing missed, nothing more.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { languageOf } from "../core/language.ts";
import { resource } from "../util/resources.ts";
import { createBuiltinOracle } from "./engines/builtin.ts";

const folder = resource("test", "fixtures", "oracle");
const oracle = await createBuiltinOracle({ threatModels: ["remote"] });

interface Marks {
  expected: string[];
  missing: string[];
}

function marksIn(text: string): Marks {
  const marks: Marks = { expected: [], missing: [] };
  text.split("\n").forEach((line, index) => {
    const comment = /(?:#|\/\/) \$ (.*)$/.exec(line)?.[1] ?? "";
    const [, missing = ""] = /MISSING:\s*(.*)$/.exec(comment) ?? [];
    const present = comment.replace(/MISSING:.*$/, "");
    marks.expected.push(...kindsIn(present).map((kind) => `${index + 1} ${kind}`));
    marks.missing.push(...kindsIn(missing).map((kind) => `${index + 1} ${kind}`));
  });
  return marks;
}

function kindsIn(text: string): string[] {
  return text.match(/(?:Alert|Note)\[CWE-\d+\]/g) ?? [];
}

async function foundIn(name: string, text: string): Promise<string[]> {
  const language = languageOf(name);
  if (language === undefined) throw new Error(`${name} is of no language that the oracle knows`);
  const [result] = await oracle.scan([{ path: name, language, text }]);
  if (result?.status !== "scanned") throw new Error(`${name} was not scanned: ${JSON.stringify(result)}`);
  const found = result.findings.map(({ level, cwes, region }) => {
    const kind = level === "note" ? "Note" : "Alert";
    return `${region.startLine} ${kind}[${cwes[0]}]`;
  });
  return [...new Set(found)].sort();
}

const fixtures = ["python", "c"].flatMap((language) =>
  readdirSync(`${folder}/${language}`).map((name) => `${language}/${name}`),
);

describe.each(fixtures)("%s", (name) => {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  const { expected, missing } = marksIn(text);

  it("is flagged where it says so, and nowhere else", async () => {
    expect(await foundIn(name, text)).toEqual([...new Set(expected)].sort());
  });

  it("is still missed where it says so", async () => {
    const found = await foundIn(name, text);
    expect(missing.filter((mark) => found.includes(mark))).toEqual([]);
  });
});
