#!/usr/bin/env node
// Part of the build: writes what the YAML files under data/ say as JSON to dist/data.json, each under
// the SHA-256 of its text, so that the command line starts faster (src/util/yaml.ts).
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const data = join(root, "data");
const compiled = {};
for (const name of readdirSync(data, { recursive: true, encoding: "utf8" }).sort()) {
  // Semgrep's rules are read by Semgrep alone.
  if (!/\.ya?ml$/.test(name) || /^semgrep\b/.test(name)) continue;
  const text = readFileSync(join(data, name), "utf8");
  compiled[createHash("sha256").update(text).digest("hex")] = JSON.stringify(parse(text));
}
const path = join(root, "dist", "data.json");
writeFileSync(`${path}.tmp`, JSON.stringify(compiled));
renameSync(`${path}.tmp`, path);
