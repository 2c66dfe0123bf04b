// Python counts a string's code points, we count UTF-16 code units: the two differ after every
// character beyond the basic plane, an emoji for example.

/** Turns offsets in code points into UTF-16 code units; undefined for offsets beyond the text. */
export function codePointOffsets(text: string): (codePoint: number) => number | undefined {
  if (!/[\u{10000}-\u{10FFFF}]/u.test(text)) return (offset) => (offset <= text.length ? offset : undefined);
  const starts: number[] = [];
  for (let i = 0; i < text.length; i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1) starts.push(i);
  starts.push(text.length);
  return (offset) => starts[offset];
}
