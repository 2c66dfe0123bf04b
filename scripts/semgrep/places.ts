// API paths of data/taint as Semgrep patterns. What Semgrep's free engine cannot know is the type of a
// receiver: `django.http.HttpRequest().GET` becomes `$OBJ.GET` in files that import django. Where the
// method's name says too little (`get`, `write`), the object must be made in sight: `requests.Session(...).get`.
import { expandBraces, pathSteps } from "../../src/oracle/taint/api.ts";
import type { Condition, ModelFile } from "../../src/oracle/taint/model-schema.ts";

/** An expression as a pattern, with the modules one of which a file must import for it. */
export interface Place {
  readonly text: string;
  readonly imports: readonly string[];
}

/** Names under which the models keep types that no module has. */
const OWN_NAMES = new Set(["dbapi", "weak", "fast", "mongo", "file", "wsgi", "caught", "ruamel"]);

/** Methods that strings, containers and files have as well: the receiver must be known. */
const COMMON_METHODS = new Set(
  "get post put pop update find index count format replace split join read write open close append add copy items keys values insert remove extend search match run call send encode decode delete patch head options request rename stat exists glob save load loads parse path name data text content url body form args files params stream".split(
    " ",
  ),
);

const MOST_MAKERS = 24;

/** Knows what the models call by another name. */
export class Places {
  readonly #aliases: { readonly path: string; readonly is: string; readonly when: readonly Condition[] }[];
  readonly #selfTypes: ReadonlySet<string>;

  constructor(files: readonly ModelFile[]) {
    this.#aliases = files.flatMap(({ types }) =>
      types.flatMap(({ path, is, when }) =>
        path.flatMap(expandBraces).map((one) => ({ path: one, is, when: when ?? [] })),
      ),
    );
    this.#selfTypes = new Set(
      files.flatMap(({ handlers }) =>
        handlers.flatMap(({ subclassOf }) => subclassOf ?? []).flatMap(expandBraces),
      ),
    );
  }

  /** The path and what else it is called, as patterns; `anyReceiver` where the receiver itself is asked about. */
  of(path: string, { anyReceiver = false } = {}): Place[] {
    const all = expandBraces(path).flatMap((one) => [one, ...this.#others(one)]);
    const places = new Map<string, Place>();
    for (const one of all)
      for (const place of this.#render(one, anyReceiver)) places.set(`${place.imports} ${place.text}`, place);
    return [...places.values()];
  }

  /** Texts of expressions that a condition's `refers` names; empty where they cannot be written. */
  made(path: string): string[] {
    return expandBraces(path).flatMap((one) => this.#makers(one, 0));
  }

  /** Paths that begin with something that is declared to be a beginning of this path. */
  #others(path: string): string[] {
    return this.#aliases.flatMap((alias) => {
      if (alias.when.length > 0 || alias.is.includes("()") || !startsWithPath(path, alias.is)) return [];
      return [`${alias.path}${path.slice(alias.is.length)}`];
    });
  }

  #render(path: string, anyReceiver: boolean): Place[] {
    const steps = pathSteps(path);
    const last = steps.slice(0, -1).lastIndexOf("()");
    if (last < 0) return isReal(steps) ? [{ text: textOf(steps), imports: [] }] : [];
    const receiver = steps.slice(0, last + 1);
    const rest = steps.slice(last + 1);
    const type = receiver.slice(0, -1).join(".");
    if (this.#selfTypes.has(type))
      return [{ text: `self${tailOf(rest)}`, imports: this.#roots(joined(receiver)) }];
    const [first = "", second] = rest;
    const bare = rest.length === 1 || (rest.length === 2 && second === "()");
    if (bare && !anyReceiver && COMMON_METHODS.has(first)) {
      return this.#makers(joined(receiver), 0).map((text) => ({
        text: `${text}${tailOf(rest)}`,
        imports: [],
      }));
    }
    if (this.#isConditional(joined(receiver))) {
      return this.#makers(joined(receiver), 0).map((text) => ({
        text: `${text}${tailOf(rest)}`,
        imports: [],
      }));
    }
    const imports = this.#roots(joined(receiver));
    return imports.length === 0 ? [] : [{ text: `$OBJ${tailOf(rest)}`, imports }];
  }

  #isConditional(type: string): boolean {
    return this.#aliases.some(({ is, when }) => is === type && when.length > 0);
  }

  /** Modules from which objects of a type come. */
  #roots(type: string): string[] {
    const roots = new Set<string>();
    const seen = new Set<string>();
    const visit = (one: string): void => {
      if (seen.has(one)) return;
      seen.add(one);
      const [root = ""] = pathSteps(one);
      if (!OWN_NAMES.has(root) && root !== "builtins") roots.add(root);
      const steps = pathSteps(one);
      for (const { path, is } of this.#aliases) if (is === one) visit(path);
      // An object that another object gives: `dbapi.Connection().cursor()`.
      const inner = steps.slice(0, -1).lastIndexOf("()");
      if (OWN_NAMES.has(root) && inner >= 0) visit(joined(steps.slice(0, inner + 1)));
    };
    visit(type);
    return [...roots].sort();
  }

  /** Expressions that make an object of a type; those under conditions with their arguments written out. */
  #makers(type: string, depth: number): string[] {
    const steps = pathSteps(type);
    const own = isReal(steps) ? [textOf(steps)] : [];
    if (depth > 2) return own;
    const made = this.#aliases
      .filter(({ is }) => is === type)
      .flatMap(({ path, when }) => {
        const texts = this.#makers(path, depth + 1);
        return when.reduce<string[]>(
          (some, condition) => some.flatMap((text) => this.#withArgument(text, condition)),
          texts,
        );
      });
    return [...new Set([...own, ...made])].slice(0, MOST_MAKERS);
  }

  /** `XMLParser(...)` as `XMLParser(..., resolve_entities=False, ...)`. */
  #withArgument(text: string, { arg, is, refers, not, orAbsent, orUnknown }: Condition): string[] {
    if (!text.endsWith("(...)") || not || orAbsent || orUnknown) return [];
    const head = text.slice(0, -"(...)".length);
    const values = is?.map(literal) ?? refers?.flatMap((path) => this.made(path)) ?? [];
    return values.flatMap((value) => arg.flatMap((one) => callWith(head, one, value) ?? []));
  }
}

