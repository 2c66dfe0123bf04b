// A small real model as a GGUF file and as a Hugging Face folder, both made from the bundled one, so that two
// engines can be asked the same. The file's layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { resource } from "../../src/util/resources.ts";

/** The model twice, in a folder that goes away with the test. */
export interface GgufTwins {
  /** The folder around both. */
  readonly folder: string;
  /** The name of the GGUF file in it. */
  readonly file: string;
  /** Name of the Hugging Face folder in it. */
  readonly base: string;
  /** Removes everything. */
  remove(): Promise<void>;
}

const configSchema = z.looseObject({
  hidden_size: z.int(),
  intermediate_size: z.int(),
  max_position_embeddings: z.int(),
  num_attention_heads: z.int(),
  num_hidden_layers: z.int(),
  num_key_value_heads: z.int(),
  head_dim: z.int(),
  rms_norm_eps: z.number(),
  vocab_size: z.int(),
  eos_token_id: z.int(),
  pad_token_id: z.int(),
  rope_parameters: z.object({ rope_theta: z.number(), rope_type: z.literal("default") }),
  tie_word_embeddings: z.literal(true),
});
type Config = z.infer<typeof configSchema>;

const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string() })),
  model: z.looseObject({
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.tuple([z.string(), z.string()])),
  }),
});
type Tokenizer = z.infer<typeof tokenizerSchema>;

/** Makes the twins in a new temporary folder (with a blank in its name, since users have those). */
export async function makeGgufTwins(): Promise<GgufTwins> {
  const folder = await mkdtemp(join(tmpdir(), "hexacoder gguf "));
  const tiny = resource("models", "tiny");
  await mkdir(join(folder, "base"));
  for (const name of [
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "model.safetensors",
  ]) {
    await cp(join(tiny, name), join(folder, "base", name));
  }
  const tokenizer = JSON.parse(await readFile(join(tiny, "tokenizer.json"), "utf8"));
  // The bundled tokenizer splits text by a pattern of its own, which llama.cpp cannot read from a file; GPT-2's
  // it knows by name. The model writes a little worse with it: here both only have to write the same.
  tokenizer.pre_tokenizer = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  };
  await writeFile(join(folder, "base", "tokenizer.json"), JSON.stringify(tokenizer));
  const config = configSchema.parse(JSON.parse(await readFile(join(tiny, "config.json"), "utf8")));
  const tensors = readSafetensors(await readFile(join(tiny, "model.safetensors")));
  const facts = metadata(config, tokenizerSchema.parse(tokenizer));
  await writeFile(join(folder, "model.gguf"), ggufOf(facts, ggmlTensors(tensors, config)));
  const remove = () => rm(folder, { recursive: true, force: true });
  return { folder, file: "model.gguf", base: "base", remove };
}

/** A tensor whose rows lie one after another. */
interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.literal("BF16"),
    shape: z.array(z.int()),
    data_offsets: z.tuple([z.int(), z.int()]),
  }),
);

/** Reads https://huggingface.co/docs/safetensors: a length, a header in JSON, the numbers. */
function readSafetensors(bytes: Buffer): Map<string, Tensor> {
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, data_offsets }] of Object.entries(headerSchema.parse(header))) {
    const [from, to] = data_offsets.map((offset) => 8 + length + offset);
    const part = bytes.subarray(from, to);
    // A bfloat16 is the upper half of a float32.
    const bits = Uint32Array.from({ length: part.length / 2 }, (_zero, i) => part.readUInt16LE(2 * i) << 16);
    tensors.set(name, { shape, values: new Float32Array(bits.buffer) });
  }
  return tensors;
}

const NAMES: Readonly<Record<string, string>> = {
  "model.embed_tokens": "token_embd",
  "model.norm": "output_norm",
  input_layernorm: "attn_norm",
  post_attention_layernorm: "ffn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

function ggmlTensors(tensors: ReadonlyMap<string, Tensor>, config: Config): Map<string, Tensor> {
  const renamed = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    const [, layer, part = ""] = /^(?:model\.layers\.(\d+)\.)?(.+)\.weight$/.exec(name) ?? [];
    const short = NAMES[part];
    if (short === undefined) throw new Error(`${name} has no name in GGUF`);
    const turned = /^attn_[qk]$/.test(short) ? interleaved(tensor, config.head_dim) : tensor;
    renamed.set(`${layer === undefined ? "" : `blk.${layer}.`}${short}.weight`, turned);
  }
  return renamed;
}

