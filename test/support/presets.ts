// Training settings that ship, by name.
import { existsSync, readFileSync } from "node:fs";
import { resource } from "../../src/util/resources.ts";

/** The text of a preset; undefined where there is none of that name. */
export function readPreset(name: string): string | undefined {
  const path = resource("data", "presets", `${name}.json`);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
