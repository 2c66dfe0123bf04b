// Whether a text can be cut into words of a set in more than one way. A repeated choice such as
// `(__|.)*` of which that is true is tried in every way: exponential time. The method is that of
// Sardinas and Patterson, over sets of characters in place of characters.

/** A word: a set of characters at each place. */
export type Word = readonly Uint8Array[];

const MAX_WORDS = 12;
const MAX_LENGTH = 12;

/** Whether some text is made of the words in two ways; says no of what is too large to tell. */
export function isAmbiguousCode(words: readonly Word[]): boolean {
  if (words.length < 2 || words.length > MAX_WORDS) return false;
  if (words.some(({ length }) => length === 0 || length > MAX_LENGTH)) return false;
  // A rest is what one way has read further than the other: always the end of a word.
  const open: { word: Word; from: number }[] = [];
  const seen = new Set<string>();
  const add = (word: Word, from: number): boolean => {
    if (from === word.length) return true;
    const key = `${words.indexOf(word)}:${from}`;
    if (!seen.has(key)) open.push({ word, from });
    seen.add(key);
    return false;
  };
  for (const [i, a] of words.entries()) {
    for (const b of words.slice(i + 1)) {
      const shorter = a.length <= b.length ? a : b;
      const longer = shorter === a ? b : a;
      if (agree(longer, 0, shorter) && add(longer, shorter.length)) return true;
    }
  }
  for (let rest = open.pop(); rest !== undefined; rest = open.pop()) {
    const { word, from } = rest;
    for (const next of words) {
      if (!agree(word, from, next)) continue;
      const left = word.length - from;
      const isDone = next.length <= left ? add(word, from + next.length) : add(next, left);
      if (isDone) return true;
    }
  }
  return false;
}

/** Whether a word from a place on and another word can be the same text, as far as both go. */
function agree(word: Word, from: number, other: Word): boolean {
  const length = Math.min(word.length - from, other.length);
  for (let i = 0; i < length; i++) {
    const a = word[from + i];
    const b = other[i];
    if (a === undefined || b === undefined || !a.some((has, at) => has === 1 && b[at] === 1)) return false;
  }
  return true;
}
