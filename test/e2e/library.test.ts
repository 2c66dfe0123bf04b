// The examples of docs/library.md, as a stranger runs them: the built package under its own name, checked by the
// TypeScript compiler, and started by Node; each prints what the page says.
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProcess } from "../../src/util/process.ts";
import { packageRoot, resource } from "../../src/util/resources.ts";
import { scratch } from "../support/cli.ts";

const page = await readFile(resource("docs", "library.md"), "utf8");
const examples = [
  ...page.matchAll(/## ([^\n]+)\n(?:(?!\n## )[\s\S])*?```ts\n([\s\S]*?)```\s+```text\n([\s\S]*?)```/g),
].map(([, title = "", code = "", prints = ""], index) => ({ title, code, prints, name: `example-${index}` }));

let folder: string;
beforeAll(async () => {
  folder = await scratch();
  await mkdir(join(folder, "node_modules"));
  await symlink(packageRoot, join(folder, "node_modules", "hexacoder"));
  await symlink(resource("node_modules", "@types"), join(folder, "node_modules", "@types"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  for (const { name, code } of examples) await writeFile(join(folder, `${name}.ts`), code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("an example of the library", () => {
  it("is there for each part of it", () => {
    expect(examples.map(({ title }) => title)).toEqual([
      "Scan",
      "Repair",
      "Complete a program under guard",
      "Serve",
      "Make pairs",
    ]);
  });

  it("has the types that it says", async () => {
    const tsc = resource("node_modules", "typescript", "bin", "tsc");
    const flags = [
      "--strict",
      "--target",
      "es2023",
      "--module",
      "nodenext",
      "--outDir",
      "out",
      "--types",
      "node",
    ];
    const files = examples.map(({ name }) => `${name}.ts`);
    const command = [process.execPath, tsc, ...flags, "--exactOptionalPropertyTypes", ...files] as const;
    const result = await runProcess({ command, cwd: folder });
    expect(result.stdout + result.stderr).toBe("");
  });

  it.each(examples)("prints what the page says: $title", async ({ name, prints }) => {
    const result = await runProcess({ command: [process.execPath, join("out", `${name}.js`)], cwd: folder });
    expect(result.stderr).toBe("");
    expect(result.stdout.trimEnd()).toBe(prints.trimEnd());
  });
});
