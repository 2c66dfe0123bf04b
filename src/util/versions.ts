// Versions for manifests and reports.
import { readFileSync } from "node:fs";
import { resource } from "./resources.ts";

/** The package's own version. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(resource("package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new Error("package.json has no version");
}

/** Versions that every manifest carries. */
export function runtimeVersions(): Record<string, string> {
  return {
    hexacoder: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Where the project's files can be read, without a slash at the end; undefined where package.json names no place. */
export function packageHomepage(): string | undefined {
  const manifest: unknown = JSON.parse(readFileSync(resource("package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("homepage" in manifest)) return undefined;
  return String(manifest.homepage).replace(/\/+$/, "");
}
