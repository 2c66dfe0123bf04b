// `hexacoder report DIR… --out FILE.html`: run folders in, one HTML file out.
import { resolve } from "node:path";
import { Command } from "commander";
import { writeReport } from "../../report/write-report.ts";
import type { CliContext } from "../context.ts";

/** Builds the command. */
export function command(context: CliContext): Command {
  return new Command("report")
    .argument("<dirs...>", "run folders of any stage, or folders that hold some")
    .requiredOption("--out <file>", "the HTML file to write")
    .action(async (dirs: string[], options: { out: string }) => {
      const out = resolve(context.cwd, options.out);
      const folders = dirs.map((dir) => resolve(context.cwd, dir));
      const { bytes, empty } = await writeReport(folders, out);
      const named = dirs.filter((_dir, i) => empty.includes(folders[i] ?? ""));
      if (named.length > 0) context.talk(`There is nothing to report in ${named.join(", ")}.`);
      context.talk(
        `Wrote ${options.out} (${Math.ceil(bytes / 1000)} kB). Open it in a browser; it needs nothing else.`,
      );
    });
}
