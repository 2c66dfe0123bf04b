import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Language, Parser, type Tree } from "web-tree-sitter";
import { cursorWalk, directWalker, startTreeSitter, type Walk, type Walker } from "./walk.ts";

const walker = await startTreeSitter();
const resolve = createRequire(import.meta.url).resolve;
const parsers = {
  python: await parserOf("tree-sitter-python/tree-sitter-python.wasm"),
  c: await parserOf("tree-sitter-c/tree-sitter-c.wasm"),
};

async function parserOf(wasm: string): Promise<Parser> {
  const parser = new Parser();
  parser.setLanguage(await Language.load(resolve(wasm)));
  return parser;
}

/** Every node in order, with its depth. */
function nodesBy(walk: Walk): string[] {
  const out: string[] = [];
  let depth = 0;
  for (;;) {
    out.push([depth, walk.type(), walk.field(), walk.start(), walk.end(), walk.missing()].join(" "));
    if (walk.toChild()) {
      depth++;
      continue;
    }
    while (!walk.toSibling()) {
      if (!walk.toParent()) {
        walk.finish();
        return out;
      }
      depth--;
    }
  }
}

function treeOf(language: keyof typeof parsers, text: string): Tree {
  const tree = parsers[language].parse(text);
  if (tree === null) throw new Error("no tree");
  return tree;
}

const PROGRAMS = {
  python: [
    "",
    "\n\n",
    "import os\n\n\ndef f(a, *, b=1):\n    return os.path.join(a, f'{b!r:>{a}}')\n",
    'def f(:\n  x = (\n"\u{1F511} é"',
    `${"(".repeat(300)}x${")".repeat(300)}\n`,
  ],
  c: ["", '#include <a.h>\nint main(void) { return f("ü", *p->q[1]); }\n', "int f( { ;;; }}} else"],
} as const;

describe("the walk below the binding", () => {
  it("is what a scan takes with the binding that is installed", () => {
    expect(walker).not.toBe(cursorWalk);
  });

  it.each(
    Object.entries(PROGRAMS).flatMap(([language, texts]) => texts.map((text) => [language, text] as const)),
  )("sees of %s what the binding's cursor sees: %j", (language, text) => {
    const tree = treeOf(language === "c" ? "c" : "python", text);
    expect(nodesBy(walker(tree))).toEqual(nodesBy(cursorWalk(tree)));
    tree.delete();
  });

  it("does so for any text, and one tree after the other", () => {
    const token = fc.constantFrom(
      "def f(",
      "x",
      ")",
      ":\n",
      "    ",
      "'",
      '"""',
      "\u{1F511}",
      "if ",
      "{",
      "[",
      "#",
      "\n",
      "=",
      "1",
    );
    const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(""));
    fc.assert(
      fc.property(text, fc.constantFrom("python" as const, "c" as const), (program, language) => {
        const tree = treeOf(language, program);
        expect(nodesBy(walker(tree))).toEqual(nodesBy(cursorWalk(tree)));
        tree.delete();
      }),
    );
  });

  it("is not taken where the binding lacks a function of it", () => {
    const whole = { _ts_tree_root_node_wasm: () => 0 };
    expect(directWalker(whole)).toBeUndefined();
  });

  it("leaves a tree to the cursor whose address it does not know", () => {
    const asked: string[] = [];
    const module = new Proxy({}, { get: (_target, name) => () => asked.push(String(name)) });
    const direct: Walker | undefined = directWalker(module);
    const tree = treeOf("python", "x = 1\n");
    // What a version of the binding would give that keeps the address elsewhere: all that is read of a tree.
    const other: unknown = { walk: () => tree.walk() };
    expect(direct?.(other as Tree).type()).toBe(cursorWalk(tree).type());
    expect(asked).toEqual([]);
  });
});
