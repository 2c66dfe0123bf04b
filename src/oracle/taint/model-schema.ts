// What users may write in data/taint/*.yml: what a library's calls are (source, sink, sanitizer,
// propagator), in the spirit of CodeQL's models as data. Unknown keys are refused.
import { z } from "zod";
import {
  argumentSchema,
  argumentsSchema,
  conditionSchema,
  literalSchema,
  manyOf,
  pathSchema,
  pathsSchema,
} from "./condition-schema.ts";

export type { Condition } from "./condition-schema.ts";

const whenSchema = manyOf(conditionSchema).optional();

const kindSchema = z.strictObject({
  /** The name that sinks and rules use. */
  name: z.string().min(1),
  /** What such a sink does with the value, for messages: "runs it as a command". */
  says: z.string().min(1),
  /** Values reach this kind only through a normalisation of that other kind. */
  after: z.string().optional(),
  /** What a constant text in front of the value makes of it. */
  prefixed: z
    .strictObject({
      /** A regular expression for texts in front that count; any text, known or not, where absent. */
      by: z.string().optional(),
      /** The kind that the value is then dangerous to; none where absent. */
      becomes: z.string().optional(),
    })
    .optional(),
  /** Elements of returned dictionaries count as well (they are sent as JSON). */
  deep: z.boolean().default(false),
  /** Characters without any of which a value is harmless to this kind; several texts are alternatives. */
  needs: manyOf(z.string().min(1)).optional(),
  /** A value whose length a constant holds is harmless. */
  lengthsHarmless: z.boolean().default(false),
  /** Quotes: a value that was seen to have none of one of them is harmless, inside of that quote. */
  quotes: z.string().optional(),
  /** Keys of a dictionary under which a value is harmless: `{"$eq": value}`. */
  wrappers: z.array(z.string()).default([]),
  /** Keys under which a value is at this later stage at once: `{"$where": code}`. */
  entries: z.array(z.string()).default([]),
  /** A slice with constant bounds is harmless: the rest of a secret is masked. */
  slicesHarmless: z.boolean().default(false),
});

const typeSchema = z.strictObject({
  /** Expressions … */
  path: pathsSchema,
  /** … that have what this path has: its attributes, methods and models. */
  is: pathSchema,
  /** Only for calls that meet this: `XMLParser(resolve_entities=False)`. */
  when: whenSchema,
});

const sourceSchema = z.strictObject({
  path: pathsSchema,
  /** A threat model (`remote`, `local`) or a label that rules name. */
  kind: z.string().min(1),
  /** What the value is: "the query string". */
  says: z.string().min(1),
  /** Kinds of sink that the value is harmless to. */
  clears: manyOf(z.string()).optional(),
  /** The value is at the later stage of this kind from the start. */
  normalized: z.string().optional(),
  /** Only calls of functions whose name matches this regular expression. */
  named: z.string().optional(),
  when: whenSchema,
});

const sinkSchema = z.strictObject({
  /** Functions whose argument is the sink. */
  path: pathsSchema.optional(),
  /** Or: methods of any receiver. */
  method: manyOf(z.string()).optional(),
  arg: argumentsSchema,
  kind: manyOf(z.string().min(1)),
  /** A method that a derived class overrides to be safe (`Unpickler.find_class`). */
  unless: z.string().optional(),
  /** Which part of the argument: itself with all its elements, or the program of an argument list. */
  part: z.enum(["whole", "program", "keys"]).default("whole"),
  when: whenSchema,
});

const storeSchema = z.strictObject({
  /** Attributes or subscripts that are assigned to: `flask.Response().headers[]`. */
  path: pathsSchema,
  kind: z.string().min(1),
  /** Argument 0 is the value, 1 the key. */
  when: whenSchema,
});

