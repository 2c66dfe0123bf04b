// Bad input of every kind: one paragraph that says what, where and what to do, and a listed exit code.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startProcess } from "../../src/util/process.ts";
import { bin, hexacoder, hexacoderOnSmallDisk, paragraphOf, scratch } from "../support/cli.ts";

const WEAK =
  "import os\nfrom flask import request\n\ndef f():\n    os.system('ping ' + request.args['host'])\n";

describe("scan", () => {
  it("says that a path does not exist", async () => {
    const result = await hexacoder(["scan", "nowhere.py"], { cwd: await scratch() });
    expect(result.exitCode).toBe(2);
    expect(paragraphOf(result)).toMatch(/nowhere\.py.*does not exist/);
  });

  it("says that a folder holds nothing to scan", async () => {
    const folder = await scratch();
    await mkdir(join(folder, "empty"));
    const result = await hexacoder(["scan", "empty"], { cwd: folder });
    expect(result.exitCode).toBe(2);
    expect(paragraphOf(result)).toContain("empty");
  });

  it.each([
    ["binary", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 0, 0]), "not-text"],
    ["invalid UTF-8", Buffer.from([0x78, 0x20, 0x3d, 0x20, 0xff, 0xfe, 0x0a]), "not-text"],
    ["50 MB", Buffer.alloc(50 * 1024 * 1024, "x = 1\n"), "too-large"],
    ["broken", Buffer.from("def f(:\n"), "parse-error"],
  ])("lists a %s file as unscanned and exits 4", async (_name, content, reason) => {
    const folder = await scratch();
    await writeFile(join(folder, "a.py"), content);
    const result = await hexacoder(["scan", "a.py", "--format", "json"], { cwd: folder });
    expect(result.exitCode).toBe(4);
    const { files } = JSON.parse(result.stdout);
    expect(files).toMatchObject([{ path: "a.py", status: "unscanned", reason }]);
  });

  it("prefers a finding's exit code over that of a file it could not look at", async () => {
    const folder = await scratch();
    await writeFile(join(folder, "a.py"), WEAK);
    await writeFile(join(folder, "b.py"), "def f(:\n");
    expect((await hexacoder(["scan", "."], { cwd: folder })).exitCode).toBe(1);
  });

  it("refuses an unknown CWE, oracle and threat model by name", async () => {
    const folder = await scratch();
    await writeFile(join(folder, "a.py"), WEAK);
    for (const flags of [
      ["--cwe", "CWE-x"],
      ["--oracle", "oraculum"],
      ["--threat-model", "martians"],
    ]) {
      const result = await hexacoder(["scan", "a.py", ...flags], { cwd: folder });
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain(flags[1]);
    }
  });

  it("refuses an unknown option and command, and names the nearest", async () => {
    const option = await hexacoder(["scan", ".", "--thread-model", "local"]);
    expect(option.exitCode).toBe(2);
    expect(paragraphOf(option)).toContain("Did you mean --threat-model?");
    const command = await hexacoder(["scann", "."]);
    expect(command.exitCode).toBe(2);
    expect(paragraphOf(command)).toContain("Did you mean scan?");
  });
});

