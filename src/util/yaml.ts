// YAML for people, JSON for the machine: reading all shipped data as YAML takes longer than scanning
// hundreds of programs. The build writes what each file says as JSON (scripts/compile-data.mjs), under
// the hash of its text; a text that is not there, a user's own or a changed one, is read as YAML.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { systemErrorCode } from "../core/errors.ts";
import { sha256 } from "./hash.ts";
import { resource } from "./resources.ts";

type YamlModule = Pick<typeof import("yaml"), "parse">;

let compiled: Readonly<Record<string, string>> | undefined;
let yaml: YamlModule | undefined;

/** The value of a YAML text; throws what the yaml package throws for one that is none. */
export function parseYaml(text: string): unknown {
  compiled ??= readCompiled();
  const known = compiled[sha256(text)];
  if (known !== undefined) return JSON.parse(known);
  // Loaded only here, for loading takes a while, too.
  yaml ??= createRequire(import.meta.url)("yaml") as YamlModule; // a package without types for require
  return yaml.parse(text);
}

/** Empty where nothing was built: in a checkout that runs from its sources. */
function readCompiled(): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(readFileSync(resource("dist", "data.json"), "utf8"));
    return isTexts(value) ? value : {};
  } catch (error) {
    // Half a file, from a build that was stopped, is no reason to stop either.
    if (systemErrorCode(error) === "ENOENT" || error instanceof SyntaxError) return {};
    throw error;
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((one) => typeof one === "string")
  );
}