const propagatorSchema = z.strictObject({
  path: pathsSchema.optional(),
  /** Methods of any receiver that has no model of its own. */
  method: manyOf(z.string()).optional(),
  from: argumentsSchema,
  /** `return`, or the argument that is changed in place. */
  to: z.union([z.literal("return"), argumentSchema]).default("return"),
  /** Kinds of sink that the result is harmless to. */
  clears: manyOf(z.string()).optional(),
  /** Kinds of sink that the result is dangerous to again: it decodes what an encoding made harmless. */
  restores: manyOf(z.string()).optional(),
  /** The result is a canonical path. */
  normalizes: z.string().optional(),
  /** The argument is a pattern whose matches are replaced; kinds that need what it removes are cleared. */
  pattern: argumentSchema.optional(),
  /** The argument is a pattern that the result matches; kinds that need what it cannot have are cleared. */
  matched: argumentSchema.optional(),
  /** What the matches are replaced by. */
  replacement: argumentSchema.optional(),
  /** The result keeps the argument's constant (a compiled pattern). */
  keepsConstant: argumentSchema.optional(),
  /** The receiver is a format string: its constant beginning comes before the arguments. */
  formats: z.boolean().default(false),
  /** CodeQL does not follow this step: findings that need it are advice (level `note`). */
  beyond: z.boolean().default(false),
  /** Arguments whose constants name the element that is set (`to`) or given: `set(section, name, value)`. */
  keys: z.array(argumentSchema).optional(),
  /** The result is the attribute that this constant argument names (`getattr`). */
  attribute: argumentSchema.optional(),
  /** The result is a container of the arguments (in their order, without one, or a dictionary of keywords), or a class with attributes of these names. */
  collects: z.enum(["list", "set", "dict", "record"]).optional(),
  /** The result is an element of the argument (`pop`). */
  element: z.boolean().default(false),
  /** The elements of the arguments are added, not the arguments themselves (`extend`). */
  elements: z.boolean().default(false),
  /** Of an object of a class of the file, what this method of it gives passes (`__str__`). */
  special: z.string().optional(),
  /** Not for calls of functions whose name matches this regular expression. */
  unlessNamed: z.string().optional(),
  /** The result is a part of a dictionary (its keys, values, or pairs of both), or the length of a constant text. */
  gives: z.enum(["keys", "values", "pairs", "length"]).optional(),
  /** The result is the module that the constant argument names. */
  module: z.boolean().default(false),
  /** The result is the argument itself (`contextlib.closing`). */
  itself: z.boolean().default(false),
  /** Where in a list the change in place puts the argument: at its end, its start, the place that argument 0 says, or anywhere; or it turns the list round. */
  adds: z.enum(["end", "start", "place", "anywhere", "reversed"]).default("anywhere"),
  /** The change in place taints the whole, not an element (`bytearray.extend`). */
  whole: z.boolean().default(false),
  when: whenSchema,
});

const attributesSchema = z.strictObject({
  /** Values of this type … */
  of: pathsSchema,
  /** … pass taint to these attributes (`*` for all). */
  names: manyOf(z.string()),
  /** The attribute moves this kind on to its later stage. */
  normalizes: z.string().optional(),
  /** Not to fields that a derived class annotates with one of these types. */
  unlessTyped: manyOf(z.string()).default([]),
});

const recordSchema = z.strictObject({
  /** Attributes that hold what a form has checked, by the names of its fields … */
  attribute: manyOf(z.string()),
  /** … where fields of these types are no text of a user's. */
  harmless: pathsSchema,
});

const guardSchema = z.strictObject({
  path: pathsSchema.optional(),
  method: manyOf(z.string()).optional(),
  /** The argument that is checked; of a display in its place the elements. */
  arg: argumentSchema,
  /** How the outcome shows: the call is true, equals something, or does not raise. */
  by: z.enum(["truth", "equality", "not-raising"]).default("truth"),
  /** Kinds that are harmless where the check holds; `*` for all. */
  clears: manyOf(z.string()).default([]),
  /** The check is a weak one: this kind only moves on to its later stage. */
  weakens: z.string().optional(),
  /** The argument is a pattern that the value matches: kinds that need what it cannot have are cleared. */
  pattern: argumentSchema.optional(),
  /** The whole value has to match, without `^` and `$`. */
  whole: z.boolean().default(false),
  /** It clears only together with another check, wherever that was made: it leaves its own mark, and asks for the other's. */
  together: z.strictObject({ as: z.string().min(1), with: z.string().min(1) }).optional(),
  /** The outcome of the check for which it holds. */
  outcome: z.boolean().default(true),
  when: whenSchema,
});

