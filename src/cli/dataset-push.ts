// `hexacoder dataset push DATASET --to ORG/NAME`: a dataset folder onto the Hugging Face Hub, with the Hub's own
// client, which the trainer's environment has. What names this machine's folders (the manifest) stays here.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { HexacoderError } from "../core/errors.ts";
import { runProcess } from "../util/process.ts";
import { trainerInterpreter } from "../util/python.ts";
import type { CliContext } from "./context.ts";

interface PushFlags {
  readonly to: string;
  readonly public: boolean;
}

/** What is published of a dataset folder. */
const PUBLISHED = ["README.md", "stats.json", "train.*", "eval.*"];

/** The subcommand. */
export function pushCommand(context: CliContext): Command {
  return new Command("push")
    .description("put a dataset onto the Hugging Face Hub, for yourself or for all")
    .argument("<dataset>", "a folder that dataset build, import, extend or export has written")
    .requiredOption("--to <name>", "ORG/NAME on the Hub; made when it is not there yet", hubName)
    .option("--public", "make a new one visible to all", false)
    .action(async (dataset: string, flags: PushFlags) => {
      await push(context, resolve(context.cwd, dataset), flags);
      context.out(`https://huggingface.co/datasets/${flags.to}\n`);
    });
}

async function push(context: CliContext, folder: string, { to, public: shown }: PushFlags): Promise<void> {
  const { env, signal } = context;
  for (const name of ["train.jsonl", "README.md"]) {
    if (!existsSync(join(folder, name))) throw noDataset(folder, name);
  }
  if (!hasToken(env)) throw noToken();
  const client = clientOf(env);
  const what = PUBLISHED.flatMap((pattern) => ["--include", pattern]);
  context.talk(`push: ${folder} to ${to} …`);
  const result = await runProcess({
    command: [
      client,
      ...["upload", to, folder, ".", "--repo-type", "dataset", shown ? "--no-private" : "--private"],
      ...[...what, "--commit-message", "Put by hexacoder"],
    ],
    cwd: context.cwd,
    env: { ...env, HF_HUB_DISABLE_PROGRESS_BARS: "1", HF_HUB_DISABLE_TELEMETRY: "1" },
    signal,
  });
  signal.throwIfAborted();
  if (!result.ok) throw failed(to, result.stderr, result.cause);
}

function hubName(text: string): string {
  if (/^[\w.-]+\/[\w.-]+$/.test(text)) return text;
  throw new InvalidArgumentError("Write it as the Hub does: ORG/NAME.");
}

/** The Hub's client beside the trainer's Python. */
function clientOf(env: NodeJS.ProcessEnv): string {
  const interpreter = trainerInterpreter(env);
  const client = interpreter === undefined ? undefined : join(dirname(interpreter), "hf");
  if (client !== undefined && existsSync(client)) return client;
  throw new HexacoderError("tool-missing", {
    message: "The Hub's client (hf) is not there; it comes with the trainer's environment.",
    remedy: "Run: hexacoder setup (in a checkout: npm run setup).",
  });
}

/** Whether there is a token where the client looks for one; what it is, is nobody's business. */
function hasToken(env: NodeJS.ProcessEnv): boolean {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
  return Boolean(env.HF_TOKEN) || existsSync(env.HF_TOKEN_PATH || join(home, "token"));
}

function noToken(): HexacoderError {
  return new HexacoderError("key-missing", {
    message: "Publishing needs a token of the Hugging Face Hub, and the variable HF_TOKEN is not set.",
    remedy: "Make one that may write (https://huggingface.co/settings/tokens) and export HF_TOKEN=…",
  });
}

function noDataset(folder: string, name: string): HexacoderError {
  return new HexacoderError("bad-input", {
    message: `${folder} is no dataset: it has no ${name}.`,
    remedy: "Name a folder that hexacoder dataset build, import, extend or export has written.",
  });
}

function failed(to: string, stderr: string, cause: unknown): HexacoderError {
  const last = stderr.trim().split("\n").at(-1)?.trim();
  return new HexacoderError("provider-failed", {
    message: `The dataset could not be put to ${to}${last ? `: ${last.replace(/\.?$/, ".")}` : "."}`,
    remedy: "Check the name, the token's rights and the network; the same command goes on where it was.",
    cause,
  });
}
