// scripts/setup.mjs in a checkout of its own, with stand-ins for npm, the compiler and Python on its PATH.
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunResult, runProcess } from "../../src/util/process.ts";
import { trainerVenv } from "../../src/util/python.ts";
import { resource } from "../../src/util/resources.ts";

let root: string;
let tools: string;
let log: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "hexacoder set up "));
  tools = join(root, "tools");
  log = join(root, "log");
  await mkdir(join(root, "scripts"));
  await cp(resource("scripts", "setup.mjs"), join(root, "scripts", "setup.mjs"));
  await mkdir(join(root, "src"));
  await mkdir(join(root, "trainer"));
  await mkdir(tools);
  const files = {
    log: "",
    "package.json": '{"type":"module"}',
    "package-lock.json": '{"packages":{"":{},"node_modules/typescript":{"version":"1.0.0"}}}',
    "tsconfig.json": "{}",
    "tsconfig.build.json": "{}",
    "src/main.ts": "export {};",
    "trainer/pyproject.toml":
      '[project]\ndependencies = [\n  "torch==9.9",\n  "peft==1",\n]\n[x]\ndev = [\n  "pytest==2",\n]\n',
    "trainer/requirements.lock": "six==1\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  await writeTool("npm.js", NPM);
  await writeTool("python3", PYTHON);
});
afterEach(() => rm(root, { recursive: true, force: true }));

// Each tool notes how it was called; a variable makes it fail or hang.
const HEAD = `import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
const args = process.argv.slice(2);
const note = (text) => appendFileSync(process.env.LOG, text + "\\n");
`;
const NPM = `${HEAD}note("npm " + args[0]);
if (process.env.HANG === "npm") setInterval(() => undefined, 1000);
else {
mkdirSync("node_modules/typescript/bin", { recursive: true });
writeFileSync("node_modules/typescript/package.json", "{}");
const tsc = "require('fs').appendFileSync(process.env.LOG, 'tsc\\\\n'); require('fs').mkdirSync('dist');";
writeFileSync("node_modules/typescript/bin/package.json", '{"type":"commonjs"}');
writeFileSync("node_modules/typescript/bin/tsc", tsc);
}
`;
const PYTHON = `${HEAD}
if (args[0] === "--version") console.log("Python " + (process.env.PYTHON_VERSION ?? "3.12.1"));
else if (args[1] === "venv") {
  note("venv");
  mkdirSync(join(args[2], "bin"), { recursive: true });
  copyFileSync(process.argv[1], join(args[2], "bin", "python"));
} else if (args[1] === "pip") {
  const packages = args.slice(args.indexOf("install") + 1).filter((a) => /[a-z]==/.test(a)).join(" ");
  note("pip " + packages);
  if (process.env.HANG === "pip" && packages.includes("peft")) setInterval(() => undefined, 1000);
  else if (process.env.NO_CPU && packages.includes("+cpu")) {
    console.error("ERROR: No matching distribution found for torch==9.9+cpu");
    process.exit(1);
  } else if (process.env.BROKEN_PIP) {
    console.error("ERROR: Connection broken");
    process.exit(1);
  }
}
`;

const APT = `${HEAD}note(["apt-get", args[0], ...args.slice(1).filter((a) => !a.startsWith("-"))].join(" "));
if (args[0] === "install") {
  writeFileSync(join(dirname(process.argv[1]), args.at(-1) === "bubblewrap" ? "bwrap" : args.at(-1)), "", { mode: 0o755 });
}
`;

async function writeTool(name: string, body: string): Promise<void> {
  const path = join(tools, name);
  await writeFile(path, `#!${process.execPath}\n${body}`);
  await chmod(path, 0o755);
  await writeFile(join(tools, "package.json"), '{"type":"module"}');
}

async function setup(
  args: string[] = [],
  { signal, ...env }: { signal?: AbortSignal; [name: string]: string | AbortSignal | undefined } = {},
): Promise<{ result: RunResult; did: string[] }> {
  await writeFile(log, "");
  const result = await runProcess({
    command: [process.execPath, join(root, "scripts", "setup.mjs"), ...args],
    env: { PATH: tools, HOME: root, LOG: log, npm_execpath: join(tools, "npm.js"), ...strings(env) },
    ...(signal instanceof AbortSignal ? { signal } : {}),
  });
  return { result, did: await deeds() };
}

const strings = (env: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));

/**
 * What was done, in order. Compiling goes on beside the trainer's environment, so among its steps the compiler's
 * place is chance: it is told right behind npm, unless it came before it.
 */