const attributeGuardSchema = z.strictObject({
  /** An attribute such as `parents` or `hostname` … */
  attribute: manyOf(z.string()),
  /** … that something is found in (`in`), that equals a constant or is one of several, or that is empty. */
  by: z.enum(["contains", "constant", "empty"]),
  /** Kinds that its object is then harmless to. */
  clears: manyOf(z.string()),
});

const handlerSchema = z.strictObject({
  /** Decorators that make a function a request handler. */
  decorator: pathsSchema.optional(),
  /** Functions that register the handler given as `arg`. */
  registration: pathsSchema.optional(),
  arg: argumentsSchema.optional(),
  /** Or: methods (`names`) of classes derived from these. */
  subclassOf: pathsSchema.optional(),
  names: manyOf(z.string()).optional(),
  /** Or: functions whose first parameter has this name, where a module of this name is imported. */
  firstParameter: z.string().optional(),
  imports: z.string().optional(),
  /** Types of the first parameters (`self` not counted). */
  parameters: z.array(pathSchema).default([]),
  /** Label of all other parameters, as sources. */
  rest: z.string().optional(),
  /** What the other parameters hold. */
  says: z.string().default("a value of the request"),
  /** Annotations whose parameters are no sources (`int`), or typed objects. */
  harmless: manyOf(z.string()).default([]),
  /** A regular expression for the route: the names that it captures are parameters that are no sources. */
  converted: z.string().optional(),
  /** A regular expression for the route: of a constant route only the names that it captures are parameters of the request. */
  routed: z.string().optional(),
  /** Returned values reach no sink where the function's text matches this regular expression. */
  unlessWithin: z.string().optional(),
  /** Kinds of sink that the returned value reaches. */
  returns: manyOf(z.string()).default([]),
  when: whenSchema,
});

const changeSchema = z.strictObject({
  /** Methods, or attributes that are assigned to (argument 0 is then the value) … */
  path: pathsSchema,
  /** … after which their object is of another type. */
  becomes: pathSchema,
  when: whenSchema,
});

const misuseSchema = z.strictObject({
  path: pathsSchema,
  /** The name that rules use. */
  kind: z.string().min(1),
  /** `call` (default), a mere mention of the path, or an assignment to it: argument 0 is then the value, 1 the key. */
  on: z.enum(["call", "mention", "store"]).default("call"),
  when: whenSchema,
});

const constantSchema = z.strictObject({
  path: pathsSchema,
  /** The constant that the expression is. */
  is: literalSchema,
});

const moduleSchema = z.strictObject({
  names: z.string().min(1),
  is: pathSchema,
});

const credentialSchema = z.strictObject({
  /** A regular expression for the names of keyword arguments … */
  names: z.string().min(1),
  /** … and for those of variables that are compared with such a constant; none where absent … */
  compared: z.string().optional(),
  /** … and for those of variables, attributes and keys that such a constant is assigned to; none where absent … */
  assigned: z.string().optional(),
  /** … to which constants that match this one … */
  literal: z.string().min(1),
  /** … are a misuse of this kind. */
  kind: z.string().min(1),
});

const receiverSchema = z.strictObject({
  /** A regular expression for names of variables, attributes, keys and functions: what they get or give is a sink … */
  names: z.string().min(1),
  /** … but not for those that match this one … */
  except: z.string().optional(),
  /** … of this kind. */
  kind: z.string().min(1),
});

const namedSchema = z.strictObject({
  /** A regular expression for names of variables, attributes, keys and functions … */
  names: z.string().min(1),
  /** … but not for those that match this one. */
  except: z.string().optional(),
  /** Labels of what they hold. */
  kind: z.string().min(1),
  /** What the value is: "a password". */
  says: z.string().min(1),
  /** Kinds of sink that it is dangerous to: these alone. */
  dangers: manyOf(z.string()),
});

