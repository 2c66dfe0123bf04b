// Every failure that a user can cause or meet, with its exit code. A user error prints one
// paragraph (what, where, what to do) and exits with the listed code; a bug prints its stack.

/** Exit codes of the command line (docs/exit-codes in the README). */
export const exitCodes = {
  done: 0,
  findings: 1,
  badInput: 2,
  missing: 3,
  failed: 4,
  interrupted: 130,
} as const;

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const codeTable = {
  "bad-usage": exitCodes.badInput,
  "bad-input": exitCodes.badInput,
  "bad-record": exitCodes.badInput,
  "file-not-found": exitCodes.badInput,
  "nothing-to-do": exitCodes.badInput,
  "unknown-cwe": exitCodes.badInput,
  "unknown-model": exitCodes.badInput,
  "unknown-oracle": exitCodes.badInput,
  "unknown-benchmark": exitCodes.badInput,
  "unsupported-language": exitCodes.badInput,
  "run-exists": exitCodes.badInput,
  "run-mismatch": exitCodes.badInput,
  "output-not-writable": exitCodes.badInput,
  "adapter-base-mismatch": exitCodes.badInput,
  "tool-missing": exitCodes.missing,
  "trainer-missing": exitCodes.missing,
  "model-missing": exitCodes.missing,
  "data-missing": exitCodes.missing,
  "sandbox-missing": exitCodes.missing,
  "key-missing": exitCodes.missing,
  "disk-full": exitCodes.failed,
  "write-failed": exitCodes.failed,
  "read-failed": exitCodes.failed,
  "provider-failed": exitCodes.failed,
  "trainer-failed": exitCodes.failed,
  "sandbox-failed": exitCodes.failed,
  "not-analysed": exitCodes.failed,
  "budget-reached": exitCodes.failed,
  interrupted: exitCodes.interrupted,
} as const satisfies Record<string, ExitCode>;

/** The name of a failure; `codeTable` gives its exit code. */
export type ErrorCode = keyof typeof codeTable;

/** Whether a value that came from another process names a failure that we know. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(codeTable, value);
}

/** A failure that the user can do something about. */
export class HexacoderError extends Error {
  /** Which failure it is. */
  readonly code: ErrorCode;
  /** One sentence: what to do next. */
  readonly remedy: string;

  constructor(code: ErrorCode, details: { message: string; remedy: string; cause?: unknown }) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "HexacoderError";
    this.code = code;
    this.remedy = details.remedy;
  }

  /** The exit code that the command line ends with. */
  get exitCode(): ExitCode {
    return codeTable[this.code];
  }
}

const DISK_FULL = new Set(["ENOSPC", "EDQUOT"]);
// ENOENT: Node says so of a folder that cannot be made, on a read-only file system for example.
// EEXIST: a file stands where a folder would have to be made.
const NOT_WRITABLE = new Set(["EROFS", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "ENOENT", "EEXIST"]);

/** The `code` of a Node system error, such as `ENOENT`; undefined for other values. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether a failure means that a file or folder is not there. */
export function isNotThere(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Turns a file system failure while writing `path` into the paragraph that a user needs. */
export function writeError(path: string, cause: unknown): HexacoderError {
  const code = systemErrorCode(cause);
  if (code !== undefined && DISK_FULL.has(code)) {
    return new HexacoderError("disk-full", {
      message: `The disk is full: ${path} could not be written.`,
      remedy: "Free some space and run the same command again with --resume; what was finished is kept.",
      cause,
    });
  }
  if (code !== undefined && NOT_WRITABLE.has(code)) {
    return new HexacoderError("output-not-writable", {
      message: `${path} cannot be written (${code}).`,
      remedy: "Choose another output folder, or make this one writable.",
      cause,
    });
  }
  return new HexacoderError("write-failed", {
    message: `${path} could not be written (${code ?? String(cause)}).`,
    remedy: "Check the disk and run the same command again with --resume.",
    cause,
  });
}

/** Turns a file system failure while reading `path` into the paragraph that a user needs. */
export function readError(path: string, cause: unknown): HexacoderError {
  const code = systemErrorCode(cause);
  if (code === "ENOENT") {
    return new HexacoderError("file-not-found", {
      message: `${path} does not exist.`,
      remedy: "Check the path; it is taken relative to the folder that you are in.",
      cause,
    });
  }
  return new HexacoderError("read-failed", {
    message: `${path} could not be read (${code ?? String(cause)}).`,
    remedy: "Check that it is a readable file and try again.",
    cause,
  });
}
