// Python modules that are known to exist: the standard library of 3.10 to 3.14 (generated from
// sys.stdlib_module_names) and import names of packages in wide use (collected by hand).
import { readFileSync } from "node:fs";
import { z } from "zod";
import { resource } from "../../util/resources.ts";

const schema = z.strictObject({
  /** Top-level modules of the standard library. */
  standard: z.array(z.string()),
  /** Names that every module has. */
  builtins: z.array(z.string()),
  /** Import names of packages. */
  packages: z.array(z.string()),
});

interface KnownModules {
  readonly standard: ReadonlySet<string>;
  readonly builtins: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

let loaded: KnownModules | undefined;

function known(): KnownModules {
  if (loaded === undefined) {
    const raw: unknown = JSON.parse(readFileSync(resource("data", "imports", "python.json"), "utf8"));
    const { standard, builtins, packages } = schema.parse(raw);
    loaded = { standard: new Set(standard), builtins: new Set(builtins), packages: new Set(packages) };
  }
  return loaded;
}

/** Whether a module (`os.path`) is of the standard library. */
export function isStandardModule(module: string): boolean {
  const first = module.split(".")[0] ?? module;
  return known().standard.has(first) || first === "__future__";
}

/** Whether a module is of the standard library or of a package in wide use. */
export function isKnownModule(module: string): boolean {
  return isStandardModule(module) || known().packages.has(module.split(".")[0] ?? module);
}

/** Whether every module has the name: `print`, `__file__`. */
export function isBuiltinName(name: string): boolean {
  return known().builtins.has(name);
}
