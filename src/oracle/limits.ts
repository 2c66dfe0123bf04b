// Bounds on what is analysed, for those who read programs and need not load an engine for it.

/** Programs above this size are not looked at. */
export const MAX_PROGRAM_BYTES = 1_000_000;
