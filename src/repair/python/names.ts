// Spells library names in a program: what is imported keeps its spelling, what is not gets an
// import, and a local name that is in the way gets out of the way by an alias.
import type { ImportNeed } from "./imports.ts";
import type { Program } from "./program.ts";

/** Collects imports while new code is spelled. */
export class Names {
  /** Imports that the spelled names need. */
  readonly needs: ImportNeed[] = [];
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Spells `module.name` through `import module`, as `html.escape`. */
  byModule(full: string): string {
    const known = this.#program.imports.spelling(full);
    if (known !== undefined && !this.#shadowed(known)) return known;
    const [module, name] = splitName(full);
    const first = module.split(".")[0] ?? module;
    if (this.#taken(first)) return this.#aliased(module, name);
    this.needs.push({ module: MODULE_OF[module] ?? module });
    return full;
  }

  /** Spells `module.name` through `from module import name`, as `escape`. */
  byName(full: string): string {
    const known = this.#program.imports.spelling(full);
    if (known !== undefined && !this.#shadowed(known)) return known;
    const [module, name] = splitName(full);
    if (this.#taken(name)) return this.#aliased(module, name);
    this.needs.push({ from: module, name });
    return name;
  }

  #aliased(module: string, name: string): string {
    if (!this.#taken(name)) {
      this.needs.push({ from: module, name });
      return name;
    }
    const alias = this.#program.freshName(
      this.#program.tree.root,
      `${module.split(".").at(-1) ?? module}_${name}`,
      `safe_${name}`,
    );
    this.needs.push({ from: module, name, alias });
    return alias;
  }

  /** Whether a name means something else in the program already. */
  #taken(local: string): boolean {
    const imported = this.#program.imports.names.filter((name) => name.local === local);
    if (imported.some(({ from, full, topLevel }) => topLevel && !from && full === local)) {
      return this.#shadowed(local);
    }
    return imported.length > 0 || this.#defines(local);
  }

  /** Whether an imported name is bound again somewhere (`html = "<p>"` under `import html`). */
  #shadowed(spelling: string): boolean {
    return this.#defines(spelling.split(".")[0] ?? spelling);
  }

  #defines(local: string): boolean {
    for (const { target } of this.#program.definitions()) if (target.text === local) return true;
    return this.#program.functions().some((definition) => definition.child("name")?.text === local);
  }
}

/** Modules that are reached through another one's import. */
const MODULE_OF: Readonly<Record<string, string>> = { "os.path": "os" };

function splitName(full: string): [module: string, name: string] {
  const dot = full.lastIndexOf(".");
  return [full.slice(0, dot), full.slice(dot + 1)];
}
