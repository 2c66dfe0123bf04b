// What tools said before, by the content of the program, the tool with its version, and its rules: one
// small file a program. Kept are answers that a second look would repeat: what was reported, and
// programs that do not parse; never a timeout or a failed tool.

import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { systemErrorCode } from "../../core/errors.ts";
import { type Finding, findingSchema, type SourceFile } from "../../core/finding.ts";
import { sha256 } from "../../util/hash.ts";
import { isCpp } from "./workspace.ts";

const entrySchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("scanned"), findings: z.array(findingSchema) }),
  z.object({ status: z.literal("unscanned"), reason: z.literal("parse-error"), detail: z.string() }),
]);
/** What is kept. */
export type CacheEntry =
  | { readonly status: "scanned"; readonly findings: readonly Finding[] }
  | z.infer<typeof entrySchema>;

/** Answers of one engine. */
export class ResultCache {
  readonly #folder: string;

  /** `identity` is all that decides an answer but the program. */
  constructor(root: string, identity: string) {
    this.#folder = join(root, "oracles", sha256(identity).slice(0, 24));
  }

  /** What was said of a program; undefined where nothing is kept, or not in a form that we can read. */
  async get(file: SourceFile): Promise<CacheEntry | undefined> {
    try {
      const entry = entrySchema.safeParse(JSON.parse(await readFile(this.#path(file), "utf8")));
      return entry.success ? entry.data : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || systemErrorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** Keeps an answer; a cache that cannot be written is none, and no reason to stop. */
  async put(file: SourceFile, entry: CacheEntry): Promise<void> {
    const path = this.#path(file);
    const temporary = `${path}.${randomBytes(4).toString("hex")}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(temporary, JSON.stringify(entry));
      await rename(temporary, path);
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      await rm(temporary, { force: true });
    }
  }

  #path({ language, path, text }: SourceFile): string {
    const key = sha256(`${language}${isCpp(path) ? "++" : ""}\n${text}`);
    return join(this.#folder, key.slice(0, 2), `${key}.json`);
  }
}
