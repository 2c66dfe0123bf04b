#!/usr/bin/env node
// Makes a checkout (or an installed package) ready to run: Node packages, the compiled command line, and
// the trainer's Python environment. Plain Node, because nothing is installed yet when it starts.
// Each step knows the hash of what it depends on and stamps it after success, so a second run is quick
// and a run that was killed is simply run again.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_AT_LEAST = [20, 19];
const PYTHON_AT_LEAST = [3, 10];
const PYTHON_NAMES = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python",
];
const CPU_INDEX = "https://download.pytorch.org/whl/cpu";
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const LOCKED_PINS = join(ROOT, "trainer", "requirements.lock");
const STAMP = "hexacoder-setup.json";
const HEARTBEAT_MS = 15_000;
const LOCK = join(tmpdir(), `hexacoder-setup-${process.getuid?.() ?? 0}-${hash(ROOT).slice(0, 12)}.lock`);
/** Programs on the PATH that are oracles, and the Debian packages that bring them with the C library's headers. */
const ANALYSERS = {
  gcc: ["gcc", "libc6-dev"],
  clang: ["clang", "libc6-dev"],
  cppcheck: ["cppcheck"],
};
/** Compilers that our own tests call, and the Debian packages that bring them. */
const COMPILERS = { "g++": "g++", go: "golang-go" };
/** The packages of node-llama-cpp with llama.cpp for the processor (on Apple's, for Metal), by platform. */
const LLAMA_BINARIES = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "mac-x64",
  "darwin-arm64": "mac-arm64-metal",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};
/** The commands that run now: the trainer's environment is built beside the rest. */
const running = new Set();

const USAGE = `Usage: node scripts/setup.mjs [options]

  --quiet          print only the steps that do something
  --dev            also what our own tests need (pytest, ruff; Hugging Face datasets, 400 MB, by itself)
  --engines        also the analysers that can be oracles (bandit, semgrep; as root gcc, clang, cppcheck)
  --browser        also a Chromium, for the test that opens the report
  --queue          also a Redis server, for runs of synthesis on several machines and their tests
  --gguf           also llama.cpp for models in GGUF files (85 MB, without a GPU's parts)
  --skip-python    leave the trainer's Python environment alone
  --python PATH    the Python to build the environment with
  --where          print where the environment is (or will be), and do nothing
`;

/** A failure that the user can do something about: one paragraph and an exit code. */
class SetupError extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

async function main() {
  try {
    const options = readOptions();
    if (options.where) {
      process.stdout.write(`${venvFolder()}\n`);
      return;
    }
    await setup(options);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\nsetup: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quiet: { type: "boolean", default: false },
        dev: { type: "boolean", default: false },
        browser: { type: "boolean", default: false },
        engines: { type: "boolean", default: false },
        queue: { type: "boolean", default: false },
        gguf: { type: "boolean", default: false },
        "skip-python": { type: "boolean", default: false },
        python: { type: "string" },
        where: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    // Commands run in the package's folder; a path was meant from where the user is.
    if (values.python?.includes("/")) values.python = resolve(values.python);
    if (!values.help) return values;
    process.stdout.write(USAGE);
    return process.exit(0);
  } catch (error) {
    throw new SetupError(2, `${error.message}\n\n${USAGE}`);
  }
}

async function setup(options) {
  const release = await takeLock();
  try {
    const started = Date.now();
    const python = !options["skip-python"];
    // What was named wrongly is said at once, not after minutes of work beside it.
    if (python && options.python !== undefined && goodPython(options.python) === undefined) {
      throw new SetupError(3, pythonMissing(options.python));
    }
    const first = [step("Node", checkNode)];
    if (isCheckout()) first.push(step("Node packages", installPackages));
    // The trainer's environment takes as long as the rest together, so it is built beside it.
    const trainer = [];
    if (python) trainer.push(step("trainer environment", (say) => buildVenv(options, say)));
    const rest = [];
    if (isCheckout()) rest.push(step("command line", build));
    if (python) rest.push(step("programs' environment", (say) => buildPrograms(options, say)));
    if (options.dev && python) rest.push(step("datasets", (say) => buildDatasets(options, say)));
    rest.push(step("sandbox", findSandbox));
    if (options.dev) rest.push(step("compilers", findCompilers));
    if (options.engines) rest.push(step("engines", (say) => installEngines(options, say)));
    if (options.browser) rest.push(step("browser", findBrowser));
    if (options.queue) rest.push(step("queue", findRedis));
    if (options.gguf) rest.push(step("llama.cpp", installLlama));
    const worked = [
      await inOrder(first, options.quiet),
      ...(await allSettled([inOrder(trainer, options.quiet), inOrder(rest, options.quiet)])),
    ].includes(true);
    if (worked || !options.quiet) print(`setup is complete (${seconds(Date.now() - started)})`);
  } finally {
    release();
  }
}

