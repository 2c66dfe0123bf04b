// A model in a GGUF file, run by llama.cpp in this process. Each text has a context and one thread of its own: a
// completion is then the same whatever is asked beside it, since sums are never made in another order. Batches would
// be quicker on large models and break that; whoever wants them serves the file with llama.cpp.
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { HexacoderError, isNotThere } from "../../core/errors.ts";
import { sha256File } from "../../util/hash.ts";
import { type Llama, type LlamaModel, type LlamaSequence, loadLlama, reasonOf } from "../llama-library.ts";
import type { CompletionModel, CompletionRequest, CompletionResponse, RawCompletion } from "../llm.ts";
import type { GgufSpec } from "../spec.ts";
import { withOwnSignal } from "./_own-signal.ts";
import { cutAtStop } from "./_sampling.ts";

/** How to open a file. */
export interface GgufOptions {
  /** Environment variables: where the package is. */
  readonly env: NodeJS.ProcessEnv;
  /** Cancels the start. */
  readonly signal?: AbortSignal | undefined;
  /** Gets what llama.cpp has to say. */
  readonly log?: ((line: string) => void) | undefined;
  /** Texts written at once, each on a thread; the machine's cores when absent, and a few on a GPU. */
  readonly threads?: number | undefined;
}

// Longer ones cost memory for every text under way, and prompts here are programs of a few hundred lines.
const LONGEST_CONTEXT = 8192;
const MOST_ON_PROCESSOR = 16;
const ON_GPU = 4;

