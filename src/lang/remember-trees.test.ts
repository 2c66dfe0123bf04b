import { describe, expect, it } from "vitest";
import { rememberTrees } from "./remember-trees.ts";
import { SyntaxNode } from "./syntax.ts";

function counted(most?: number): { parse: ReturnType<typeof rememberTrees>; parsed: string[] } {
  const parsed: string[] = [];
  const parse = rememberTrees((source) => {
    parsed.push(source);
    const root = new SyntaxNode({
      ...{ type: "module", start: 0, end: source.length, named: true },
      ...{ field: undefined, missing: false, parent: undefined, source },
    });
    return { source, root, firstError: undefined };
  }, most);
  return { parse, parsed };
}

describe("remembered trees", () => {
  it("are parsed once while they are remembered", () => {
    const { parse, parsed } = counted();
    for (const text of ["a", "b", "a", "b", "a"]) expect(parse(text).source).toBe(text);
    expect(parsed).toEqual(["a", "b"]);
  });

  it("are forgotten oldest first, and what is used stays", () => {
    const { parse, parsed } = counted(30);
    for (const text of ["aaa", "bbb", "aaa", ..."0123456789".split("").map((d) => d.repeat(3)), "aaa", "bbb"])
      parse(text);
    expect(parsed.filter((text) => text === "bbb")).toHaveLength(2);
    expect(parsed.filter((text) => text === "aaa")).toHaveLength(2);
    parse("bbb");
    expect(parsed.filter((text) => text === "bbb")).toHaveLength(2);
  });

  it("of large files are not kept", () => {
    const { parse, parsed } = counted(30);
    parse("x".repeat(20));
    parse("x".repeat(20));
    expect(parsed).toHaveLength(2);
  });
});