/** Runs steps one after the other; whether one of them had something to do. */
async function inOrder(steps, quiet) {
  let worked = false;
  for (const run of steps) worked = (await run(quiet)) || worked;
  return worked;
}

/** Like Promise.all, but waits for the others when one fails, so that nothing goes on behind an error. */
async function allSettled(promises) {
  const results = await Promise.allSettled(promises);
  const failed = results.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results.map(({ value }) => value);
}

/** A step prints one line with its time; `work` calls `say` when it starts on something that takes a while. */
function step(name, work) {
  return async (quiet) => {
    const started = Date.now();
    let busy = false;
    const heartbeat = setInterval(() => {
      if (busy) print(`  … ${name}: still at it (${seconds(Date.now() - started)})`);
    }, HEARTBEAT_MS);
    try {
      const result = await work((text) => {
        busy = true;
        print(`  … ${name}: ${text}`);
      });
      if (busy || !quiet) print(`  ✓ ${name}: ${result} (${seconds(Date.now() - started)})`);
      return busy;
    } finally {
      clearInterval(heartbeat);
    }
  };
}

// ---- Node ----

function checkNode() {
  const version = process.versions.node;
  if (atLeast(version, NODE_AT_LEAST)) return version;
  throw new SetupError(
    3,
    `Node ${NODE_AT_LEAST.join(".")} or newer is needed, this is ${version}. Install a current one from https://nodejs.org (or with nvm, fnm, your distribution) and run the same command again.`,
  );
}

