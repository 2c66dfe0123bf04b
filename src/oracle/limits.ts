// Bounds on what is analysed, for those who read programs and need not load an engine for it.

/** Programs above this size are not looked at. */
export const MAX_PROGRAM_BYTES = 1_000_000;

/** The longest Python program: in the worst shape (calls of its own functions) one of 1 MB takes longer than two seconds. */
export const MOST_CHARACTERS_OF_PYTHON = 750_000;

/** Longer programs of C take too long before the first step. */
export const MOST_CHARACTERS_OF_C = 300_000;
