// A JSON file that may not be there.
import { readFile } from "node:fs/promises";
import { HexacoderError, systemErrorCode } from "../core/errors.ts";

/** Reads a JSON file; undefined when it is not there. */
export async function readJsonIfThere(path: string): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return value;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw new HexacoderError("bad-record", {
      message: `${path} could not be read as JSON.`,
      remedy: "It may have been cut short: run its stage again with --resume.",
      cause: error,
    });
  }
}
