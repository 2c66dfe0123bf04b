// The interpreter in whose environment programs under test run: that of setup, with Flask, Django and the like.
// The sandbox sees it read-only. It is apart from the trainer's, whose packages no program should find.
import { existsSync } from "node:fs";
import { HexacoderError } from "../../core/errors.ts";
import { trainerVenv, venvInterpreter } from "../../util/python.ts";

/** The interpreter; throws where setup has not made it. */
export function programsInterpreter(env: NodeJS.ProcessEnv): string {
  const path = env.HEXACODER_PROGRAMS_PYTHON || venvInterpreter(`${trainerVenv(env)}-programs`);
  if (existsSync(path)) return path;
  throw new HexacoderError("tool-missing", {
    message: `The environment in which programs are run is not there (${path}).`,
    remedy: "Make it with: hexacoder setup",
  });
}
