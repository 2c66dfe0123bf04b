// The way to llama.cpp in this process: the package node-llama-cpp, an optional one, is looked for where the user
// has put it beside hexacoder, then where `hexacoder setup --gguf` puts it. What we use of it stands here as types
// of our own, since a plain checkout does without the package.
// Its interface: https://node-llama-cpp.withcat.ai/api/functions/getLlama
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { HexacoderError, isNotThere } from "../core/errors.ts";
import { llamaFolder } from "../util/python.ts";

/** The library with a binary loaded. */
export interface Llama {
  /** What the work is done on: `cuda`, `metal`, `vulkan`; false is the processor. */
  readonly gpu: string | false;
  loadModel(options: { readonly modelPath: string; readonly loadSignal?: AbortSignal }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

/** A file's weights and vocabulary. */
export interface LlamaModel {
  /** Tokens of prompt and completion together that it was trained with. */
  readonly trainContextSize: number;
  readonly tokens: {
    readonly bos: number | null;
    readonly eos: number | null;
    readonly shouldPrependBosToken: boolean;
  };
  /** `special` reads `<|…|>` as the tokens of that name, as Hugging Face's tokenizers do. */
  tokenize(text: string, special: boolean): number[];
  /** `before` are the tokens in front: some vocabularies write a word's blank only behind others. */
  detokenize(tokens: readonly number[], special: boolean, before: readonly number[]): string;
  isEogToken(token: number): boolean;
  createContext(options: {
    readonly contextSize: number;
    readonly sequences: 1;
    readonly threads: { readonly ideal: number; readonly min: number };
  }): Promise<LlamaContext>;
}

/** Memory for one text. */
export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
}

/** A text on its way through the model. */
export interface LlamaSequence {
  /** How many tokens it has seen. */
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  eraseContextTokenRanges(ranges: readonly { start: number; end: number }[]): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>;
  /** Goes on token by token for as long as somebody asks for the next one. */
  evaluate(tokens: number[], options: LlamaSampling): AsyncGenerator<number, void>;
}

/** How the next token is drawn: top-p first, then the temperature. */
export interface LlamaSampling {
  readonly temperature: number;
  readonly topP: number;
  /** 0 is all. */
  readonly topK: 0;
  readonly minP: 0;
  /** 32 bits. */
  readonly seed: number;
  /** Whether the token that ends a text is given, too. */
  readonly yieldEogToken: true;
}

const PACKAGE = "node-llama-cpp";

/** An installed package. */
export interface LlamaPackage {
  readonly version: string;
  /** The file to import. */
  readonly entry: string;
}

const packageSchema = z.looseObject({ version: z.string(), main: z.string() });

/** Finds the package without loading it; undefined where it is not installed. */
export async function findLlama(env: NodeJS.ProcessEnv): Promise<LlamaPackage | undefined> {
  const beside = createRequire(import.meta.url).resolve.paths(PACKAGE) ?? [];
  for (const modules of [...beside, join(llamaFolder(env), "node_modules")]) {
    const folder = join(modules, PACKAGE);
    const text = await readOptional(join(folder, "package.json"));
    if (text === undefined) continue;
    const { version, main } = packageSchema.parse(JSON.parse(text));
    return { version, entry: join(folder, main) };
  }
  return undefined;
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

/** What the package exports that we use. */
interface LlamaExports {
  getLlama(options: {
    /** Only what came with the package: nothing is compiled or downloaded here. */
    readonly build: "never";
    readonly gpu: "auto";
    readonly progressLogs: false;
    readonly logLevel: "error";
    readonly logger: (level: string, message: string) => void;
    /** Threads of all contexts together; 0 is no bound. */
    readonly maxThreads: 0;
  }): Promise<Llama>;
}

/** Loads the library; throws `tool-missing` where the package or a binary that runs here is not there. */
export async function loadLlama(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<Llama> {
  const found = await findLlama(env);
  if (found === undefined) {
    throw new HexacoderError("tool-missing", {
      message: `Models in GGUF files need the package ${PACKAGE}, which is not installed.`,
      remedy: `Run: hexacoder setup --gguf (85 MB, for the processor), or for a GPU: npm install ${PACKAGE}@3 beside hexacoder. Or serve the file with llama.cpp and pass its address: http://host/v1#NAME.`,
    });
  }
  const library: unknown = await import(pathToFileURL(found.entry).href);
  if (!isLlamaExports(library)) {
    throw new HexacoderError("tool-missing", {
      message: `${PACKAGE} ${found.version} has another interface than version 3.`,
      remedy: `Install that one: npm install ${PACKAGE}@3.`,
    });
  }
  const options = { build: "never", gpu: "auto", progressLogs: false, logLevel: "error" } as const;
  try {
    return await library.getLlama({ ...options, maxThreads: 0, logger: (_level, message) => log(message) });
  } catch (cause) {
    throw new HexacoderError("tool-missing", {
      message: `${PACKAGE} ${found.version} has no binary that runs on this machine (${reasonOf(cause)}).`,
      remedy: "Run: hexacoder setup --gguf. Or serve the file with llama.cpp and pass its address.",
      cause,
    });
  }
}

function isLlamaExports(library: unknown): library is LlamaExports {
  return typeof library === "object" && library !== null && "getLlama" in library;
}

/** The first line of what a failure says. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
