// The interpreter in whose environment programs under test run: that of setup, with Flask, Django and the like.
// The sandbox sees it read-only. It is apart from the trainer's, whose packages no program should find.
import { existsSync } from "node:fs";
import { z } from "zod";
import { HexacoderError } from "../../core/errors.ts";
import { sandboxAvailability } from "../../sandbox/availability.ts";
import { runProcess } from "../../util/process.ts";
import { trainerVenv, venvInterpreter } from "../../util/python.ts";
import { resource } from "../../util/resources.ts";

/** What the harness and the programs import; imported once a worker, so that every program finds them warm. */
export const programModules: readonly string[] = [
  "flask",
  "flask_sqlalchemy",
  "lxml.etree",
  "lxml.objectify",
  "yaml",
  "requests",
  "httpx",
  "defusedxml.ElementTree",
  "defusedxml.minidom",
  "defusedxml.sax",
  "jsonpickle",
  "sqlite3",
  "django",
  "fastapi",
  "starlette.templating",
  "aiohttp.web",
  "aiohttp.test_utils",
  "tornado.web",
  "tornado.httpclient",
  "bottle",
  "werkzeug.test",
  "asyncio",
  "tempfile",
  "zipfile",
  "xml.sax",
  "xml.dom.minidom",
  "xml.dom.pulldom",
  "http.client",
  "urllib.request",
  "logging.handlers",
  "hexaprobe.main",
];

/** The interpreter; throws where setup has not made it. */
export function programsInterpreter(env: NodeJS.ProcessEnv): string {
  const path = env.HEXACODER_PROGRAMS_PYTHON || venvInterpreter(`${trainerVenv(env)}-programs`);
  if (existsSync(path)) return path;
  throw unfit(env, `The environment in which programs are run is not there (${path}).`);
}

/**
 * Throws where programs cannot be run here: said before anything is asked of a model, and once, where it would
 * be said of every program otherwise. `modules` are what the harness imports.
 */
export async function checkPrograms(env: NodeJS.ProcessEnv, modules: readonly string[]): Promise<void> {
  const python = programsInterpreter(env);
  const missing = await missingModules(python, modules);
  if (missing === undefined) throw unfit(env, `${python} is no Python that runs.`);
  if (missing.length > 0) {
    throw unfit(
      env,
      `${python} lacks what the execution oracle runs programs with (${missing.join(", ")}): it needs the environment that set-up makes.`,
    );
  }
  await requireBubblewrap(env);
}

const FIND = `
import importlib.util, json, os, sys
harness, *names = sys.argv[1:]
def there(name):
    spec = importlib.util.find_spec(name)
    if spec is None or name != "hexaprobe":
        return spec is not None
    return os.path.realpath(harness) == os.path.dirname(os.path.dirname(os.path.realpath(spec.origin or "")))
print(json.dumps([name for name in names if not there(name)]))
`;

/** Modules that an interpreter does not find; undefined where it is none. Another version's harness is none. */
async function missingModules(python: string, modules: readonly string[]): Promise<string[] | undefined> {
  const names = new Set(modules.map((name) => name.replace(/\..*/, "")));
  const harness = resource("data", "probes");
  const command = [python, "-I", "-c", FIND, harness, ...names] as const;
  const { ok, stdout } = await runProcess({ command: [...command], timeoutMs: 60_000 });
  if (!ok) return undefined;
  try {
    return z.array(z.string()).parse(JSON.parse(stdout));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function unfit({ HEXACODER_PROGRAMS_PYTHON: named }: NodeJS.ProcessEnv, message: string): HexacoderError {
  const remedy = named
    ? "HEXACODER_PROGRAMS_PYTHON names it: leave the variable out and run hexacoder setup, or name the Python of an environment that hexacoder setup has made."
    : "Make it with: hexacoder setup";
  return new HexacoderError("tool-missing", { message, remedy });
}

async function requireBubblewrap(env: NodeJS.ProcessEnv): Promise<void> {
  const found = await sandboxAvailability({ env });
  if (found.available && found.engine === "bubblewrap") return;
  throw new HexacoderError("sandbox-missing", {
    message: `The execution oracle runs programs in bubblewrap, and that is not to be had here: ${found.available ? `there is only ${found.engine}.` : found.reason}`,
    remedy: found.available ? "Use it on Linux, with bubblewrap installed (docs/sandbox.md)." : found.remedy,
  });
}
