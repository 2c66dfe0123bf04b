// The fixtures under test/fixtures/oracle/c mark the very lines where findings are expected:
// `// $ Alert[CWE-787]`, `// $ SPURIOUS: Alert[…]` (a known false alarm), `// $ MISSING: Alert[…]` (a
// known miss). Both ways: nothing missed, nothing more.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resource } from "../../util/resources.ts";
import { createBuiltinOracle } from "../engines/builtin.ts";

const folder = resource("test", "fixtures", "oracle", "c");
const oracle = await createBuiltinOracle({ threatModels: ["remote"] });

interface Marks {
  expected: string[];
  missing: string[];
}

function marksIn(text: string): Marks {
  const marks: Marks = { expected: [], missing: [] };
  text.split("\n").forEach((line, index) => {
    const comment = /\/\/ \$ (.*)$/.exec(line)?.[1] ?? "";
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
  const [result] = await oracle.scan([{ path: name, language: "c", text }]);
  if (result?.status !== "scanned") throw new Error(`${name} was not scanned: ${JSON.stringify(result)}`);
  const found = result.findings.map(({ level, cwes, region }) => {
    const kind = level === "note" ? "Note" : "Alert";
    return `${region.startLine} ${kind}[${cwes[0]}]`;
  });
  return [...new Set(found)].sort();
}

describe.each(readdirSync(folder).filter((name) => /\.(?:c|cpp)$/.test(name)))("%s", (name) => {
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