/** A call with a value for one argument; undefined for what cannot be said. */
export function callWith(head: string, argument: number | string, value: string): string | undefined {
  if (typeof argument === "number") return `${head}(${"$_, ".repeat(argument)}${value}, ...)`;
  if (argument === "*") return `${head}(..., ${value}, ...)`;
  if (argument === "**") return `${head}(..., $KEY=${value}, ...)`;
  if (argument !== "self") return `${head}(..., ${argument}=${value}, ...)`;
  const dot = head.lastIndexOf(".");
  // A receiver that is spelt out cannot be untrusted itself.
  return head.startsWith("$OBJ.") && dot === "$OBJ".length ? `${value}${head.slice(dot)}(...)` : undefined;
}

/** A constant as Python writes it. */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function startsWithPath(path: string, start: string): boolean {
  return path.startsWith(start) && /^$|^[.([]/.test(path.slice(start.length));
}

/** Whether Python could say it: own names of the models and operators are no expressions. */
function isReal(steps: readonly string[]): boolean {
  return !OWN_NAMES.has(steps[0] ?? "") && !steps.includes("/");
}

function joined(steps: readonly string[]): string {
  return steps.reduce(
    (path, step) => (path === "" || step === "()" || step === "[]" ? path + step : `${path}.${step}`),
    "",
  );
}

function textOf(steps: readonly string[]): string {
  const [root = "", ...rest] = steps[0] === "builtins" ? steps.slice(1) : steps;
  return `${root}${tailOf(rest)}`;
}

function tailOf(steps: readonly string[]): string {
  return steps
    .map((step) => {
      if (step === "()") return "(...)";
      if (step === "[]") return "[...]";
      return step === "*" ? ".$ANY" : `.${step}`;
    })
    .join("");
}