describe("streams", () => {
  const within = async (
    script: string,
    args: readonly string[],
  ): Promise<{ code: string; stderr: string }> => {
    const folder = await scratch();
    await writeFile(join(folder, "a.py"), WEAK);
    for (let i = 0; i < 200; i++) await writeFile(join(folder, `b${i}.py`), WEAK);
    const command = ["sh", "-c", script, "sh", process.execPath, bin, ...args] as const;
    const { stderr } = await startProcess({ command, cwd: folder }).done;
    return { code: (await readFile(join(folder, "code"), "utf8")).trim(), stderr };
  };

  it("that are full end it with 4 and a paragraph", async () => {
    const { code, stderr } = await within('"$@" > /dev/full; echo $? > code', ["scan", "a.py"]);
    expect({ code, stderr }).toEqual({
      code: "4",
      stderr: expect.stringMatching(/^hexacoder: The disk is full: Standard output/m),
    });
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("that nobody reads to the end do not turn findings into none", async () => {
    const { code } = await within('{ "$@"; echo $? > code; } | head -1', ["scan", "."]);
    expect(code).toBe("1");
  });

  it("of talk that nobody hears do not end it", async () => {
    const { code } = await within('{ "$@" > out; echo $? > code; } 2>&1 | true', ["scan", "."]);
    expect(code).toBe("1");
  });
});

describe("synth", () => {
  it("skips broken lines, counts and reports them", async () => {
    const folder = await scratch();
    const row = (code: string): string => JSON.stringify({ code });
    await writeFile(join(folder, "in.jsonl"), `${row(WEAK)}\n{"code": "x\n${row("x = 1\n")}\n`);
    const result = await hexacoder(["synth", "--from", "jsonl:in.jsonl", "--out", "run"], { cwd: folder });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain("1 unusable (broken-line)");
    const summary = JSON.parse(await readFile(join(folder, "run", "summary.json"), "utf8"));
    expect(summary).toMatchObject({
      proposed: 3,
      unusable: { "broken-line": 1 },
      clean: 1,
      flagged: 1,
      pairs: 1,
    });
  });

  it("names an unknown model, and the models that it knows", async () => {
    const result = await hexacoder(["synth", "--from", "llm", "--model", "nonsense", "--out", "run"], {
      cwd: await scratch(),
    });
    expect(result.exitCode).toBe(2);
    expect(paragraphOf(result)).toMatch(/nonsense.*tiny/s);
  });

  it("does not write into a folder that is not its own, nor go on with another run", async () => {
    const folder = await scratch();
    await writeFile(join(folder, "precious.txt"), "mine");
    const taken = await hexacoder(["synth", "--count", "3", "--out", "."], { cwd: folder });
    expect(taken.exitCode).toBe(2);
    expect(paragraphOf(taken)).toContain("was not made by hexacoder");
    await hexacoder(["synth", "--count", "3", "--out", "run"], { cwd: folder });
    const again = await hexacoder(["synth", "--count", "3", "--out", "run"], { cwd: folder });
    expect(paragraphOf(again)).toContain("--resume");
    const other = await hexacoder(["synth", "--count", "4", "--out", "run", "--resume"], { cwd: folder });
    expect(other.exitCode).toBe(2);
    expect(paragraphOf(other)).toContain("options.count");
  });

  it("keeps what was finished when the disk is full", async () => {
    const folder = await scratch();
    const result = await hexacoderOnSmallDisk(folder, { kilobytes: 40 }, [
      "synth",
      "--out",
      join(folder, "run"),
    ]);
    expect(result.exitCode).toBe(4);
    expect(paragraphOf(result)).toMatch(/disk is full.*--resume/s);
  });

  it("says that the output is read-only", async () => {
    const folder = await scratch();
    const disk = { kilobytes: 40, readOnly: true };
    const result = await hexacoderOnSmallDisk(folder, disk, ["synth", "--out", join(folder, "run")]);
    expect(result.exitCode).toBe(2);
    expect(paragraphOf(result)).toMatch(/cannot be written.*another output folder/s);
  });

  it("ends with 130 at Ctrl-C, keeps what was finished, and goes on with --resume", async () => {
    const folder = await scratch();
    const rows = Array.from({ length: 4000 }, (_, i) => JSON.stringify({ code: `n = ${i}\n${WEAK}` }));
    await writeFile(join(folder, "in.jsonl"), `${rows.join("\n")}\n`);
    const args = ["synth", "--from", "jsonl:in.jsonl", "--out", "run"];
    const ledger = join(folder, "run", "ledger.jsonl");
    const running = startProcess({
      // `exec -a` is not needed: sh hands its own process over, so that the signal reaches hexacoder.
      command: ["sh", "-c", 'echo "pid $$"; exec "$@"', "sh", process.execPath, bin, ...args],
      cwd: folder,
      onStdoutLine: (line) => {
        if (line.startsWith("pid ")) void interruptOnce(Number(line.slice(4)), ledger);
      },
    });
    const result = await running.done;
    expect(result.exitCode).toBe(130);
    const finished = (await readFile(ledger, "utf8")).trim().split("\n").length;
    expect(finished).toBeGreaterThan(0);
    expect(finished).toBeLessThan(4000);
    expect((await hexacoder([...args, "--resume"], { cwd: folder })).exitCode).toBe(0);
    expect((await readFile(ledger, "utf8")).trim().split("\n")).toHaveLength(4000);
  });
});

/** Sends SIGINT as soon as the first results are on disk. */
async function interruptOnce(pid: number, ledger: string): Promise<void> {
  for (;;) {
    const text = await readFile(ledger, "utf8").catch(() => "");
    if (text.includes("\n")) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.kill(pid, "SIGINT");
}
