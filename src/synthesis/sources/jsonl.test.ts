import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Proposal } from "../candidate.ts";
import { jsonlSource } from "./jsonl.ts";

async function proposalOf(line: string): Promise<Proposal | undefined> {
  const file = join(await mkdtemp(join(tmpdir(), "jsonl-")), "rows.jsonl");
  await writeFile(file, `${line}\n`);
  for await (const one of (await jsonlSource(file)).propose(new AbortController().signal)) return one;
  return undefined;
}

it.each([
  ["no JSON", '{"code": "x', "broken-line"],
  ["a row of another shape", '{"text": "x = 1"}', "without-code"],
  ["a row whose program is null", '{"code": null}', "bad-code"],
  ["a row with an empty program", '{"code": ""}', "bad-code"],
  ["a row with a weakness that is none", '{"code": "x = 1", "cwe": "many"}', "bad-cwe"],
  ["a row in another language", '{"code": "x = 1", "language": "cobol"}', "bad-language"],
  ["a list", '["x = 1"]', "not-an-object"],
  ["a text", '"x = 1"', "not-an-object"],
])("%s is left out under a reason of its own", async (_name, line, reason) => {
  expect(await proposalOf(line)).toMatchObject({ kind: "unusable", reason });
});
