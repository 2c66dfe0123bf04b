#!/usr/bin/env node
// `npm test`: sets itself up, then runs every suite but the GPU's and the soak, and ends with one
// line that counts. With CI=true a skipped test fails the run: a skip there is a missing tool.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const scratch = mkdtempSync(join(tmpdir(), "hexacoder-test-"));
const bin = (name) => join(root, "node_modules", ".bin", name);
const python = join(root, ".venv", "bin", "python");
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
/** Names of failed tests with the first line of why: repeated at the end, where a cut log still shows them. */
const failedTests = [];

/** Runs a command to its end. A step that runs beside others is `quiet`: its output comes at its end, whole. */
async function step(title, command, args, { quiet = false } = {}) {
  const started = Date.now();
  if (!quiet) process.stdout.write(`\n== ${title}\n`);
  const { status, problem, output } = await run(command, args, quiet);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const ok = status === 0;
  const outcome = ok ? "ok" : `FAILED (${problem ?? `status ${status}`})`;
  const said = quiet ? `\n== ${title}\n${output}` : "";
  process.stdout.write(`${said}== ${title}: ${outcome}, ${seconds} s\n`);
  if (!ok) failures.push(title);
  return ok;
}

function run(command, args, quiet) {
  const stdio = ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"];
  const child = spawn(command, args, { cwd: root, stdio });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve({ problem: message, output }));
    child.once("close", (status, signal) => resolve({ status, problem: signal ?? undefined, output }));
  });
}

function noteFailure(file, test, why = "") {
  const [reason = ""] = why.split("\n");
  failedTests.push(`${relative(root, file)}: ${test}\n    ${reason.slice(0, 400)}`);
}

function countVitest(report) {
  if (!existsSync(report)) return;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  for (const { name: file, message, assertionResults } of testResults) {
    const failed = assertionResults.filter(({ status }) => status === "failed");
    for (const { fullName, failureMessages } of failed) noteFailure(file, fullName, failureMessages[0]);
    if (failed.length === 0 && message) noteFailure(file, "the file itself", message);
  }
  counts.passed += numPassedTests;
  counts.failed += numFailedTests;
  counts.skipped += numPendingTests + numTodoTests;
}

function countPytest(report) {
  if (!existsSync(report)) return;
  const text = readFileSync(report, "utf8");
  for (const [, test, message] of text.matchAll(
    /<testcase\b([^>]*)><(?:failure|error)\b[^>]*?message="([^"]*)"/g,
  ))
    noteFailure(join(root, "pytest"), test.trim(), message);
  const suite = /<testsuite\b[^>]*>/.exec(text)?.[0] ?? "";
  const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  counts.failed += failed;
  counts.skipped += number("skipped");
  counts.passed += number("tests") - failed - number("skipped");
}

async function vitest(project) {
  const report = join(scratch, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  await step(`${project} tests`, bin("vitest"), ["run", "--project", project, ...reporters]);
  countVitest(report);
}

async function pytest(title, ...paths) {
  const report = join(scratch, `${title}.xml`);
  const args = ["-m", "pytest", "-q", `--junitxml=${report}`, ...paths];
  await step(`${title} tests`, python, args, { quiet: true });
  countPytest(report);
}

/** What reads the sources, and the Python suites, which keep one core busy. */
async function checks() {
  const quiet = { quiet: true };
  await step("types", bin("tsc"), ["--noEmit"], quiet);
  await step("lint and format", bin("biome"), ["check", "."], quiet);
  await step("architecture", bin("depcruise"), ["--config", ".dependency-cruiser.cjs", "src"], quiet);
  await step("unused code", bin("knip"), [], quiet);
  const harness = "data/probes";
  await step("Python lint", python, ["-m", "ruff", "check", "trainer", "models/tiny/recipe", harness], quiet);
  await step("Python format", python, ["-m", "ruff", "format", "--check", harness], quiet);
  await pytest("trainer", "trainer/tests");
  await pytest("recipe", "models/tiny/recipe");
}

/** Unit tests use all cores; the files of e2e run one after the other and leave time for the checks. */
async function suites() {
  await vitest("unit");
  await Promise.all([vitest("e2e"), checks()]);
}

const everything = ["--dev", "--engines", "--browser", "--queue", "--gguf"];
if (await step("setup", process.execPath, [join(root, "scripts", "setup.mjs"), ...everything]))
  await suites();
rmSync(scratch, { recursive: true, force: true });

const strict = process.env.CI === "true";
if (strict && counts.skipped > 0) failures.push(`${counts.skipped} skipped tests`);
if (counts.passed === 0) failures.push("no test ran");
for (const failed of failedTests) process.stdout.write(`\nFailed test: ${failed}\n`);
if (failures.length > 0) process.stdout.write(`\nFailed: ${failures.join("; ")}\n`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = failures.length > 0 || counts.failed > 0 ? 1 : 0;
