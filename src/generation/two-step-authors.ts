// Two-step generation as the authors' script does it, for reproduction: lines are told apart by
// pattern, one import block is sampled a prompt and shared by all its samples, a line cut off at
// the token limit survives, and the completion ends at the first unindented line. What is odd here
// is odd on purpose (PAPER: "Where the release falls short"); `two-step` is the one to use.
import type { Completion, Task } from "../core/completion.ts";
import { HexacoderError } from "../core/errors.ts";
import {
  addUsage,
  completionOf,
  type Draft,
  type GenerationContext,
  type GenerationStrategy,
  inOrderOf,
  sampleModel,
} from "./generation.ts";

/** The authors' two steps; a prompt without imports is continued in one. */
export const twoStepAuthors: GenerationStrategy = { name: "two-step:authors", generate };

async function generate(
  task: Task,
  samples: readonly number[],
  context: GenerationContext,
): Promise<Completion[]> {
  requirePython(task);
  const { imports, code } = splitLinesAsAuthors(task.prompt);
  const drafts =
    imports.length === 0
      ? await writeUnder([], { task, samples, prompt: task.prompt }, context)
      : await writeInTwoSteps({ imports, code }, { task, samples }, context);
  return inOrderOf(samples, drafts).map((draft) =>
    completionOf(draft, { task, strategy: "two-step:authors", context }),
  );
}

function requirePython(task: Task): void {
  if (task.language === "python") return;
  throw new HexacoderError("unsupported-language", {
    message: `two-step:authors splits Python by lines, and ${task.id} is a ${task.language} program.`,
    remedy: "Use --strategy one-step for it.",
  });
}

async function writeInTwoSteps(
  { imports, code }: { imports: readonly string[]; code: string },
  { task, samples }: { task: Task; samples: readonly number[] },
  context: GenerationContext,
): Promise<Draft[]> {
  const opening = imports.join("\n");
  const { importTokens } = context.sampling;
  const request = { task, step: "imports", prompt: opening, maxTokens: importTokens, samples: [0] };
  const [block] = await sampleModel(request, context);
  const merged = splitLinesAsAuthors(opening + (block?.raw.text ?? "")).imports;
  const prompt = `${merged.join("\n")}\n${code}`;
  const added = merged.filter((line) => !imports.includes(line));
  const drafts = await writeUnder(added, { task, samples, prompt, spent: importTokens }, context);
  // One block serves every sample, so its tokens are counted once, with sample 0.
  return drafts.map((draft) =>
    draft.sample === 0 && block !== undefined
      ? { ...draft, usage: addUsage(draft.usage, block.usage) }
      : draft,
  );
}

async function writeUnder(
  imports: readonly string[],
  {
    task,
    samples,
    prompt,
    spent = 0,
  }: { task: Task; samples: readonly number[]; prompt: string; spent?: number },
  context: GenerationContext,
): Promise<Draft[]> {
  const maxTokens = context.sampling.maxTokens - spent;
  const sampled = await sampleModel({ task, step: "code", prompt, maxTokens, samples }, context);
  return sampled.map(({ sample, seed, raw, usage }) => ({
    sample,
    seed,
    text: prompt + cutAsAuthors(raw.text),
    uncut: prompt + raw.text,
    imports,
    finishReason: raw.finishReason,
    usage,
  }));
}

const IMPORT_LINE = /^(?:from\s+\S+\s+import\s+\S+|import\s+\S+)/;

/** Lines that look like imports once stripped, indentation kept, and the other lines. */
export function splitLinesAsAuthors(text: string): { imports: string[]; code: string } {
  const lines = text.replaceAll(/\r\n?/g, "\n").split("\n");
  const imports = lines.filter((line) => IMPORT_LINE.test(line.trim()));
  const code = lines.filter((line) => !IMPORT_LINE.test(line.trim())).join("\n");
  return { imports, code };
}

/** The completion up to its first unindented line; without one, up to its last comment line. */
export function cutAsAuthors(completion: string): string {
  const unindented = /\n(?=\S)/.exec(completion);
  if (unindented !== null) return completion.slice(0, unindented.index);
  const comment = completion.lastIndexOf("\n    #");
  return comment < 0 ? completion : completion.slice(0, comment);
}
