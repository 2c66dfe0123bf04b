import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fencedBlocks } from "./fences.ts";

describe("blocks between fences", () => {
  it.each([
    ["a block", "a\n```python\nx = 1\n```\nb", [{ name: "python", text: "x = 1", closed: true }]],
    ["several", "```\na\n```\n~~~c\nb;\n~~~", [{ text: "a" }, { name: "c", text: "b;" }]],
    ["an open one", "```py\nx = 1\ny", [{ text: "x = 1\ny", closed: false }]],
    [
      "a longer fence around a shorter one",
      "````md\n```\na\n```\n````",
      [{ name: "md", text: "```\na\n```" }],
    ],
    ["one in a list", "- so:\n  ```Python\n  if a:\n    b\n  ```", [{ name: "python", text: "if a:\n  b" }]],
    ["an empty one", "```\n```", [{ text: "", closed: true }]],
    ["Windows' line ends", "```c\r\na;\r\nb;\r\n```\r\n", [{ name: "c", text: "a;\r\nb;\r" }]],
    ["none in a line of prose", "Use `code` and ```more``` here.", []],
  ])("are found: %s", (_name, text, expected) => {
    expect(fencedBlocks(text)).toMatchObject(expected);
  });

  it("say where they stand, in order and apart", () => {
    const line = fc.constantFrom("```", "```python", "~~~~", "x = 1", "", "  ```", "  y", "😀");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join("\n");
        let last = 0;
        for (const { start, end, text: inner, indent } of fencedBlocks(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThanOrEqual(start);
          if (indent === "" && start <= text.length) expect(text.slice(start, end)).toBe(inner);
          last = end;
        }
      }),
    );
  });
});
