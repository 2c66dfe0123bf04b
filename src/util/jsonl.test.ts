import { appendFile, mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonLine, JsonLinesWriter, readJsonLines } from "./jsonl.ts";

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "hexacoder-jsonl-"));

async function linesOf(path: string): Promise<JsonLine[]> {
  const lines: JsonLine[] = [];
  for await (const line of readJsonLines(path)) lines.push(line);
  return lines;
}

describe("JSON lines", () => {
  it("come back as they went in, in order", async () => {
    const path = join(await folder(), "deep", "a.jsonl");
    const values = [{ a: "\n\u2028😀" }, [1, 2], "text", null];
    const writer = await JsonLinesWriter.open(path);
    await writer.append(...values.slice(0, 2));
    await writer.append(...values.slice(2));
    await writer.close();
    expect((await linesOf(path)).map((line) => line.kind === "value" && line.value)).toEqual(values);
  });

  it("report a broken line in its place and go on", async () => {
    const path = join(await folder(), "a.jsonl");
    await writeFile(path, '{"a":1}\n{"a":\n\n{"a":2}\n');
    const lines = await linesOf(path);
    expect(lines.map(({ kind, line }) => `${line} ${kind}`)).toEqual(["1 value", "2 broken", "4 value"]);
  });

  it("are read behind a byte order mark, with Windows' line ends", async () => {
    const path = join(await folder(), "a.jsonl");
    await writeFile(path, '\ufeff{"a":1}\r\n\r\n{"a":2}\r\n');
    expect(await linesOf(path)).toEqual([
      { kind: "value", line: 1, value: { a: 1 } },
      { kind: "value", line: 3, value: { a: 2 } },
    ]);
  });

  it("say which file is missing", async () => {
    await expect(linesOf("/nowhere/a.jsonl")).rejects.toThrow("/nowhere/a.jsonl does not exist");
  });

  it("lose only what was not whole when the file was cut anywhere", async () => {
    const path = join(await folder(), "a.jsonl");
    const values = Array.from({ length: 5 }, (_, i) => ({ i, text: "é".repeat(i * 7) }));
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (cut) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
        await writeFile(path, text);
        const size = Buffer.byteLength(text);
        await truncate(path, cut % (size + 1));
        const before = await readFile(path, "utf8");
        const writer = await JsonLinesWriter.open(path);
        await writer.append({ i: "new" });
        await writer.close();
        const whole = before.split("\n").length - 1;
        const read = (await linesOf(path)).map((line) => line.kind === "value" && line.value);
        expect(read).toEqual([...values.slice(0, whole), { i: "new" }]);
      }),
      { numRuns: 60 },
    );
  });

  it("drop a torn line that is longer than a block", async () => {
    const path = join(await folder(), "a.jsonl");
    await writeFile(path, '{"a":1}\n');
    await appendFile(path, `{"a":"${"x".repeat(200_000)}`);
    const writer = await JsonLinesWriter.open(path);
    await writer.close();
    expect(await readFile(path, "utf8")).toBe('{"a":1}\n');
  });
});