const looksSchema = z.strictObject({
  /** Data of this kind counts as checked … */
  kind: z.string().min(1),
  /** … where a condition looks at it after this later stage (`member.name`) … */
  stage: z.string().min(1),
  /** … in a way that this regular expression finds in its text … */
  by: z.string().min(1),
  /** … except for objects of these types, which hold many: a loop must look at each and give up. */
  whole: pathsSchema,
  /** Only in programs that import one of these. */
  imports: manyOf(z.string()),
  /** Sources of this label that such a condition looks at … */
  names: z.string().min(1),
  /** … are then harmless to these kinds as well. */
  also: manyOf(z.string()),
});

const callbackSchema = z.strictObject({
  path: pathsSchema,
  /** The argument that is called. */
  calls: argumentsSchema,
  /** What it is called with: these arguments, or the elements of one. */
  with: manyOf(argumentSchema).default([]),
  /** How each of them is passed: itself, any element of it, or its elements as arguments. */
  passes: z.enum(["whole", "elements", "spread"]).default("whole"),
  /** What the call returns: what the callback returns, or a container of it. */
  returns: z.enum(["result", "elements", "nothing", "partial"]).default("nothing"),
});

/** A file of data/taint. */
export const modelFileSchema = z.strictObject({
  kinds: z.array(kindSchema).default([]),
  types: z.array(typeSchema).default([]),
  sources: z.array(sourceSchema).default([]),
  sinks: z.array(sinkSchema).default([]),
  stores: z.array(storeSchema).default([]),
  propagators: z.array(propagatorSchema).default([]),
  attributes: z.array(attributesSchema).default([]),
  records: z.array(recordSchema).default([]),
  guards: z.array(guardSchema).default([]),
  attributeGuards: z.array(attributeGuardSchema).default([]),
  handlers: z.array(handlerSchema).default([]),
  misuses: z.array(misuseSchema).default([]),
  looks: z.array(looksSchema).default([]),
  /** Modules of the project that are known by their names: a regular expression for a part of the path, and what they are. */
  modules: z.array(moduleSchema).default([]),
  constants: z.array(constantSchema).default([]),
  credentials: z.array(credentialSchema).default([]),
  receivers: z.array(receiverSchema).default([]),
  named: z.array(namedSchema).default([]),
  /** Methods and functions whose constant first argument names what they give: `get("password")`. */
  readers: z.array(z.string()).default([]),
  changes: z.array(changeSchema).default([]),
  callbacks: z.array(callbackSchema).default([]),
  /** Types of parameters that a framework fills with objects of its own. */
  injected: z.array(pathSchema).default([]),
  /** Defaults (`Depends(…)`) that have the framework inject something. */
  injectors: z.array(z.string()).default([]),
  /** Functions that do not return. */
  exits: z.array(pathSchema).default([]),
  /** Kind of sink that both sides of a comparison are. */
  comparisons: z.string().optional(),
  /** Functions whose result holds nothing of their arguments, even where everything passes. */
  opaque: z.array(pathSchema).default([]),
});

/** data/taint/operations.yml: risky operations, safe and unsafe ways of performing them alike. */
export const operationsFileSchema = modelFileSchema.extend({
  /** Kinds of sink that perform an operation. */
  includes: z.record(z.string(), z.string()).default({}),
});
/** See {@link modelFileSchema}. */
export type ModelFile = z.infer<typeof modelFileSchema>;
/** A sink as written. */
export type SinkModel = ModelFile["sinks"][number];
/** A propagator or sanitizer as written. */
export type PropagatorModel = ModelFile["propagators"][number];
/** A guard as written. */
export type GuardModel = ModelFile["guards"][number];
/** A request handler as written. */
export type HandlerModel = ModelFile["handlers"][number];
/** A misuse as written. */
export type MisuseModel = ModelFile["misuses"][number];
/** A callback as written. */
export type CallbackModel = ModelFile["callbacks"][number];
