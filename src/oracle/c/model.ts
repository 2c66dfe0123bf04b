// The functions that models know, by name. A later file adds to what earlier ones say of a name.
import type { FunctionModel, ModelFile } from "./model-schema.ts";

/** What is known of library functions. */
export class Model {
  readonly constants: ReadonlyMap<string, number>;
  readonly #byName = new Map<string, FunctionModel>();
  readonly #patterns: { readonly pattern: RegExp; readonly model: FunctionModel }[] = [];
  readonly #seen = new Map<string, FunctionModel | null>();

  constructor(files: readonly ModelFile[]) {
    this.constants = new Map(files.flatMap(({ constants }) => Object.entries(constants)));
    for (const model of files.flatMap(({ functions }) => functions)) {
      for (const name of model.names) {
        if (name.startsWith("/"))
          this.#patterns.push({ pattern: new RegExp(`^(?:${name.slice(1, -1)})$`), model });
        else this.#byName.set(name, { ...this.#byName.get(name), ...definedOnly(model) });
      }
    }
  }

  /** What a function does; undefined where nothing is known of it. */
  function(name: string): FunctionModel | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    let found = this.#seen.get(name);
    if (found === undefined) {
      found = this.#patterns.find(({ pattern }) => pattern.test(name))?.model ?? null;
      // Names come from programs: what is remembered of them must not grow without end.
      if (this.#seen.size > 5000) this.#seen.clear();
      this.#seen.set(name, found);
    }
    return found ?? undefined;
  }
}

/** Without what is absent or false, so that a second entry for a name adds to the first. */
function definedOnly(model: FunctionModel): FunctionModel {
  const entries = Object.entries(model).filter(([, value]) => value !== undefined && value !== false);
  // The same keys as before, less those without a value, which are all optional.
  return Object.fromEntries(entries) as FunctionModel;
}