async function installPackages(say) {
  const lock = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  const stamp = join(ROOT, "node_modules", STAMP);
  const key = hash(lock);
  if (readJson(stamp)?.key === key) return "up to date";
  if (!installedAsLocked(JSON.parse(lock))) {
    say("npm ci");
    // No package needs its install script (the one that has one would build a parser that we use as wasm),
    // and `npm run -s` would silence the reason of a failure.
    const flags = ["--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await npm(["ci", ...flags]);
  }
  writeWhole(stamp, JSON.stringify({ key }));
  return "installed";
}

function npm(args) {
  // The path of npm that `npm run` leaves behind; a bare `npm` when started by hand.
  const path = process.env.npm_execpath;
  const command = path?.endsWith(".js") ? [process.execPath, path] : ["npm"];
  return run([...command, ...args], {
    failed: `npm ${args[0]} failed. Check the network (and \`npm config get registry\`) and run the same command again.`,
    missing: "npm was not found. It comes with Node: install Node from https://nodejs.org.",
  });
}

/** Whether node_modules already holds what the lock file asks for (`npm install` was run by hand). */
function installedAsLocked(lock) {
  const installed = readJson(join(ROOT, "node_modules", ".package-lock.json"))?.packages;
  if (installed === undefined) return false;
  return Object.entries(lock.packages).every(
    ([path, wanted]) =>
      path === "" ||
      installed[path]?.version === wanted.version ||
      (wanted.optional === true && installed[path] === undefined),
  );
}

async function build(say) {
  const inputs = [
    ...listFiles(join(ROOT, "src")),
    join(ROOT, "tsconfig.json"),
    join(ROOT, "tsconfig.build.json"),
  ];
  const compiled = inputs.filter((path) => !/\.(test|conformance)\.ts$/.test(path));
  const compiler = join(ROOT, "node_modules", "typescript");
  const key = hash(
    readFileSync(join(compiler, "package.json"), "utf8"),
    ...compiled.flatMap((path) => [path.slice(ROOT.length), readFileSync(path)]),
  );
  const stamp = join(ROOT, "dist", STAMP);
  if (readJson(stamp)?.key === key) return "up to date";
  say("compiling");
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await run([process.execPath, join(compiler, "bin", "tsc"), "-p", join(ROOT, "tsconfig.build.json")], {
    failed: "The sources do not compile; the compiler's words are above.",
  });
  const data = join(ROOT, "scripts", "compile-data.mjs");
  // Only for a faster start: without it, data is read as YAML.
  if (existsSync(data))
    await run([process.execPath, data], { failed: "The data files could not be compiled." });
  writeWhole(stamp, JSON.stringify({ key }));
  return "compiled";
}

// ---- Python ----

/** Where the trainer's environment lives; src/util/python.ts looks in the same place. */
function venvFolder() {
  if (process.env.HEXACODER_VENV) return process.env.HEXACODER_VENV;
  return isCheckout() ? join(ROOT, ".venv") : join(caches(), "hexacoder", "venv");
}

/** Where the analysers from PyPI live; src/util/python.ts looks in the same place. */
function enginesFolder() {
  if (process.env.HEXACODER_ENGINES) return process.env.HEXACODER_ENGINES;
  return isCheckout() ? join(ROOT, ".venv-engines") : join(caches(), "hexacoder", "engines");
}

function caches() {
  const usual =
    process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
  return process.env.XDG_CACHE_HOME || usual;
}

function venvPython(folder) {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

async function buildVenv(options, say) {
  const folder = venvFolder();
  const stamp = join(folder, STAMP);
  const before = readJson(stamp);
  const wanted = wantedEnvironment(options, before);
  if (before?.key === wanted.key && pythonVersion(venvPython(folder)) !== undefined) {
    return `up to date (${folder})`;
  }
  const python = await findPython(options.python, say);
  prepareFolder(folder, before, { ...wanted, use: "the trainer's environment", variable: "HEXACODER_VENV" });
  await createVenv(python, folder, say);
  const torch = await installTorch(folder, wanted, say);
  if (wanted.others.length > 0) {
    const names = wanted.others.map((pin) => pin.replace(/[\s=<>!~;[].*/, ""));
    say(`installing ${[...new Set(names)].join(", ")}`);
    // The lock holds what those packages bring along at the versions that were tested.
    await pip(folder, ["install", "-c", LOCKED_PINS, ...wanted.others]);
  }
  writeWhole(stamp, JSON.stringify({ ...wanted, state: "ready", torch }, null, 2));
  return `${torch} with ${python.version} in ${folder}`;
}

/** The pins of trainer/pyproject.toml and the kind of PyTorch that this machine should have. */
function wantedEnvironment(options, before) {
  const text = readFileSync(join(ROOT, "trainer", "pyproject.toml"), "utf8");
  const pins = tomlList(text, "dependencies");
  // What was once installed for development stays, so that a plain setup afterwards does not undo it.
  const dev = options.dev || before?.dev === true;
  const all = dev ? [...pins, ...tomlList(text, "dev")] : pins;
  const torch = pins.find((pin) => /^torch==/.test(pin));
  if (torch === undefined) throw new Error("trainer/pyproject.toml does not pin torch");
  const build = process.platform === "linux" && !hasGpu() ? "cpu" : "default";
  const others = all.filter((pin) => pin !== torch);
  const locked = readFileSync(LOCKED_PINS, "utf8");
  return { key: hash(JSON.stringify([torch, others, build, locked])), build, dev, torchPin: torch, others };
}

/** The strings of a TOML list with a line an entry, which is all that we need of TOML. */
function tomlList(text, name) {
  const body = new RegExp(`^${name} = \\[\\n([\\s\\S]*?)^\\]`, "m").exec(text)?.[1];
  if (body === undefined) throw new Error(`trainer/pyproject.toml has no list "${name}"`);
  return [...body.replace(/^\s*#.*$/gm, "").matchAll(/"([^"]+)"/g)].map((match) => match[1]);
}

function hasGpu() {
  const result = spawnSync("nvidia-smi", ["-L"], { encoding: "utf8", timeout: 20_000 });
  return result.status === 0 && result.stdout.trim() !== "";
}

/** Marks the folder as ours and as unfinished; empties what a killed run or another kind of build left. */
function prepareFolder(folder, before, wanted) {
  const exists = existsSync(folder) && readdirSync(folder).length > 0;
  if (exists && before === undefined) {
    throw new SetupError(
      2,
      `${folder} exists and was not made by this setup, so it is left alone. Move it away, or name another place for ${wanted.use} in the variable ${wanted.variable}, and run setup again.`,
    );
  }
  if (exists && (before.state !== "ready" || before.build !== wanted.build)) {
    // The stamp goes last: whatever moment this is killed at, the folder is still known as ours.
    for (const name of readdirSync(folder)) {
      if (name !== STAMP) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  try {
    mkdirSync(folder, { recursive: true });
    writeWhole(join(folder, STAMP), JSON.stringify({ state: "installing", dev: wanted.dev }));
  } catch (error) {
    throw new SetupError(
      2,
      `${folder} cannot be written (${error.code}). Make it writable, or name another place for ${wanted.use} in the variable ${wanted.variable}.`,
    );
  }
}

async function createVenv(python, folder, say) {
  if (pythonVersion(venvPython(folder)) !== undefined) return;
  say(`making a virtual environment with ${python.version}`);
  await run([python.path, "-m", "venv", folder], {
    failed: `${python.path} could not make a virtual environment in ${folder}.`,
    env: pythonEnv(),
  });
}

/** A CPU build where there is no GPU: the plain Linux wheel brings gigabytes of CUDA along. */
async function installTorch(folder, { build, torchPin }, say) {
  if (build === "default") {
    say(`installing ${torchPin}`);
    await pip(folder, ["install", torchPin]);
    return torchPin;
  }
  const cpu = `${torchPin}+cpu`;
  say(`installing ${cpu} (no GPU found: the CPU build, about 200 MB)`);
  // One retry and a short patience, since an index that cannot be reached is asked for every package.
  const quick = ["install", "--retries", "1", "--timeout", "15", "--extra-index-url", CPU_INDEX, cpu];
  const first = await tryPip(folder, quick);
  if (first.ok) return cpu;
  if (!/No matching distribution found/i.test(first.output)) {
    say(`installing ${cpu} again, more patiently`);
    await pip(folder, ["install", "--retries", "5", "--extra-index-url", CPU_INDEX, cpu]);
    return cpu;
  }
  say(`${cpu} cannot be had here; installing ${torchPin}, which may bring gigabytes of CUDA along`);
  await pip(folder, ["install", torchPin]);
  return torchPin;
}

function tryPip(folder, args) {
  return capture([venvPython(folder), "-m", "pip", "--disable-pip-version-check", "--no-input", ...args], {
    env: pythonEnv(),
  });
}

async function pip(folder, args) {
  const result = await tryPip(folder, args);
  if (result.ok) return;
  throw new SetupError(
    4,
    `${tail(result.output)}\npip could not install the packages. Check the network (and \`pip config list\`) and the free space in ${folder}, then run the same command again.`,
  );
}

/** The environment of pip and venv, without the settings of a user that would lead them elsewhere. */
function pythonEnv() {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_USER, ...env } = process.env;
  return env;
}

async function findPython(asked, say) {
  const found = goodPython(asked);
  if (found !== undefined) return found;
  if (asked === undefined && canUseApt()) {
    say("installing python3 and python3-venv with apt-get");
    await aptInstall(["python3", "python3-venv"]);
    const installed = goodPython(asked);
    if (installed !== undefined) return installed;
  }
  throw new SetupError(3, pythonMissing(asked));
}

function goodPython(asked) {
  for (const path of asked === undefined ? PYTHON_NAMES : [asked]) {
    const version = pythonVersion(path);
    if (version === undefined || !atLeast(version.replace("Python ", ""), PYTHON_AT_LEAST)) continue;
    // Debian ships Python without ensurepip, with which `venv` makes its pip.
    if (spawnSync(path, ["-c", "import ensurepip, venv"]).status === 0) return { path, version };
  }
  return undefined;
}

function pythonVersion(path) {
  const result = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function pythonMissing(asked) {
  const need = `Python ${PYTHON_AT_LEAST.join(".")} or newer with its venv module is needed for the trainer`;
  if (asked !== undefined) return `${need}, and ${asked} is not one. Name another with --python.`;
  const versions = PYTHON_NAMES.map((name) => pythonVersion(name)).filter((version) => version !== undefined);
  const seen =
    versions.length === 0 ? "no Python was found" : `only ${[...new Set(versions)].join(", ")} was found`;
  const how = {
    linux: "On Debian or Ubuntu: sudo apt-get install python3 python3-venv",
    darwin: "On macOS: brew install python@3.13",
  }[process.platform];
  return `${need}, and ${seen} (or it lacks venv). ${how ?? "Get it from https://www.python.org"}; then run the same command again.`;
}

// ---- the environment of programs under test ----

/** The frameworks that programs find in the sandbox, beside the trainer's environment and apart from it. */
async function buildPrograms(options, say) {
  if (process.platform !== "linux") return "not needed here: the execution oracle runs on Linux";
  const folder = `${venvFolder()}-programs`;
  const probes = join(ROOT, "data", "probes");
  const pins = join(probes, "requirements.txt");
  if (!existsSync(pins)) return "nothing asks for one";
  const stamp = join(folder, STAMP);
  const key = hash(readFileSync(pins, "utf8"), probes);
  const before = readJson(stamp);
  if (before?.key === key && pythonVersion(venvPython(folder)) !== undefined) return `up to date (${folder})`;
  const python = await findPython(options.python, say);
  prepareFolder(folder, before, {
    build: "programs",
    dev: false,
    use: "the environment of programs",
    variable: "HEXACODER_VENV",
  });
  await createVenv(python, folder, say);
  say("installing Flask, Django and what programs use beside them");
  await pip(folder, ["install", "--no-deps", "-r", pins]);
  const where = spawnSync(
    venvPython(folder),
    ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
    {
      encoding: "utf8",
    },
  );
  // So that the sandbox's warm interpreter finds the harness, which is bound at the same path.
  writeWhole(join(where.stdout.trim(), "hexacoder-probes.pth"), `${probes}\n`);
  writeWhole(stamp, JSON.stringify({ key, build: "programs", state: "ready" }, null, 2));
  return `with ${python.version} in ${folder}`;
}

// ---- Hugging Face datasets, which a test reads our files with ----

async function buildDatasets(options, say) {
  const folder = `${venvFolder()}-datasets`;
  const list = join(ROOT, "test", "requirements-datasets.txt");
  const lock = join(ROOT, "test", "requirements-datasets.lock");
  if (!existsSync(list)) return "nothing asks for it";
  const stamp = join(folder, STAMP);
  const key = hash(readFileSync(list, "utf8"), readFileSync(lock, "utf8"));
  const before = readJson(stamp);
  if (before?.key === key && pythonVersion(venvPython(folder)) !== undefined) return `up to date (${folder})`;
  const python = await findPython(options.python, say);
  const use = "the environment of Hugging Face datasets";
  prepareFolder(folder, before, { build: "datasets", dev: true, use, variable: "HEXACODER_VENV" });
  await createVenv(python, folder, say);
  say("installing Hugging Face datasets");
  await pip(folder, ["install", "-c", lock, "-r", list]);
  writeWhole(stamp, JSON.stringify({ key, build: "datasets", state: "ready" }, null, 2));
  return `with ${python.version} in ${folder}`;
}

// ---- sandbox ----

/** What runs programs that a model wrote. Most of hexacoder does without, so its absence is only said. */
async function findSandbox(say) {
  if (process.platform !== "linux") return "uses docker or podman where one runs";
  if (onPath("bwrap") === undefined && canUseApt()) {
    say("installing bubblewrap with apt-get");
    await aptInstall(["bubblewrap"], false);
  }
  if (onPath("bwrap") !== undefined) return "bubblewrap";
  return "no bubblewrap, so programs that a model wrote are not run (Debian, Ubuntu: sudo apt-get install bubblewrap)";
}

// ---- compilers that benchmarks' own tests call, for our tests of them ----

async function findCompilers(say) {
  const missing = () => Object.keys(COMPILERS).filter((name) => onPath(name) === undefined);
  if (missing().length > 0 && canUseApt()) {
    say(`installing ${missing().join(", ")} with apt-get`);
    await aptInstall(
      missing().map((name) => COMPILERS[name]),
      false,
    );
  }
  const absent = missing();
  if (absent.length === 0) return Object.keys(COMPILERS).join(", ");
  return `no ${absent.join(" and no ")} (Debian, Ubuntu: sudo apt-get install ${absent.map((name) => COMPILERS[name]).join(" ")})`;
}

// ---- engines ----

/** Bandit and Semgrep into an environment of their own; the C analysers where we may install them. */
async function installEngines(options, say) {
  const fromPip = await buildEngines(options, say);
  const missing = () => Object.keys(ANALYSERS).filter((name) => onPath(name) === undefined);
  if (missing().length > 0 && canUseApt()) {
    say(`installing ${missing().join(", ")} with apt-get`);
    await aptInstall([...new Set(missing().flatMap((name) => ANALYSERS[name]))], false);
  }
  const there = Object.keys(ANALYSERS).filter((name) => onPath(name) !== undefined);
  const absent = missing();
  const rest =
    absent.length === 0
      ? ""
      : `; not there: ${absent.join(", ")} (Debian, Ubuntu: sudo apt-get install ${absent.join(" ")})`;
  return `${[fromPip, ...there].join(", ")}${rest}`;
}

async function buildEngines(options, say) {
  const folder = enginesFolder();
  const stamp = join(folder, STAMP);
  const before = readJson(stamp);
  const list = readFileSync(join(ROOT, "data", "oracles", "requirements.txt"), "utf8");
  const lock = join(ROOT, "data", "oracles", "requirements.lock");
  const pins = list.split("\n").filter((line) => /^[a-z]/.test(line));
  const key = hash(list, readFileSync(lock, "utf8"));
  if (before?.key === key && pythonVersion(venvPython(folder)) !== undefined) return pins.join(", ");
  const python = await findPython(options.python, say);
  const wanted = { build: "engines", use: "the analysers", variable: "HEXACODER_ENGINES" };
  prepareFolder(folder, before, wanted);
  await createVenv(python, folder, say);
  say(`installing ${pins.join(", ")}`);
  await pip(folder, ["install", "-c", lock, ...pins]);
  writeWhole(stamp, JSON.stringify({ key, build: "engines", state: "ready" }));
  return pins.join(", ");
}

// ---- browser ----

async function findBrowser(say) {
  const found = browser();
  if (found !== undefined) return found;
  if (canUseApt()) {
    say("installing chromium with apt-get");
    await aptInstall(["chromium"], false);
  }
  const installed = browser();
  if (installed !== undefined) return installed;
  throw new SetupError(
    3,
    "No Chromium was found, which the test of the report needs. On Debian or Ubuntu: sudo apt-get install chromium. Or install Google Chrome, or name any Chromium in the variable HEXACODER_CHROME; then run the same command again.",
  );
}

function browser() {
  const named = process.env.HEXACODER_CHROME;
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  const paths = [...(named ? [named] : []), ...BROWSERS.map(onPath), mac];
  // Ubuntu's `chromium-browser` may be a stub that only says to install a snap: ask it.
  return paths.find(
    (path) =>
      path !== undefined &&
      existsSync(path) &&
      spawnSync(path, ["--version"], { timeout: 20_000 }).status === 0,
  );
}

// ---- queue ----

async function findRedis(say) {
  if (onPath("redis-server") === undefined && canUseApt()) {
    say("installing redis-server with apt-get");
    // Installed, not started: on a system that starts services at once, `RUNLEVEL=1` says not to.
    await aptInstall(["redis-server"], false, { RUNLEVEL: "1" });
  }
  const found = onPath("redis-server");
  if (found !== undefined) return found;
  throw new SetupError(
    3,
    "No redis-server was found. On Debian or Ubuntu: sudo apt-get install redis-server; on macOS: brew install redis. Then run the same command again.",
  );
}

// ---- llama.cpp ----

/** Where node-llama-cpp lives; src/util/python.ts looks in the same place. */
function llamaFolder() {
  if (process.env.HEXACODER_GGUF) return process.env.HEXACODER_GGUF;
  return isCheckout() ? join(ROOT, ".gguf") : join(caches(), "hexacoder", "gguf");
}

/**
 * node-llama-cpp with the binary for this machine alone: by itself npm would bring those for every GPU, too
 * (700 MB), and its install script would compile one where none fits.
 */
async function installLlama(say) {
  const folder = llamaFolder();
  const stamp = join(folder, STAMP);
  const lock = readFileSync(join(ROOT, "data", "gguf", "packages.lock.json"), "utf8");
  const { dependencies } = JSON.parse(lock).packages[""];
  const name = `node-llama-cpp ${dependencies["node-llama-cpp"]}`;
  const platform = `${process.platform}-${process.arch}`;
  const binary = LLAMA_BINARIES[platform];
  if (binary === undefined) {
    throw new SetupError(
      3,
      `There is no llama.cpp ready for ${platform}. Build one, let its llama-server serve the file, and pass its address as the model: http://127.0.0.1:8080/v1#NAME.`,
    );
  }
  const key = hash(lock, platform);
  const before = readJson(stamp);
  if (before?.key === key) return `${name} in ${folder}`;
  prepareFolder(folder, before, { build: "gguf", use: "node-llama-cpp", variable: "HEXACODER_GGUF" });
  const wanted = { ...dependencies, [`@node-llama-cpp/${binary}`]: dependencies["node-llama-cpp"] };
  writeWhole(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: wanted }));
  writeWhole(join(folder, "package-lock.json"), lock);
  say(`installing ${name}`);
  const flags = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await npm(["install", "--prefix", folder, ...flags]);
  writeWhole(stamp, JSON.stringify({ key, build: "gguf", state: "ready" }));
  return `${name} in ${folder}`;
}

function onPath(name) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

// ---- apt ----

function canUseApt() {
  return process.getuid?.() === 0 && onPath("apt-get") !== undefined;
}

let aptBefore = Promise.resolve();

/** One at a time: apt-get locks its database and refuses a second. */
function aptInstall(names, required = true, more = {}) {
  const mine = aptBefore.then(() => aptInstallNow(names, required, more));
  aptBefore = mine.catch(() => undefined); // the caller of `mine` hears of its failure
  return mine;
}

async function aptInstallNow(names, required, more) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", ...more };
  const failed = `apt-get could not install ${names.join(" ")}. Install it by hand and run the same command again.`;
  await capture(["apt-get", "update"], { env });
  const result = await capture(["apt-get", "install", "-y", "--no-install-recommends", ...names], { env });
  if (!result.ok && required) throw new SetupError(3, `${tail(result.output)}\n${failed}`);
}

// ---- helpers ----

/**
 * Two setups in one folder (a test beside a quickstart) would tread on each other: the second waits. The lock
 * names our process and those that it runs, since pip goes on for a while when a setup is killed.
 */
async function takeLock() {
  let told = false;
  while (!tryLock()) {
    const owners = readOr(LOCK, "").split(" ").map(Number);
    const alive = owners.filter(isAlive);
    if (alive.length === 0 && ageMs(LOCK) > 2000) {
      rmSync(LOCK, { force: true });
      continue;
    }
    if (!told) print(`  … waiting for another setup of this folder (process ${alive[0] ?? owners[0]})`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const release = () => rmSync(LOCK, { force: true });
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ]) {
    process.once(signal, () => {
      for (const child of running) child.kill("SIGTERM");
      release();
      process.exit(exitCode);
    });
  }
  return release;
}

function tryLock() {
  try {
    const file = openSync(LOCK, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY; // it has just been released
  }
}

/** Runs a command to its end, keeping its output; on failure prints the output's end and gives up. */
async function run(command, { failed, missing, env }) {
  const result = await capture(command, { env });
  if (result.ok) return;
  if (result.notFound && missing !== undefined) throw new SetupError(3, missing);
  throw new SetupError(4, `${tail(result.output)}\n${failed}`);
}

function capture([program, ...args], { env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    nameOwners();
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output = (output + text).slice(-200_000);
      });
    }
    const end = (result) => {
      if (!running.delete(child)) return; // both events come for some failures
      nameOwners();
      resolve(result);
    };
    child.once("error", (error) =>
      end({ ok: false, output: String(error), notFound: error.code === "ENOENT" }),
    );
    child.once("close", (code) => end({ ok: code === 0, output, notFound: false }));
  });
}

/** The lock names this process and those that it runs. */
function nameOwners() {
  const children = [...running].flatMap(({ pid }) => pid ?? []);
  writeFileSync(LOCK, [process.pid, ...children].join(" "));
}

/** A checkout has the lock file, which npm never puts into a package. */
function isCheckout() {
  return existsSync(join(ROOT, "package-lock.json"));
}

function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function writeWhole(path, text) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function readOr(path, fallback) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return fallback;
    throw error;
  }
}

/** A stamp, or undefined where there is none (or one that a crash of the disk cut short). */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function hash(...parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part).update("\0");
  return sum.digest("hex");
}

function atLeast(version, [major, minor]) {
  const [haveMajor, haveMinor] = version.split(".").map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

function tail(output) {
  return output.trimEnd().split("\n").slice(-25).join("\n");
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function print(line) {
  process.stderr.write(`${line}\n`);
}

// Last, so that everything above is initialised before anything runs.
await main();
