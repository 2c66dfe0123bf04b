// From folders to a file: the whole stage in one call.
import { writeError } from "../core/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import { collectReport } from "./collect.ts";
import { readCweNames } from "./cwe-names.ts";
import { renderReport } from "./report.ts";

/** Reads run folders and writes their report; gives the size of the file, and the folders that held no run. */
export async function writeReport(
  folders: readonly string[],
  out: string,
): Promise<{ bytes: number; empty: readonly string[] }> {
  const { data, empty } = await collectReport(folders);
  const page = renderReport(data, await readCweNames());
  await writeFileAtomic(out, page).catch((error: unknown) => {
    throw writeError(out, error);
  });
  return { bytes: Buffer.byteLength(page), empty };
}
