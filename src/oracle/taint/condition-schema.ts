// What all models are written with: paths, arguments, constants, and conditions on a call's arguments.
import { z } from "zod";

/** One of a kind, or a list of them. */
export const manyOf = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item).min(1)]).transform((value): z.output<T>[] =>
    // zod cannot narrow a generic union by Array.isArray: both branches are of the item's type.
    Array.isArray(value) ? (value as z.output<T>[]) : [value as z.output<T>],
  );

/** An API path. */
export const pathSchema = z.string().min(1);
/** API paths. */
export const pathsSchema = manyOf(pathSchema);

/** An argument: a position from 0, a keyword, `self` (the receiver), `*` (all positions), `**` (all keywords). */
export const argumentSchema = z.union([z.int().min(0), z.string().min(1)]);
/** Alternatives for an argument. */
export const argumentsSchema = manyOf(argumentSchema);

/** A constant. */
export const literalSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A condition on one argument of a call. */
export const conditionSchema = z.strictObject({
  /** The argument, as alternatives: `[1, Loader]`. */
  arg: argumentsSchema,
  /** Constants that it may be. */
  is: manyOf(literalSchema).optional(),
  /** API paths that it may refer to. */
  refers: pathsSchema.optional(),
  /** A regular expression that the argument's source text must match. */
  text: z.string().optional(),
  /** A regular expression that the text of the function around the call must match, whatever the argument is. */
  within: z.string().optional(),
  /** A regular expression that a constant string must match. */
  matches: z.string().optional(),
  /** Bits of which a constant number must have one. */
  anyBits: z.int().optional(),
  /** A number that a constant must be less than. */
  below: z.number().optional(),
  /** It is a pattern that can take more than linear time, tried anywhere in a text or at its start. */
  superlinear: z.enum(["anywhere", "start"]).optional(),
  /** It is a display of a kind. */
  shape: z.enum(["list", "dict", "string"]).optional(),
  /** Turns the condition round. */
  not: z.boolean().default(false),
  /** Whether a call without the argument meets the condition. */
  orAbsent: z.boolean().default(false),
  /** Whether an argument that is not constant meets the condition. */
  orUnknown: z.boolean().default(false),
});
/** See {@link conditionSchema}. */
export type Condition = z.infer<typeof conditionSchema>;
