// JSON lines: one value a line. A writer appends whole lines; a reader streams them and tells
// apart a broken line from a last line that a crash cut short.
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { readError, writeError } from "../core/errors.ts";

/** A line of a JSON lines file. */
export type JsonLine =
  | { readonly kind: "value"; readonly line: number; readonly value: unknown }
  | { readonly kind: "broken"; readonly line: number; readonly text: string; readonly message: string };

/** Streams a file's lines; blank lines are passed over, broken ones are reported in place. */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  const input = createReadStream(path, "utf8");
  // An open failure must reach the caller of `for await`, not the process.
  const failure = new Promise<never>((_resolve, reject) => {
    input.once("error", (error) => reject(readError(path, error)));
  });
  failure.catch(() => undefined);
  await Promise.race([new Promise<void>((resolve) => input.once("open", () => resolve())), failure]);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number++;
    // Editors on Windows begin a file with a byte order mark, which JSON does not know.
    const text = number === 1 ? line.replace(/^\ufeff/, "") : line;
    if (text.trim() !== "") yield parseLine(text, number);
  }
}

function parseLine(text: string, line: number): JsonLine {
  try {
    const value: unknown = JSON.parse(text);
    return { kind: "value", line, value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "broken", line, text, message };
  }
}

/** Appends values to a JSON lines file, each as one whole line. */
export class JsonLinesWriter {
  readonly path: string;
  #file: FileHandle;
  #tail: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Opens for appending, making the folder if need be; a last line that a crash cut short is removed. */
  static async open(path: string): Promise<JsonLinesWriter> {
    await mkdir(dirname(path), { recursive: true });
    await dropTornLine(path);
    return new JsonLinesWriter(path, await open(path, "a"));
  }

  /** Appends values; resolves when the operating system has them. Calls keep their order. */
  append(...values: readonly unknown[]): Promise<void> {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
    const write = this.#tail.then(async () => {
      await this.#file.appendFile(text).catch((error: unknown) => {
        throw writeError(this.path, error);
      });
    });
    // Later appends must not fail because an earlier one did: each caller sees its own failure.
    this.#tail = write.catch(() => undefined);
    return write;
  }

  /** Forces what was appended to the disk and closes. */
  async close(): Promise<void> {
    await this.#tail;
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }
}

const CHUNK = 65536;

async function dropTornLine(path: string): Promise<void> {
  const file = await open(path, "a+");
  try {
    const { size } = await file.stat();
    const end = await endOfLastLine(file, size);
    if (end < size) await file.truncate(end);
  } finally {
    await file.close();
  }
}

async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    const newline = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}