/** Opens a file; throws `model-missing`, `bad-input`, or `tool-missing` where the optional package is not there. */
export async function openGgufModel(spec: GgufSpec, options: GgufOptions): Promise<CompletionModel> {
  await requireFile(spec);
  const llama = await loadLlama(options.env, (line) => options.log?.(line));
  try {
    const model = await loadFile(llama, spec, options.signal);
    const most = llama.gpu === false ? Math.min(availableParallelism(), MOST_ON_PROCESSOR) : ON_GPU;
    const desk = new Desk(model, options.threads ?? most);
    await desk.open();
    return {
      // Without the way to the file: records travel.
      identity: `gguf:${basename(spec.path)}@${(await sha256File(spec.path)).slice(0, 12)}`,
      adapter: undefined,
      concurrency: desk.places,
      complete: (request, { signal } = {}) =>
        withOwnSignal(signal, (own) => untilAborted(complete(model, desk, request, own), own)),
      close: () => llama.dispose(),
    };
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

async function requireFile({ path }: GgufSpec): Promise<void> {
  try {
    if (!(await stat(path)).isFile()) throw missing(path, "is no file");
  } catch (error) {
    throw isNotThere(error) ? missing(path, "is not there") : error;
  }
}

function missing(path: string, why: string): HexacoderError {
  return new HexacoderError("model-missing", {
    message: `The model ${path} ${why}.`,
    remedy: "Name a GGUF file: gguf:./model.gguf, from the folder that you are in, or with its whole path.",
  });
}

async function loadFile(
  llama: Llama,
  { path }: GgufSpec,
  signal: AbortSignal | undefined,
): Promise<LlamaModel> {
  try {
    return await llama.loadModel({
      modelPath: path,
      ...(signal === undefined ? {} : { loadSignal: signal }),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new HexacoderError("bad-input", {
      message: `llama.cpp cannot load ${path} (${reasonOf(cause)}).`,
      remedy: "Check that it is a whole GGUF file of a model that writes text, and that it fits into memory.",
      cause,
    });
  }
}

/** A place to write at. */
interface Place {
  readonly sequence: LlamaSequence;
  /** What it has read, and holds the state of. */
  prompt: string | undefined;
}

/** The places, and who waits for one. Whoever goes on from a text that a place has read is served there first. */
class Desk {
  readonly #model: LlamaModel;
  readonly #most: number;
  readonly #free: Place[] = [];
  readonly #waiting: { prompt: string; resolve: (place: Place) => void }[] = [];
  #contextSize = 0;
  #places = 0;

  constructor(model: LlamaModel, most: number) {
    this.#model = model;
    this.#most = most;
  }

  /** Texts that can be written at once. */
  get places(): number {
    return this.#places;
  }

  /** Tokens of prompt and completion together. */
  get contextSize(): number {
    return this.#contextSize;
  }

  /** Makes as many places as wanted, or as memory allows; one there must be. */
  async open(): Promise<void> {
    const contextSize = Math.min(this.#model.trainContextSize, LONGEST_CONTEXT);
    while (this.#places < this.#most) {
      try {
        const threads = { ideal: 1, min: 1 };
        const context = await this.#model.createContext({ contextSize, sequences: 1, threads });
        // llama.cpp rounds it up; a text must not grow over what the model was trained with.
        this.#contextSize = Math.min(contextSize, context.contextSize);
        this.#free.push({ sequence: context.getSequence(), prompt: undefined });
        this.#places++;
      } catch (cause) {
        if (this.#places > 0) return;
        throw new HexacoderError("bad-input", {
          message: `There is no memory for ${contextSize} tokens of this model (${reasonOf(cause)}).`,
          remedy: "Take a smaller file (a smaller model, or one with fewer bits a weight).",
          cause,
        });
      }
    }
  }

  /** Waits for a place and gives it back afterwards. */
  async at<T>(prompt: string, work: (place: Place) => Promise<T>): Promise<T> {
    const place = this.#take(prompt) ?? (await this.#wait(prompt));
    try {
      return await work(place);
    } finally {
      const [next] = [...this.#waiting.filter((one) => one.prompt === place.prompt), ...this.#waiting];
      if (next === undefined) this.#free.push(place);
      else {
        this.#waiting.splice(this.#waiting.indexOf(next), 1);
        next.resolve(place);
      }
    }
  }

  #take(prompt: string): Place | undefined {
    const same = this.#free.findIndex((place) => place.prompt === prompt);
    return this.#free.splice(Math.max(0, same), 1)[0];
  }

  #wait(prompt: string): Promise<Place> {
    return new Promise((resolve) => this.#waiting.push({ prompt, resolve }));
  }
}

/** Whoever waits for a place gives up at once; what is being written stops with its next token. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}

async function complete(
  model: LlamaModel,
  desk: Desk,
  request: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<CompletionResponse> {
  signal?.throwIfAborted();
  const tokens = tokensOf(model, request.prompt);
  if (tokens.length >= desk.contextSize) return nothing(request);
  const limit = Math.min(request.maxTokens, desk.contextSize - tokens.length);
  const draft = (sample: number): Promise<Written> =>
    desk.at(request.prompt, async (place) => {
      signal?.throwIfAborted();
      const seed = seedOf(request.seed + sample);
      return await write({ model, place, tokens, limit, request, seed, signal });
    });
  const all = await Promise.all(Array.from({ length: request.n }, (_none, sample) => draft(sample)));
  return {
    completions: all.map(({ completion }) => completion),
    usage: {
      promptTokens: tokens.length,
      completionTokens: all.reduce((sum, { drawn }) => sum + drawn, 0),
    },
  };
}

/** As Hugging Face's tokenizers do it: names of special tokens are those, and a text may need a start. */
function tokensOf(model: LlamaModel, prompt: string): number[] {
  const { bos, eos, shouldPrependBosToken } = model.tokens;
  const tokens = prompt === "" ? [] : model.tokenize(prompt, true);
  const start = bos ?? eos;
  if (start === null) return tokens;
  return (shouldPrependBosToken && tokens[0] !== start) || tokens.length === 0 ? [start, ...tokens] : tokens;
}

function nothing({ n }: CompletionRequest): CompletionResponse {
  const completions = Array.from({ length: n }, () => ({ text: "", finishReason: "error" as const }));
  return { completions, usage: { promptTokens: 0, completionTokens: 0 } };
}

/** llama.cpp takes 32 bits, and the last of them for "any". */
function seedOf(seed: number): number {
  const range = 0xffff_ffff;
  return ((seed % range) + range) % range;
}

interface Writing {
  readonly model: LlamaModel;
  readonly place: Place;
  readonly tokens: readonly number[];
  /** Most tokens to draw. */
  readonly limit: number;
  readonly request: CompletionRequest;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

interface Written {
  readonly completion: RawCompletion;
  /** Tokens that were drawn. */
  readonly drawn: number;
}

async function write({ model, place, tokens, limit, request, seed, signal }: Writing): Promise<Written> {
  const { temperature, topP, stop } = request;
  await read(place, request.prompt, tokens);
  const drawn: number[] = [];
  const textSoFar = (): string => model.detokenize(drawn, false, tokens.slice(-16));
  const options = { temperature, topP, topK: 0, minP: 0, seed, yieldEogToken: true } as const;
  if (limit < 1) return { completion: { text: "", finishReason: "length" }, drawn: 0 };
  for await (const token of place.sequence.evaluate(tokens.slice(-1), options)) {
    signal?.throwIfAborted();
    drawn.push(token);
    if (model.isEogToken(token)) {
      drawn.pop();
      return { completion: { text: textSoFar(), finishReason: "stop" }, drawn: drawn.length + 1 };
    }
    const completion = cutAtStop({ text: textSoFar(), finishReason: "length" }, stop);
    if (completion.finishReason === "stop" || drawn.length >= limit)
      return { completion, drawn: drawn.length };
  }
  return { completion: { text: textSoFar(), finishReason: "error" }, drawn: drawn.length };
}

/**
 * Has a place read all of a prompt but its last token, which is read with the first one drawn: each sample then
 * starts from the very same state, whether the prompt was read for it or for the sample before.
 */
async function read(place: Place, prompt: string, tokens: readonly number[]): Promise<void> {
  const length = tokens.length - 1;
  const { sequence } = place;
  if (place.prompt === prompt && sequence.nextTokenIndex > length) {
    await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]);
  }
  if (place.prompt === prompt && sequence.nextTokenIndex === length) return;
  place.prompt = undefined;
  await sequence.clearHistory();
  if (length > 0) await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, length));
  place.prompt = prompt;
}
