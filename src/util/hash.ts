// SHA-256 over text, bytes, files, and values in a canonical JSON spelling.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Hex SHA-256 of a text (as UTF-8) or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Hex SHA-256 of a value, independent of the order of object keys; undefined fields do not count. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** A short name for a content: the first 16 hex digits of {@link hashOf}. */
export function shortHashOf(value: unknown): string {
  return hashOf(value).slice(0, 16);
}

/** Hex SHA-256 of a file, read as a stream. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** JSON with sorted keys and no spaces. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => (isPlainObject(inner) ? sorted(inner) : inner)) ?? "null"
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}
