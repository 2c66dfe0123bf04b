// Bounds on what is analysed while others wait.

/** Characters of a program: as much as contexts of 60,000 tokens hold, and seconds of analysis. */
export const MOST_CHARACTERS = 262_144;
