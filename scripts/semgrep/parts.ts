// Sources, sinks, sanitizers and propagators of a taint rule, out of the models. What a call of which
// nothing is known gives is not tainted (`taint_assume_safe_functions`), as with the builtin oracle.
import type {
  GuardModel,
  HandlerModel,
  ModelFile,
  PropagatorModel,
} from "../../src/oracle/taint/model-schema.ts";
import {
  atPlaces,
  type Clause,
  conditionsOn,
  either,
  eitherOf,
  importing,
  quotedText,
  textMatches,
} from "./clauses.ts";
import { callWith, type Place, type Places } from "./places.ts";

/** The models as one, and how their paths read. */
export interface Book {
  readonly model: ModelFile;
  readonly places: Places;
}

// ---- sources ----

/** Expressions, parameters and names that hold data of a label and are dangerous to one of the kinds. */
export function sourcesOf({ model, places }: Book, label: string, kinds: ReadonlySet<string>): Clause[] {
  const stages = stagesOf(model, kinds);
  const plain: Clause[] = [];
  for (const source of model.sources.filter(({ kind }) => kind === label)) {
    if (source.clears !== undefined && coversAll(source.clears, stages)) continue;
    for (const place of source.path.flatMap((path) => places.of(path))) {
      const head = place.text.replace(/\(\.\.\.\)$/, "");
      const conditions = conditionsOn(head, source.when, places);
      if (conditions === undefined) continue;
      const [clause] = atPlaces([place], ({ text }) => [text]);
      if (clause !== undefined)
        plain.push(conditions.length === 0 ? clause : { patterns: [clause, ...conditions] });
    }
  }
  const given = model.handlers
    .filter(({ rest }) => rest === label)
    .flatMap((handler) => parametersOf(handler, places));
  const named = model.named.filter(
    ({ kind, dangers }) => kind === label && dangers.some((one) => kinds.has(one)),
  );
  return [
    ...(plain.length === 0 ? [] : [eitherOf(plain)]),
    ...(given.length === 0 ? [] : given),
    ...named.flatMap(({ names, except }) => namesLike(names, except, model.readers)),
    ...(label === "exception" ? [CAUGHT] : []),
  ];
}

/** What `except … as error` binds, and nothing before it is bound. */
const CAUGHT: Clause = {
  patterns: [
    { "pattern-inside": "try:\n    ...\nexcept $TYPE as $ERROR:\n    ...\n" },
    { pattern: "$ERROR" },
  ],
};

/** Parameters of functions that a framework calls with data of a request. */
function parametersOf(handler: HandlerModel, places: Places): Clause[] {
  const before = handler.parameters.map((_type, index) => `$P${index}, `).join("");
  const plainly = `(${before}..., $PARAM, ...)`;
  const functions = handlerFunctions(handler, places, plainly);
  const outside = handler.harmless.map((type) => `def $F(..., $PARAM: ${type}, ...):\n    ...\n`);
  outside.push(
    "def $F(..., $PARAM=Depends(...), ...):\n    ...\n",
    "def $F(..., $PARAM: $TYPE = Depends(...), ...):\n    ...\n",
  );
  const converted =
    handler.converted === undefined || handler.decorator === undefined
      ? []
      : [{ "pattern-not-inside": { patterns: [...convertedRoutes(handler, places, plainly)] } }];
  return functions.map((inside) => ({
    patterns: [
      ...inside,
      ...(handler.harmless.length === 0 ? [] : outside.map((text) => ({ "pattern-not-inside": text }))),
      ...converted,
      textMatches("$PARAM", "^(?!(?:self|cls)$)"),
      { "focus-metavariable": "$PARAM" },
    ],
  }));
}

/** Functions all of whose parameters are converted to numbers and the like by the route. */
function convertedRoutes(handler: HandlerModel, places: Places, parameters: string): Clause[] {
  const decorators = placesOf(handler.decorator, places).map(({ text }) =>
    text.replace(/\(\.\.\.\)$/, '("$ROUTE", ...)'),
  );
  const texts = [...new Set(decorators)].map((one) => `@${one}\ndef $F${parameters}:\n    ...\n`);
  return [either(texts), textMatches("$ROUTE", `^(?:[^<]|${handler.converted})*$`)];
}