/** llama.cpp rotates neighbours, Hugging Face a head's first half with its second. */
function interleaved({ shape, values }: Tensor, headSize: number): Tensor {
  const [rows = 0, width = 0] = shape;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const place = row % headSize;
    const from = row - place + (place % 2) * (headSize / 2) + Math.floor(place / 2);
    turned.set(values.subarray(from * width, (from + 1) * width), row * width);
  }
  return { shape, values: turned };
}

type Fact =
  | readonly ["u32" | "f32" | "i32", number]
  | readonly ["string", string]
  | readonly ["bool", boolean]
  | readonly ["strings", readonly string[]]
  | readonly ["i32s", readonly number[]];

function metadata(config: Config, tokenizer: Tokenizer): Record<string, Fact> {
  const ids = new Map(Object.entries(tokenizer.model.vocab).map(([token, id]) => [id, token]));
  const special = new Set(tokenizer.added_tokens.map(({ id }) => id));
  for (const { id, content } of tokenizer.added_tokens) ids.set(id, content);
  const order = Array.from({ length: config.vocab_size }, (_zero, id) => id);
  return {
    "general.architecture": ["string", "llama"],
    "general.name": ["string", "hexacoder tiny"],
    "llama.context_length": ["u32", config.max_position_embeddings],
    "llama.embedding_length": ["u32", config.hidden_size],
    "llama.block_count": ["u32", config.num_hidden_layers],
    "llama.feed_forward_length": ["u32", config.intermediate_size],
    "llama.attention.head_count": ["u32", config.num_attention_heads],
    "llama.attention.head_count_kv": ["u32", config.num_key_value_heads],
    "llama.attention.key_length": ["u32", config.head_dim],
    "llama.attention.value_length": ["u32", config.head_dim],
    "llama.attention.layer_norm_rms_epsilon": ["f32", config.rms_norm_eps],
    "llama.rope.dimension_count": ["u32", config.head_dim],
    "llama.rope.freq_base": ["f32", config.rope_parameters.rope_theta],
    "llama.vocab_size": ["u32", config.vocab_size],
    "tokenizer.ggml.model": ["string", "gpt2"],
    "tokenizer.ggml.pre": ["string", "gpt-2"],
    "tokenizer.ggml.tokens": ["strings", order.map((id) => ids.get(id) ?? `<unused ${id}>`)],
    "tokenizer.ggml.token_type": ["i32s", order.map((id) => (special.has(id) ? 3 : ids.has(id) ? 1 : 5))],
    "tokenizer.ggml.merges": ["strings", tokenizer.model.merges.map((pair) => pair.join(" "))],
    "tokenizer.ggml.eos_token_id": ["u32", config.eos_token_id],
    "tokenizer.ggml.padding_token_id": ["u32", config.pad_token_id],
    "tokenizer.ggml.add_bos_token": ["bool", false],
  };
}

const ALIGNMENT = 32;

function ggufOf(facts: Readonly<Record<string, Fact>>, tensors: ReadonlyMap<string, Tensor>): Buffer {
  const head = [Buffer.from("GGUF"), u32(3), u64(tensors.size), u64(Object.keys(facts).length)];
  for (const [key, fact] of Object.entries(facts)) head.push(text(key), factBytes(fact));
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    head.push(text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(0), u64(offset));
    offset += values.byteLength + paddingOf(values.byteLength);
  }
  const start = Buffer.concat(head);
  const data = [...tensors.values()].flatMap(({ values }) => [
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    Buffer.alloc(paddingOf(values.byteLength)),
  ]);
  return Buffer.concat([start, Buffer.alloc(paddingOf(start.length)), ...data]);
}

function paddingOf(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function factBytes(fact: Fact): Buffer {
  switch (fact[0]) {
    case "u32":
      return Buffer.concat([u32(4), u32(fact[1])]);
    case "i32":
      return Buffer.concat([u32(5), i32(fact[1])]);
    case "f32":
      return Buffer.concat([u32(6), Buffer.from(Float32Array.of(fact[1]).buffer)]);
    case "bool":
      return Buffer.concat([u32(7), Buffer.from([fact[1] ? 1 : 0])]);
    case "string":
      return Buffer.concat([u32(8), text(fact[1])]);
    case "strings":
      return Buffer.concat([u32(9), u32(8), u64(fact[1].length), ...fact[1].map(text)]);
    case "i32s":
      return Buffer.concat([u32(9), u32(5), u64(fact[1].length), ...fact[1].map(i32)]);
    default:
      return fact satisfies never;
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  return Buffer.from(Uint32Array.of(value).buffer);
}

function i32(value: number): Buffer {
  return Buffer.from(Int32Array.of(value).buffer);
}

function u64(value: number): Buffer {
  return Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
}
