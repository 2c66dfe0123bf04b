#!/usr/bin/env node
// `npm test`: sets itself up, then runs every suite but the GPU's and the soak, and ends with one
// line that counts. With CI=true a skipped test fails the run: a skip there is a missing tool.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const scratch = mkdtempSync(join(tmpdir(), "hexacoder-test-"));
const bin = (name) => join(root, "node_modules", ".bin", name);
const python = join(root, ".venv", "bin", "python");
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function step(title, command, args) {
  const started = Date.now();
  process.stdout.write(`\n== ${title}\n`);
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const ok = result.status === 0;
  process.stdout.write(
    `== ${title}: ${ok ? "ok" : `FAILED (${result.error?.message ?? `status ${result.status}`})`}, ${seconds} s\n`,
  );
  if (!ok) failures.push(title);
  return ok;
}

function countVitest(report) {
  if (!existsSync(report)) return;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  counts.passed += numPassedTests;
  counts.failed += numFailedTests;
  counts.skipped += numPendingTests + numTodoTests;
}

function countPytest(report) {
  if (!existsSync(report)) return;
  const suite = /<testsuite\b[^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "";
  const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  counts.failed += failed;
  counts.skipped += number("skipped");
  counts.passed += number("tests") - failed - number("skipped");
}

function vitest(project) {
  const report = join(scratch, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  step(`${project} tests`, bin("vitest"), ["run", "--project", project, ...reporters]);
  countVitest(report);
}

function pytest(title, ...paths) {
  const report = join(scratch, `${title}.xml`);
  step(`${title} tests`, python, ["-m", "pytest", "-q", `--junitxml=${report}`, ...paths]);
  countPytest(report);
}

const everything = ["--dev", "--engines", "--browser", "--queue"];
if (step("setup", process.execPath, [join(root, "scripts", "setup.mjs"), ...everything])) {
  step("types", bin("tsc"), ["--noEmit"]);
  step("lint and format", bin("biome"), ["check", "."]);
  step("architecture", bin("depcruise"), ["--config", ".dependency-cruiser.cjs", "src"]);
  step("unused code", bin("knip"), []);
  step("Python lint", python, ["-m", "ruff", "check", "trainer", "models/tiny/recipe"]);
  vitest("unit");
  pytest("trainer", "trainer/tests");
  pytest("recipe", "models/tiny/recipe");
  vitest("e2e");
}
rmSync(scratch, { recursive: true, force: true });

const strict = process.env.CI === "true";
if (strict && counts.skipped > 0) failures.push(`${counts.skipped} skipped tests`);
if (counts.passed === 0) failures.push("no test ran");
if (failures.length > 0) process.stdout.write(`\nFailed: ${failures.join("; ")}\n`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = failures.length > 0 || counts.failed > 0 ? 1 : 0;
