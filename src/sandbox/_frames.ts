// The warden's protocol: four bytes of length, then JSON. What comes from the warden is parsed like anything
// from outside; the bytes in it are a program's words, the frame around them is the warden's.
import { z } from "zod";
import { isInnerPath, type SandboxResult } from "./job.ts";

// Two outputs and the files at their largest limits, in base64.
const LONGEST_FRAME = 256 * 1024 * 1024;

const bytes = z.string().transform((text) => Buffer.from(text, "base64"));
const status = z.enum([
  "exited",
  "signalled",
  "timeout",
  "cpu-limit",
  "memory-limit",
  "process-limit",
  "output-limit",
  "cancelled",
  "lost",
]);

const frameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), python: z.string() }),
  z.object({ type: z.literal("failed"), reason: z.string() }),
  z.object({
    type: z.literal("result"),
    id: z.number(),
    status,
    code: z.number().optional(),
    signal: z.number().optional(),
    stdout: bytes,
    stderr: bytes,
    truncated: z.boolean(),
    durationMs: z.number(),
    cpuMs: z.number(),
    files: z.record(z.string(), bytes).optional(),
    filesDropped: z.number().optional(),
    reason: z.string().optional(),
  }),
]);

/** What a warden says. */
export type WardenFrame = z.infer<typeof frameSchema>;

/** A frame as bytes. */
export function encodeFrame(content: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(content));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** Cuts a stream into frames; `take` throws on bytes that are none. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;

  /** The frames that are whole with this chunk. */
  take(chunk: Buffer): WardenFrame[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: WardenFrame[] = [];
    for (let body = this.next(); body !== undefined; body = this.next()) {
      frames.push(frameSchema.parse(JSON.parse(body.toString("utf8"))));
    }
    return frames;
  }

  private next(): Buffer | undefined {
    if (this.size < 4) return undefined;
    const [first] = this.chunks;
    if (first !== undefined && first.length < 4) this.chunks = [Buffer.concat(this.chunks)];
    const length = this.chunks[0]?.readUInt32BE(0) ?? 0;
    if (length > LONGEST_FRAME) throw new RangeError(`a frame of ${length} bytes`);
    if (this.size < 4 + length) return undefined;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all.subarray(4 + length)];
    this.size -= 4 + length;
    return all.subarray(4, 4 + length);
  }
}

/** A result frame as what callers see. */
export function toResult(frame: Extract<WardenFrame, { type: "result" }>): SandboxResult {
  const named = Object.entries(frame.files ?? {});
  // The job's init made these names of directory entries; that they stay inside is checked here all the same.
  const files = named.filter(([name]) => isInnerPath(name));
  return {
    status: frame.status,
    ...(frame.code === undefined ? {} : { code: frame.code }),
    ...(frame.signal === undefined ? {} : { signal: frame.signal }),
    stdout: frame.stdout.toString("utf8"),
    stderr: frame.stderr.toString("utf8"),
    truncated: frame.truncated,
    durationMs: frame.durationMs,
    cpuMs: frame.cpuMs,
    files: Object.fromEntries(files),
    filesDropped: (frame.filesDropped ?? 0) + named.length - files.length,
    ...(frame.reason === undefined ? {} : { reason: frame.reason }),
  };
}

/** A result that says only that the sandbox failed. */
export function lost(reason: string): SandboxResult {
  return { ...nothing, status: "lost", reason };
}

/** A result of a job that was cancelled before it began. */
export function cancelled(): SandboxResult {
  return { ...nothing, status: "cancelled" };
}

const nothing = {
  stdout: "",
  stderr: "",
  truncated: false,
  durationMs: 0,
  cpuMs: 0,
  files: {},
  filesDropped: 0,
};
