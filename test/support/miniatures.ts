// Random-weight miniatures of the paper's models, made with the trainer's own Python.
import { join } from "node:path";
import { runProcess } from "../../src/util/process.ts";
import { trainerInterpreter } from "../../src/util/python.ts";
import { resource } from "../../src/util/resources.ts";

/** Writes `FOLDER/<name>` for the models named, all five when none is. */
export async function makeMiniatures(folder: string, names: readonly string[] = []): Promise<void> {
  const interpreter = trainerInterpreter(process.env);
  if (interpreter === undefined) throw new Error("the trainer's environment is missing: npm run setup");
  const script = resource(join("test", "support", "miniatures.py"));
  const result = await runProcess({ command: [interpreter, script, folder, ...names] });
  if (!result.ok) throw new Error(`the miniatures could not be made:\n${result.stderr}`);
}