async function deeds(): Promise<string[]> {
  const did = (await readFile(log, "utf8")).split("\n").filter((line) => line !== "");
  const [npm, tsc] = [did.indexOf("npm ci"), did.indexOf("tsc")];
  if (tsc > npm) did.splice(npm + 1, 0, ...did.splice(tsc, 1));
  return did;
}

const EVERYTHING = ["npm ci", "tsc", "venv", "pip torch==9.9+cpu", "pip peft==1"];

describe.skipIf(process.platform !== "linux")("setup", () => {
  it("does everything once, and nothing the second time", async () => {
    const first = await setup();
    expect(first.result, first.result.stderr).toMatchObject({ exitCode: 0 });
    expect(first.did).toEqual(EVERYTHING);
    const second = await setup(["--quiet"]);
    expect(second.did).toEqual([]);
    expect(second.result).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });

  it.each([
    { file: "package-lock.json", text: '{"packages":{"":{},"a":{"version":"2"}}}', did: ["npm ci"] },
    { file: "src/main.ts", text: "export const x = 1;", did: ["tsc"] },
    { file: "src/new.ts", text: "export {};", did: ["tsc"] },
    { file: "src/main.test.ts", text: "export {};", did: [] },
    {
      file: "trainer/pyproject.toml",
      text: 'dependencies = [\n  "torch==9.9",\n  "peft==2",\n]\n',
      did: ["pip torch==9.9+cpu", "pip peft==2"],
    },
    { file: "trainer/requirements.lock", text: "six==2\n", did: ["pip torch==9.9+cpu", "pip peft==1"] },
  ])("after a change of $file does $did", async ({ file, text, did }) => {
    await setup();
    await writeFile(join(root, file), text);
    expect((await setup()).did).toEqual(did);
  });

  it.each([
    { tools: [], says: "no bubblewrap, so programs that a model wrote are not run" },
    { tools: ["bwrap"], says: "sandbox: bubblewrap" },
  ])("goes on with $tools, and says: $says", async ({ tools: present, says }) => {
    for (const name of present) await writeTool(name, "");
    const { result } = await setup();
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain(says);
  });

  it("installs bubblewrap where root may and it is missing", async () => {
    await writeTool("apt-get", APT);
    // Only root asks apt-get, and whoever runs this test need not be.
    const asRoot = join(root, "as-root.cjs");
    await writeFile(asRoot, "process.getuid = () => 0;");
    const env = { NODE_OPTIONS: `--require "${asRoot}"` };
    const { result, did } = await setup([], env);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    expect(result.stderr).toContain("sandbox: bubblewrap");
    expect(did).toEqual(expect.arrayContaining(["apt-get update", "apt-get install bubblewrap"]));
    expect((await setup([], env)).did).toEqual([]);
  });

  it("installs analysers only when asked, once, and names those that it may not install", async () => {
    await cp(resource("data", "oracles"), join(root, "data", "oracles"), { recursive: true });
    const { result, did } = await setup(["--engines"]);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    // Environments are built beside each other: which is done last depends on the machine.
    expect(did).toContainEqual(expect.stringMatching(/^pip bandit==\S+ semgrep==\S+$/));
    expect(result.stderr).toContain("not there: gcc, clang, cppcheck (Debian, Ubuntu: sudo apt-get install");
    expect((await setup(["--engines"])).did).toEqual([]);
  });

  it("makes an environment with Hugging Face datasets for our tests, once", async () => {
    await mkdir(join(root, "test"));
    for (const name of ["requirements-datasets.txt", "requirements-datasets.lock"]) {
      await cp(resource("test", name), join(root, "test", name));
    }
    const { result, did } = await setup(["--dev"]);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    expect(did.filter((deed) => deed === "venv")).toHaveLength(2);
    expect((await setup(["--dev"])).did).toEqual([]);
  });

  it.each([
    { tools: [], exitCode: 3, says: "sudo apt-get install redis-server" },
    { tools: ["redis-server"], exitCode: 0, says: "queue: " },
  ])(
    "looks for a Redis server when asked, with $tools: $says",
    async ({ tools: present, exitCode, says }) => {
      for (const name of present) await writeTool(name, "");
      const { result } = await setup(["--queue", "--skip-python"]);
      expect(result.stderr).toContain(says);
      expect(result.exitCode).toBe(exitCode);
    },
  );

  it("installs llama.cpp only when asked, once, with the binary for this machine alone", async () => {
    await cp(resource("data", "gguf"), join(root, "data", "gguf"), { recursive: true });
    const { result, did } = await setup(["--gguf", "--skip-python"]);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    expect(did).toEqual(["npm ci", "tsc", "npm install"]);
    const { dependencies } = JSON.parse(await readFile(join(root, ".gguf", "package.json"), "utf8"));
    const version = dependencies["node-llama-cpp"];
    expect(dependencies).toEqual({
      "node-llama-cpp": version,
      [`@node-llama-cpp/linux-${process.arch}`]: version,
    });
    expect((await setup(["--gguf", "--skip-python"])).did).toEqual([]);
  });

  it("installs for development only when asked, and keeps it afterwards", async () => {
    await setup(["--dev"]);
    expect(await deeds()).toContain("pip peft==1 pytest==2");
    expect((await setup()).did).toEqual([]);
  });

  it.each(["npm", "pip"])("that was killed during %s is simply run again", async (tool) => {
    const controller = new AbortController();
    const killed = setup([], { HANG: tool, signal: controller.signal });
    while (!(await deeds()).some((line) => line.startsWith(tool === "pip" ? "pip peft" : tool))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    controller.abort();
    expect((await killed).result.ended).toBe("cancelled");
    const again = await setup();
    expect(again.result.exitCode, again.result.stderr).toBe(0);
    // A half made environment is not trusted: it is made again from nothing.
    expect(again.did).toEqual(tool === "npm" ? EVERYTHING : EVERYTHING.slice(2));
  });

  it("takes plain PyTorch where the CPU build cannot be had, and says so", async () => {
    const { result, did } = await setup([], { NO_CPU: "1" });
    expect(did.slice(3)).toEqual(["pip torch==9.9+cpu", "pip torch==9.9", "pip peft==1"]);
    expect(result.stderr).toContain("cannot be had here");
  });

  it("takes plain PyTorch where there is a GPU, and starts anew when one appears", async () => {
    await setup();
    await writeTool("nvidia-smi", 'console.log("GPU 0: something");');
    expect((await setup()).did).toEqual(["venv", "pip torch==9.9", "pip peft==1"]);
  });

  it.each([
    {
      what: "Python is too old",
      env: { PYTHON_VERSION: "3.9.2" },
      code: 3,
      says: "only Python 3.9.2 was found",
    },
    { what: "pip fails", env: { BROKEN_PIP: "1" }, code: 4, says: "Connection broken" },
  ])("ends with $code when $what, in a paragraph", async ({ env, code, says }) => {
    const { result } = await setup([], env);
    expect(result.exitCode).toBe(code);
    expect(result.stderr).toContain(says);
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    { what: "does not exist", python: "nowhere/python", body: undefined },
    { what: "is too old", python: "tools/old", body: 'console.log("Python 3.9.2");' },
    { what: "is no Python", python: "tools/cat", body: "" },
  ])("refuses a Python that $what before it does anything", async ({ python, body }) => {
    if (body !== undefined) await writeTool(python.replace("tools/", ""), body);
    const { result, did } = await setup(["--python", join(root, python)]);
    expect({ exitCode: result.exitCode, did }).toEqual({ exitCode: 3, did: [] });
    expect(result.stderr).toMatch(/^\nsetup: Python 3\.10 or newer .* is not one\. Name another/);
  });

  it("leaves an environment alone that is not its own", async () => {
    await mkdir(join(root, ".venv"));
    await writeFile(join(root, ".venv", "mine"), "");
    const { result } = await setup();
    expect(result.exitCode).toBe(2);
    expect(await readdir(join(root, ".venv"))).toEqual(["mine"]);
  });

  it("in an installed package touches only the environment, outside the package", async () => {
    await rm(join(root, "package-lock.json"));
    await rm(join(root, "src"), { recursive: true });
    expect((await setup()).did).toEqual(EVERYTHING.slice(2));
    expect(await readdir(join(root, ".cache", "hexacoder", "venv"))).toContain("bin");
  });

  it("refuses an unknown flag", async () => {
    expect((await setup(["--fast"])).result.exitCode).toBe(2);
  });
});

it.each([{}, { HEXACODER_VENV: "/somewhere/else" }])(
  "setup and the program look for the environment in the same place (%j)",
  async (env) => {
    const command = [process.execPath, resource("scripts", "setup.mjs"), "--where"] as const;
    const { stdout } = await runProcess({ command, env });
    expect(stdout.trim()).toBe(trainerVenv(env));
  },
);

it("the lock file names a version of every package that a package may want, or npm ci refuses it elsewhere", async () => {
  const { packages } = JSON.parse(await readFile(resource("package-lock.json"), "utf8"));
  const entries: [string, { optionalDependencies?: Record<string, string> }][] = Object.entries(packages);
  const wanted = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ path, name })),
  );
  const missing = wanted.filter(
    ({ path, name }) =>
      !packages[`node_modules/${name}`]?.version && !packages[`${path}/node_modules/${name}`],
  );
  expect(missing).toEqual([]);
});