/** Clauses that say to be inside a handler: alternatives, each a list. */
function handlerFunctions(handler: HandlerModel, places: Places, parameters: string): Clause[][] {
  const found: Clause[][] = [];
  const decorators = new Map<string, Place[]>();
  for (const place of placesOf(handler.decorator, places)) {
    decorators.set(place.imports.join(), [...(decorators.get(place.imports.join()) ?? []), place]);
  }
  for (const group of decorators.values()) {
    const texts = [...new Set(group.map(({ text }) => `@${text}\ndef $F${parameters}:\n    ...\n`))];
    const [{ imports } = { imports: [] }] = group;
    found.push([...(imports.length === 0 ? [] : [importing(imports)]), inside(texts)]);
  }
  const bases = (handler.subclassOf ?? []).flatMap((path) => places.of(path));
  if (bases.length > 0 && handler.names !== undefined) {
    const classes = bases.map(({ text }) => `class $C(..., ${text}, ...):\n    ...\n`);
    const methods = `^(?:${handler.names.join("|")})$`;
    found.push([inside(classes), inside([`def $F${parameters}:\n    ...\n`]), textMatches("$F", methods)]);
  }
  if (handler.firstParameter !== undefined && handler.imports !== undefined) {
    const rest = parameters.replace(/^\(\$P0, /, "(");
    found.push([
      importing([handler.imports]),
      inside([`def $F(${handler.firstParameter}, ${rest.slice(1)}:\n    ...\n`]),
    ]);
  }
  return found;
}

function inside(texts: readonly string[]): Clause {
  const [only, second] = texts;
  return only !== undefined && second === undefined
    ? { "pattern-inside": only }
    : { "pattern-either": texts.map((text) => ({ "pattern-inside": text })) };
}

function placesOf(paths: readonly string[] | undefined, places: Places): Place[] {
  return (paths ?? []).flatMap((path) => places.of(path, { anyReceiver: true }));
}

/** Variables, attributes, keys and functions with a name that tells. */
function namesLike(names: string, except: string | undefined, readers: readonly string[]): Clause[] {
  const regex = `(?i)^(?=[\\w-]+$)${except === undefined ? "" : `(?!.*(?:${except}))`}.*(?:${names})`;
  const keyed = ['$OBJ["$NAME"]', ...readers.map((reader) => `$OBJ.${reader}("$NAME", ...)`)];
  return [
    { patterns: [{ pattern: "$NAME" }, textMatches("$NAME", regex)] },
    {
      patterns: [
        either(["$OBJ.$NAME", "$NAME(...)", "$OBJ.$NAME(...)", ...keyed]),
        textMatches("$NAME", regex),
      ],
    },
  ];
}

// ---- sinks ----

/** Where data of one of the kinds does harm. */
export function sinksOf(book: Book, kinds: ReadonlySet<string>): Clause[] {
  const { model, places } = book;
  const found: Clause[] = [];
  for (const sink of model.sinks) {
    if (!sink.kind.some((kind) => kinds.has(kind)) || sink.part === "keys") continue;
    const anyReceiver = sink.arg.includes("self");
    const called = (sink.path ?? []).flatMap((path) => places.of(path, { anyReceiver }));
    const methods = (sink.method ?? []).map((method): Place => ({ text: `$OBJ.${method}`, imports: [] }));
    for (const place of [...called, ...methods]) {
      const conditions = conditionsOn(place.text, sink.when, places);
      if (conditions === undefined) continue;
      found.push(...sinkAt(place, sink.arg, { program: sink.part === "program", conditions }));
    }
  }
  return [
    ...(found.length === 0
      ? []
      : [{ patterns: [eitherOf(merged(found)), { "focus-metavariable": "$SINK" }] }]),
    ...storesOf(book, kinds),
    ...returnsOf(book, kinds),
  ];
}

function sinkAt(
  place: Place,
  args: readonly (number | string)[],
  { program, conditions }: { program: boolean; conditions: readonly Clause[] },
): Clause[] {
  const whole = args.flatMap((arg) => callWith(place.text, arg, "$SINK") ?? []);
  const listed = args.flatMap((arg) => callWith(place.text, arg, "[...]") ?? []);
  const first = args.flatMap((arg) => callWith(place.text, arg, "[$SINK, ...]") ?? []);
  const shell = args.flatMap((arg) => callWith(place.text, arg, '["$SHELL", "-c", $SINK, ...]') ?? []);
  const scope = place.imports.length === 0 ? [] : [importing(place.imports)];
  const as = (...clauses: Clause[]): Clause[] =>
    scope.length + conditions.length + clauses.length === 1
      ? clauses
      : [{ patterns: [...scope, ...clauses, ...conditions] }];
  if (whole.length === 0) return [];
  if (!program) return as(either(whole));
  return [
    // A list that is in sight runs its first element; what follows a shell's -c is run by the shell.
    ...as(either(whole), ...listed.map((text) => ({ "pattern-not": text }))),
    ...as(either(first)),
    ...as(either(shell), textMatches("$SHELL", "^(?:/\\S+/)?(?:ba|z|da|k)?sh$")),
  ];
}

/** One list of patterns in place of many clauses. */
function merged(clauses: readonly Clause[]): Clause[] {
  return clauses.flatMap((clause) => {
    const inner = clause["pattern-either"];
    // Made by `either` above: a list of clauses.
    return Array.isArray(inner) ? (inner as Clause[]) : [clause];
  });
}

function storesOf({ model, places }: Book, kinds: ReadonlySet<string>): Clause[] {
  const found = model.stores
    .filter(({ kind }) => kinds.has(kind))
    .flatMap(({ path, when }) =>
      path
        .flatMap((one) => places.of(one, { anyReceiver: true }))
        .flatMap((place) => {
          const keyed = when !== undefined;
          const text = `${keyed ? place.text.replace(/\[\.\.\.\]$/, '["$KEY"]') : place.text} = $SINK`;
          const [clause] = atPlaces([place], () => [text]);
          const key = when?.[0]?.matches;
          return clause === undefined
            ? []
            : key === undefined
              ? [clause]
              : [{ patterns: [clause, textMatches("$KEY", `(?i)${key}`)] }];
        }),
    );
  return found.length === 0 ? [] : [{ patterns: [eitherOf(found), { "focus-metavariable": "$SINK" }] }];
}

/** What handlers return; a dictionary is sent as JSON. */
function returnsOf({ model, places }: Book, kinds: ReadonlySet<string>): Clause[] {
  const groups = model.handlers
    .filter(({ returns, when }) => when === undefined && returns.some((kind) => kinds.has(kind)))
    .flatMap((handler) => handlerFunctions(handler, places, "(...)"));
  return groups.map((inside) => ({
    patterns: [
      ...inside,
      { pattern: "return $SINK" },
      { "pattern-not": "return {...}" },
      { "focus-metavariable": "$SINK" },
    ],
  }));
}

// ---- propagators ----

/** Calls through which data stays dangerous to one of the kinds. */
export function propagatorsOf({ model, places }: Book, kinds: ReadonlySet<string>): Clause[] {
  const stages = stagesOf(model, kinds);
  const passing = model.propagators.filter(
    ({ clears, beyond, gives }) =>
      !beyond && gives !== "length" && !(clears !== undefined && coversAll(clears, stages)),
  );
  // By what they clear: a group is then the same wherever it is taken.
  const groups = new Map<string, PropagatorModel[]>();
  for (const one of passing) {
    const key = one.clears?.join() ?? "";
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => [...resultsOf(group, places), ...changesOf(group, places)]);
}

function resultsOf(group: readonly PropagatorModel[], places: Places): Clause[] {
  const clauses = group.flatMap((one) => {
    if (one.to !== "return") return [];
    const heads = headsOf(one, places);
    return heads.flatMap((place): Clause[] => {
      const texts = one.from.flatMap((arg) => callWith(place.text, arg, "$FROM") ?? []);
      const conditions = conditionsOn(place.text, one.when, places);
      if (texts.length === 0 || conditions === undefined) return [];
      const scope = place.imports.length === 0 ? [] : [importing(place.imports)];
      const filter = one.pattern === undefined ? [] : replacing(place, one.pattern);
      const all = [...scope, ...conditions, ...filter];
      return all.length === 0
        ? texts.map((pattern) => ({ pattern }))
        : [{ patterns: [...all, either(texts)] }];
    });
  });
  return clauses.length === 0
    ? []
    : [{ patterns: [{ pattern: "$TO" }, eitherOf(clauses)], from: "$FROM", to: "$TO" }];
}

/** A replacement of all but a few characters is taken for a sanitizer. */
function replacing(place: Place, pattern: number | string): Clause[] {
  const call = callWith(place.text, pattern, "$PATTERN");
  return call === undefined
    ? []
    : [{ "pattern-not": { patterns: [{ pattern: call }, textMatches("$PATTERN", "[rR]?[\"']\\[\\^")] } }];
}

/** Calls that change their receiver. */
function changesOf(group: readonly PropagatorModel[], places: Places): Clause[] {
  const clauses = group.flatMap((one) =>
    one.to !== "self"
      ? []
      : headsOf(one, places).flatMap(({ text }) =>
          text.startsWith("$OBJ.")
            ? one.from.flatMap((arg) => callWith(text.replace("$OBJ", "$TO"), arg, "$FROM") ?? [])
            : [],
        ),
  );
  return clauses.length === 0 ? [] : [{ ...either([...new Set(clauses)]), from: "$FROM", to: "$TO" }];
}

function headsOf(one: PropagatorModel, places: Places): Place[] {
  const called = (one.path ?? []).flatMap((path) =>
    places.of(path, { anyReceiver: one.from.includes("self") }),
  );
  return [...called, ...(one.method ?? []).map((method): Place => ({ text: `$OBJ.${method}`, imports: [] }))];
}

// ---- sanitizers ----

const EXITS = ["return ...", "raise ...", "continue", "$ABORT(...)"];

/** Checks after which, or inside which, a variable is harmless to all of the kinds. */
export function sanitizersOf(book: Book, kinds: ReadonlySet<string>): Clause[] {
  const { model } = book;
  const stages = stagesOf(model, kinds);
  const plain = ["$X in $ALLOWED"];
  const found: Clause[] = [];
  for (const guard of model.guards) {
    const weak = guard.weakens !== undefined || guard.by === "not-raising" || !guard.outcome;
    if (weak || !(guard.pattern !== undefined || coversAll(guard.clears, stages))) continue;
    const { texts, conditions } = checksOf(guard, book);
    if (conditions.length === 0) plain.push(...texts);
    else if (texts.length > 0) found.push(checked(texts, conditions));
  }
  for (const guard of model.attributeGuards) {
    if (!coversAll(guard.clears, stages)) continue;
    if (guard.by === "contains") plain.push(...guard.attribute.map((name) => `$ROOT in $X.${name}`));
    else found.push(...partsChecked(guard, book));
  }
  return [checked(plain, []), ...found, ...prefixesOf(model, kinds)];
}

/** Patterns that are nothing but a few kinds of characters, from the start to the end. */
const HARMLESS_PATTERN =
  "^[rR]?[\"']\\^?(?:(?:\\[(?!\\^)(?:[\\w\\- ]|\\\\[wd.\\-])+\\]|\\\\[wd]|[\\w\\-]|\\\\\\.)(?:[+*?]|\\{[\\d,]+\\})?)+";

/** Texts of a check on `$X`, and what else must be so. */
function checksOf(guard: GuardModel, { places }: Book): { texts: string[]; conditions: Clause[] } {
  const called = (guard.path ?? []).flatMap((path) => places.of(path, { anyReceiver: true }));
  const heads = [
    ...called.map(({ text }) => text),
    ...(guard.method ?? []).map((method) => `$OBJ.${method}`),
  ];
  const [condition, another] = guard.when ?? [];
  const regex = condition?.matches === undefined ? condition?.text : quotedText(condition.matches);
  if (guard.pattern !== undefined) {
    const end = guard.whole ? "\\$?[\"']$" : "(?:\\$|\\\\Z)[\"']$";
    const texts = guard.pattern === 0 ? heads.map((head) => `${head}($PATTERN, $X, ...)`) : [];
    return { texts, conditions: [textMatches("$PATTERN", `${HARMLESS_PATTERN}${end}`)] };
  }
  if (condition !== undefined && (regex === undefined || another !== undefined || guard.arg !== "self"))
    return { texts: [], conditions: [] };
  const texts = heads.flatMap((head) => {
    if (condition !== undefined)
      return head.startsWith("$OBJ.") ? [`${head.replace("$OBJ", "$X")}($START, ...)`] : [];
    const plain = callWith(head, guard.arg, "$X");
    const listed = guard.arg === "self" ? undefined : callWith(head, guard.arg, "[..., $X, ...]");
    return [plain, listed].filter((one) => one !== undefined);
  });
  const compared = guard.by === "equality" ? texts.map((text) => `${text} == $SAME`) : texts;
  if (regex === undefined) return { texts: compared, conditions: [] };
  const wanted = condition?.not ? `(?!.*(?:${regex}))` : `.*(?:${regex})`;
  return { texts: compared, conditions: [textMatches("$START", `(?s)^${wanted}`)] };
}

/** `if CHECK: … $X …`, and `if not CHECK: return` with all that follows. */
function checked(checks: readonly string[], conditions: readonly Clause[]): Clause {
  const insides = checks.flatMap((check) => {
    const opposite = check.includes(" == ")
      ? check.replace(" == ", " != ")
      : check.includes(" in ")
        ? check.replace(" in ", " not in ")
        : `not ${check}`;
    return [
      `if ${check}:\n    ...\n`,
      `if <... ${check} and $MORE ...>:\n    ...\n`,
      `if <... $MORE and ${check} ...>:\n    ...\n`,
      ...EXITS.map((exit) => `if <... ${opposite} ...>:\n    ...\n    ${exit}\n...\n`),
    ];
  });
  return { patterns: [inside(insides), ...conditions, { pattern: "$X" }] };
}

/** Checks of a part that was parsed out: `urlparse(url).netloc in HOSTS`. */
function partsChecked(guard: ModelFile["attributeGuards"][number], { model, places }: Book): Clause[] {
  const makers = model.attributes
    .filter(({ names }) => guard.attribute.some((name) => names.includes(name)))
    .flatMap(({ of }) => of.filter((path) => path.endsWith("()")))
    .flatMap((path) => places.of(path.slice(0, -2)))
    .filter(({ text }) => !text.startsWith("$OBJ"));
  const parsed = makers.map(({ text }) => `$PARTS = ${text}($X, ...)\n...\n`);
  const direct = makers.flatMap(({ text }) => guard.attribute.map((name) => `${text}($X, ...).${name}`));
  const later = guard.attribute.map((name) => `$PARTS.${name}`);
  const forms = (parts: readonly string[]): string[] =>
    guard.by === "empty"
      ? parts.flatMap((part) => EXITS.map((exit) => `if <... ${part} ...>:\n    ...\n    ${exit}\n...\n`))
      : parts.flatMap((part) =>
          [`${part} in $ALLOWED`, `${part} == $SAME`].flatMap((check) => [
            `if <... ${check} ...>:\n    ...\n`,
            ...EXITS.map(
              (exit) =>
                `if <... ${check.replace(" in ", " not in ").replace(" == ", " != ")} ...>:\n    ...\n    ${exit}\n...\n`,
            ),
          ]),
        );
  return [
    { patterns: [inside(parsed), inside(forms(later)), { pattern: "$X" }] },
    { patterns: [inside(forms(direct)), { pattern: "$X" }] },
  ];
}

/** Texts that begin with a constant which makes what follows harmless. */
function prefixesOf(model: ModelFile, kinds: ReadonlySet<string>): Clause[] {
  return model.kinds.flatMap(({ name, prefixed }) => {
    if (!kinds.has(name) || prefixed?.by === undefined || prefixed.becomes !== undefined) return [];
    // What is written after the constant (a brace, the closing quote) is not part of it.
    const starts = prefixed.by
      .split(/\|(?=\^)/)
      .map((one) => one.replace(/^\^/, "").replaceAll("[^", "[^\"'{%"));
    return [
      { patterns: [{ pattern: "$TEXT" }, textMatches("$TEXT", `^[fFrRbB]*["'](?:${starts.join("|")})`)] },
    ];
  });
}

// ---- kinds ----

/** Kinds with the stages before and after them: what clears the last stage clears the kind. */
function stagesOf(model: ModelFile, kinds: ReadonlySet<string>): readonly (readonly string[])[] {
  return [...kinds]
    .filter((kind) => model.kinds.find(({ name }) => name === kind)?.after === undefined)
    .map((kind) => [kind, ...model.kinds.filter(({ after }) => after === kind).map(({ name }) => name)]);
}

function coversAll(clears: readonly string[], stages: readonly (readonly string[])[]): boolean {
  if (clears.includes("*")) return true;
  return stages.length > 0 && stages.every((stage) => stage.some((kind) => clears.includes(kind)));
}
