// What a local model or adapter is, beyond its name: a hash of its weights, and which base an adapter was
// trained on. Names and paths change; weights decide.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { HexacoderError, isNotThere, systemErrorCode } from "../core/errors.ts";
import { sha256, sha256File } from "../util/hash.ts";
import type { LocalSpec } from "./spec.ts";

const SHORT = 12;
const WEIGHTS = /^(adapter_model|model|pytorch_model).*\.(safetensors|bin)$/;

/** A base model as records name it: `tiny@3f2a…`, with a hash of the weights of folders. */
export interface BaseIdentity {
  /** Name, with the short hash where known. */
  readonly identity: string;
  /** SHA-256 over the weights files; undefined for models of a hub. */
  readonly weightsHash: string | undefined;
}

/** Identifies a base; throws `model-missing` for a folder without a model. */
export async function identifyBase(spec: LocalSpec): Promise<BaseIdentity> {
  if (!spec.isFolder) return { identity: spec.name, weightsHash: undefined };
  const weightsHash = await hashOfWeights(spec.base);
  if (weightsHash === undefined) {
    throw new HexacoderError("model-missing", {
      message: `${spec.base} holds no model: there is no *.safetensors or *.bin file with weights.`,
      remedy: "Name a folder in Hugging Face's layout (config.json, tokenizer files, model.safetensors).",
    });
  }
  return { identity: `${nameOf(spec)}@${weightsHash.slice(0, SHORT)}`, weightsHash };
}

/** Without the way to the folder: records travel, and the same weights lie elsewhere on another machine. */
function nameOf(spec: LocalSpec): string {
  return spec.name.startsWith("hf:") ? `hf:${basename(spec.base)}` : spec.name;
}

/** Identifies an adapter folder: `NAME@hash`; throws `model-missing` for a folder without an adapter. */
export async function identifyAdapter(folder: string): Promise<string> {
  const weightsHash = await hashOfWeights(folder);
  if (weightsHash === undefined || (await readOptional(join(folder, "adapter_config.json"))) === undefined) {
    throw new HexacoderError("model-missing", {
      message: `${folder} holds no finished adapter (adapter_config.json and adapter_model.safetensors).`,
      remedy:
        "Name the folder that `hexacoder train --out` wrote; an interrupted training goes on with --resume.",
    });
  }
  return `${basename(folder)}@${weightsHash.slice(0, SHORT)}`;
}

/** What the adapter's folder says of the base that it was trained on. */
const adapterConfigSchema = z.looseObject({ base_model_name_or_path: z.string().nullish() });
const adapterManifestSchema = z.looseObject({ inputs: z.looseObject({ base: z.string().optional() }) });

/**
 * Refuses an adapter of another base where its folder proves it: by the weights' hash in its manifest, else by
 * the hub's name. Where neither is known the trainer's server compares the weights themselves.
 */
export async function checkAdapterBase(folder: string, spec: LocalSpec, base: BaseIdentity): Promise<void> {
  const manifest = adapterManifestSchema.safeParse(
    parseJson(await readOptional(join(folder, "manifest.json"))),
  );
  const config = adapterConfigSchema.safeParse(
    parseJson(await readOptional(join(folder, "adapter_config.json"))),
  );
  const trainedHash = manifest.data?.inputs.base;
  const trainedName = config.data?.base_model_name_or_path ?? undefined;
  if (trainedHash !== undefined && base.weightsHash !== undefined) {
    if (trainedHash !== base.weightsHash)
      throw mismatch(folder, trainedName ?? trainedHash.slice(0, SHORT), spec);
  } else if (!spec.isFolder && trainedName !== undefined && isHubName(trainedName)) {
    if (trainedName !== spec.base) throw mismatch(folder, trainedName, spec);
  }
}

function isHubName(name: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(name) && !name.startsWith(".");
}

function mismatch(folder: string, trainedOn: string, spec: LocalSpec): HexacoderError {
  return new HexacoderError("adapter-base-mismatch", {
    message: `The adapter ${folder} was trained on ${trainedOn}, whose weights are not those of ${spec.name}.`,
    remedy: `Pass the model that it was trained on, or train again with: hexacoder train --base ${spec.name}`,
  });
}

async function hashOfWeights(folder: string): Promise<string | undefined> {
  const names = await listFolder(folder);
  const preferred = names.filter((name) => WEIGHTS.test(name)).sort();
  // The same weights are often there twice, in both formats.
  const safe = preferred.filter((name) => name.endsWith(".safetensors"));
  const chosen = safe.length > 0 ? safe : preferred;
  if (chosen.length === 0) return undefined;
  const hashes = await Promise.all(chosen.map((name) => sha256File(join(folder, name))));
  return hashes.length === 1 ? hashes[0] : sha256(hashes.join("\n"));
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) return [];
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a broken file proves nothing; the trainer will say what is wrong with it
  }
}
