// What users may write in data/taint/c/*.yml: what a C function does with its arguments, as data.
// Arguments are positions from 0. Unknown keys are refused.
import { z } from "zod";

const argument = z.int().min(0);
const list = <T extends z.ZodType>(item: T) =>
  z
    .union([item, z.array(item).min(1)])
    // zod cannot narrow a generic union by Array.isArray: both branches are of the item's type.
    .transform((value): z.output<T>[] =>
      Array.isArray(value) ? (value as z.output<T>[]) : [value as z.output<T>],
    );

const sourceSchema = z.strictObject({
  /** The threat model that it belongs to. */
  kind: z.enum(["remote", "local", "parameters"]),
  /** What the data is, for messages: "an environment variable". */
  says: z.string().min(1),
});

/** What a function does. */
export const functionSchema = z.strictObject({
  /** Names; one in slashes is a regular expression for the whole name. */
  names: z.array(z.string().min(1)).min(1),
  /** Copies text or bytes into an argument. */
  copies: z
    .strictObject({
      to: argument,
      from: argument,
      /** `string` to its zero; `bounded` up to a number of bytes, as strncpy; `bytes` exactly so many. */
      how: z.enum(["string", "bounded", "bytes"]),
      /** Behind the text that is there already. */
      append: z.boolean().default(false),
      /** Number of bytes, as a product of arguments. */
      bytes: list(argument).optional(),
      /** Whether `bytes` is the size of the destination, zero included (strlcpy). */
      terminated: z.boolean().default(false),
    })
    .optional(),
  /** Writes formatted text, or prints it. */
  formats: z
    .strictObject({
      format: argument,
      to: argument.optional(),
      bytes: argument.optional(),
      /** The values come as one `va_list`. */
      list: z.boolean().default(false),
      /** The result is allocated and put where this argument points. */
      allocates: argument.optional(),
      /** A sink's kind for the format itself. */
      wide: z.boolean().default(false),
    })
    .optional(),
  /** Reads values by a format. */
  scans: z.strictObject({ format: argument, from: argument.optional() }).optional(),
  /** Fills an argument with data from outside the program. */
  fills: z
    .strictObject({
      to: argument,
      bytes: list(argument).optional(),
      /** Whether a zero is put behind it, within the bytes. */
      terminated: z.boolean().default(false),
      /** The argument is where a pointer to the data is put (getline). */
      allocates: z.boolean().default(false),
      /** The result is the number of bytes, or -1. */
      counts: z.boolean().default(false),
      /** The result is a number of items, at most this argument. */
      items: argument.optional(),
    })
    .optional(),
  /** Puts data where its arguments point, from a position on: what a script gave to a native function. */
  gives: z.strictObject({ from: argument }).optional(),
  /** Data from outside: in what it fills, scans, gives or returns. */
  source: sourceSchema.optional(),
  /** Allocates; the bytes are a product of arguments. */
  allocates: z
    .strictObject({
      bytes: list(argument).optional(),
      /** A copy of this text. */
      copyOf: argument.optional(),
      /** Frees the old block where it succeeds. */
      resizes: argument.optional(),
      zeroed: z.boolean().default(false),
      /** Never null: it ends the program instead. */
      never: z.boolean().default(false),
    })
    .optional(),
  /** Frees an argument. */
  frees: argument.optional(),
  /** Gives an argument back by a helper's name: what it holds may be gone, the block itself may not. */
  releases: argument.optional(),
  /** The result may be null. */
  maybeNull: z.boolean().default(false),
  /** The result points into an argument. */
  pointsInto: argument.optional(),
  /** Where that argument is null, the call goes on with the text of the one before (strtok). */
  goesOn: z.boolean().default(false),
  /** The result is an argument. */
  returns: argument.optional(),
  /** The result is the number that an argument's text spells, or a character of it. */
  parses: argument.optional(),
  /** The result is the length of an argument's text. */
  measures: argument.optional(),
  /** The result is a number of characters of an argument's text, at most all. */
  within: argument.optional(),
  /** The result is zero where this argument is: `isdigit(c)`. */
  nonzeroOf: argument.optional(),
  /** The result is zero where two texts are the same, or so many characters of them. */
  equals: z.strictObject({ texts: list(argument), bytes: argument.optional() }).optional(),
  /** Range of the result. */
  range: z.tuple([z.number(), z.number()]).optional(),
  /** The result is data that nobody chose, but that may be any number (`rand`). */
  random: z.boolean().default(false),
  /** Arguments that must not be null. */
  derefs: list(argument).optional(),
  /** Arguments that are read up to their zero. */
  strings: list(argument).optional(),
  /** Reads bytes of an argument. */
  reads: list(z.strictObject({ from: argument, bytes: list(argument) })).optional(),
  /** Writes bytes of an argument that are no untrusted data (memset). */
  writes: z.strictObject({ to: argument, bytes: list(argument) }).optional(),
  /** Untrusted data in these arguments does harm. */
  sinks: list(
    z.strictObject({ arg: list(argument), rest: z.boolean().default(false), kind: z.string().min(1) }),
  ).optional(),
  /** What is untrusted stays so in the result; of several, the first that is untrusted decides. */
  passes: list(argument).optional(),
  /** Kinds to which the result does no harm. */
  clears: list(z.string()).optional(),
  /** Kinds to which an argument does no harm where the call's result is not zero (or is zero). */
  checks: list(
    z.strictObject({
      arg: argument,
      kinds: list(z.string()),
      when: z.enum(["nonzero", "zero"]),
      /** Only in a loop: it looks at one character. */
      loop: z.boolean().default(false),
      /** Only where this argument is a constant that holds one of these texts. */
      constant: argument.optional(),
      holds: list(z.string()).optional(),
    }),
  ).optional(),
  /** Its texts are of characters of four bytes, and so are the numbers that it is given. */
  wide: z.boolean().default(false),
  /** Of which only the name is known: what it is given may have changed. */
  helper: z.boolean().default(false),
  /** Never returns. */
  exits: z.boolean().default(false),
  /** A call that is wrong by itself, with a kind that a rule names. */
  misuse: z.string().optional(),
});
/** See {@link functionSchema}. */
export type FunctionModel = z.infer<typeof functionSchema>;

/** A model file for C. */
export const modelFileSchema = z.strictObject({
  functions: z.array(functionSchema),
  /** Constants that headers define. */
  constants: z.record(z.string(), z.number()).default({}),
});
/** See {@link modelFileSchema}. */
export type ModelFile = z.infer<typeof modelFileSchema>;
