// Loads models (data/taint) and rules (data/rules), the shipped ones and those of users.
// Their contents' hash is part of the oracle's identity.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { HexacoderError, readError } from "../core/errors.ts";
import { sha256 } from "../util/hash.ts";
import { resource } from "../util/resources.ts";
import { parseYaml } from "../util/yaml.ts";
import type { Model as CModel } from "./c/model.ts";
import { type Rule, ruleSchema } from "./rule-schema.ts";
import { Model } from "./taint/model.ts";
import { type ModelFile, modelFileSchema, operationsFileSchema } from "./taint/model-schema.ts";

/** What the builtin oracle knows. */
export interface Knowledge {
  readonly model: Model;
  /** The models of C, read when they are first asked for. */
  readonly cModel: () => Promise<CModel>;
  readonly rules: readonly Rule[];
  /** Changes with any model or rule. */
  readonly hash: string;
}

/** Operations are models too, but for another question (see operations.ts). */
const OPERATIONS = "operations.yml";

/** Loads the shipped models and rules and those in further folders (`taint/`, `rules/`, or model files themselves). */
export async function loadKnowledge(modelsDirs: readonly string[]): Promise<Knowledge> {
  const modelFiles = (await readFolder(resource("data", "taint"))).filter(({ name }) => name !== OPERATIONS);
  const ruleFiles = await readRules(modelsDirs);
  const cFiles = await readFolder(resource("data", "taint", "c"));
  for (const dir of modelsDirs) {
    const names = await namesIn(dir);
    if (names.includes("taint")) {
      modelFiles.push(...(await readFolder(join(dir, "taint"))));
      cFiles.push(...(await readOptional(join(dir, "taint"), "c")));
    }
    const own = await readFolder(dir);
    if (own.length === 0 && !names.includes("taint") && !names.includes("rules")) throw emptyModels(dir);
    modelFiles.push(...own);
  }
  const models = modelFiles.map((file) => parseFile(file, { schema: modelFileSchema, what: "model" }));
  const rules = ruleFiles.map((file) => parseFile(file, { schema: ruleSchema, what: "rule" }));
  const hash = sha256([...modelFiles, ...cFiles, ...ruleFiles].map(({ text }) => sha256(text)).join());
  let cModel: Promise<CModel> | undefined;
  return {
    model: buildModel(models, rules),
    cModel: () => {
      cModel ??= readCModel(cFiles);
      return cModel;
    },
    rules,
    hash,
  };
}

async function readCModel(files: readonly DataFile[]): Promise<CModel> {
  const [{ Model: CModel }, { modelFileSchema: schema }] = await Promise.all([
    import("./c/model.ts"),
    import("./c/model-schema.ts"),
  ]);
  return new CModel(files.map((file) => parseFile(file, { schema, what: "model" })));
}

/** The rules alone, for documents and SARIF. */
export async function loadRules(modelsDirs: readonly string[]): Promise<Rule[]> {
  const files = await readRules(modelsDirs);
  return files.map((file) => parseFile(file, { schema: ruleSchema, what: "rule" }));
}

/** Files of rules, Python's first, C's in a folder of their own. */
async function readRules(modelsDirs: readonly string[]): Promise<DataFile[]> {
  const files = await readFolder(resource("data", "rules"));
  files.push(...(await readFolder(resource("data", "rules", "c"))));
  for (const dir of modelsDirs) {
    if (!(await namesIn(dir)).includes("rules")) continue;
    files.push(...(await readFolder(join(dir, "rules"))), ...(await readOptional(join(dir, "rules"), "c")));
  }
  return files;
}

async function readOptional(folder: string, name: string): Promise<DataFile[]> {
  return (await namesIn(folder)).includes(name) ? readFolder(join(folder, name)) : [];
}

/** The model for questions about operations: everything but sinks, and the operations as sinks. */
export async function loadOperations(): Promise<Operations> {
  const files = await readFolder(resource("data", "taint"));
  const own = files.find(({ name }) => name === OPERATIONS);
  if (own === undefined) throw new Error(`data/taint/${OPERATIONS} is missing`);
  const operations = parseFile(own, { schema: operationsFileSchema, what: "model" });
  const others = files.filter((file) => file !== own);
  const models = others.map((file) =>
    asOperations(parseFile(file, { schema: modelFileSchema, what: "model" }), operations.includes),
  );
  const names = operations.kinds.map(({ name }) => name);
  return {
    model: new Model([operations, ...models]),
    names,
    hash: sha256(files.map(({ text }) => sha256(text)).join()),
  };
}

/** What the operations probe knows. */
export interface Operations {
  readonly model: Model;
  /** Names of the operations. */
  readonly names: readonly string[];
  /** Changes with any model. */
  readonly hash: string;
}

/** A model with its sinks as operations, whatever their conditions; nothing is cleared. */
function asOperations(model: ModelFile, includes: Readonly<Record<string, string>>): ModelFile {
  const operation = (kind: string): string | undefined => includes[kind];
  return {
    ...model,
    kinds: [],
    guards: [],
    attributeGuards: [],
    misuses: [],
    credentials: [],
    looks: [],
    named: [],
    receivers: [],
    sources: model.sources.map(({ clears: _clears, normalized: _normalized, ...rest }) => rest),
    attributes: model.attributes.map(({ normalizes: _normalizes, ...rest }) => rest),
    sinks: model.sinks.flatMap(({ when: _when, part: _part, kind, ...sink }) => {
      const names = kind.flatMap((one) => operation(one) ?? []);
      return names.length === 0 ? [] : [{ ...sink, kind: names, part: "whole" as const }];
    }),
    stores: model.stores.flatMap(({ path, kind }) => {
      const name = operation(kind);
      return name === undefined ? [] : [{ path, kind: name }];
    }),
    propagators: model.propagators.map(
      ({ clears: _clears, restores: _restores, normalizes: _normalizes, ...rest }) => rest,
    ),
    handlers: model.handlers.map(({ returns, ...rest }) => ({
      ...rest,
      returns: returns.flatMap((kind) => operation(kind) ?? []),
    })),
  };
}

function buildModel(models: readonly ModelFile[], rules: readonly Rule[]): Model {
  const model = new Model(models);
  for (const rule of rules) {
    if (rule.language === "python") for (const kind of rule.sinks ?? []) model.bit(kind);
  }
  return model;
}

interface DataFile {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

async function readFolder(folder: string): Promise<DataFile[]> {
  const names = (await namesIn(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, name, text: await readFile(path, "utf8") };
    }),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw readError(folder, error);
  }
}

function emptyModels(dir: string): HexacoderError {
  return new HexacoderError("nothing-to-do", {
    message: `${dir} holds no model: no .yml file, and no folder taint/ or rules/.`,
    remedy: "Put model files there (docs/oracle.md shows one), or leave --models out.",
  });
}

function parseFile<T extends z.ZodType>(file: DataFile, as: { schema: T; what: string }): z.output<T> {
  const { schema, what } = as;
  try {
    return schema.parse(parseYaml(file.text));
  } catch (error) {
    throw new HexacoderError("bad-input", {
      message: `${file.path} is not a valid ${what} file: ${firstProblem(error)}`,
      remedy: "Mend the file; docs/oracle.md lists every key.",
      cause: error,
    });
  }
}

function firstProblem(error: unknown): string {
  if (error instanceof Error && "issues" in error && Array.isArray(error.issues)) {
    const [issue]: { path?: unknown[]; message?: string }[] = error.issues;
    return `${issue?.path?.join(".") ?? ""}: ${issue?.message ?? ""}`;
  }
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
