// tree-sitter in WebAssembly, used as a function: text in, plain SyntaxTree out. A cursor walks
// the parser's tree once, in a loop (so that no nesting depth can exhaust the stack), and the
// tree's WebAssembly memory is released before the function returns.
import { createRequire } from "node:module";
import { Language, Parser, type Tree } from "web-tree-sitter";
import { SyntaxNode, type SyntaxTree } from "./syntax.ts";

/** Parses a text; never fails, errors are nodes of the tree. */
export type ParseFunction = (text: string) => SyntaxTree;

/** Parses a text for the tree of a source of the same length, in which what the grammar is slow at still stands. */
export type GrammarFunction = (text: string, source?: string) => SyntaxTree;

/** Loads a grammar from a package's wasm file, such as `tree-sitter-python/tree-sitter-python.wasm`. */
export async function loadParser(wasm: string): Promise<GrammarFunction> {
  await Parser.init();
  const language = await Language.load(createRequire(import.meta.url).resolve(wasm));
  const parser = new Parser();
  parser.setLanguage(language);
  const kinds = nodeKinds(language);
  return (text, source = text) => {
    const tree = parser.parse(text);
    // Null is what a cancelled parse or a parser without a language gives: neither can happen here.
    if (tree === null) throw new Error("tree-sitter gave no tree");
    try {
      return copyTree(tree, source, kinds);
    } finally {
      tree.delete();
    }
  };
}

/** What a node type's number stands for; asking WebAssembly for it at each node would cost half the walk. */
interface NodeKinds {
  readonly types: readonly string[];
  readonly named: readonly boolean[];
  readonly fields: readonly (string | null)[];
}

function nodeKinds(language: Language): NodeKinds {
  return {
    types: language.types,
    named: language.types.map((_type, id) => language.nodeTypeIsNamed(id)),
    fields: language.fields,
  };
}

function copyTree(tree: Tree, source: string, kinds: NodeKinds): SyntaxTree {
  const broken = tree.rootNode.hasError;
  const cursor = tree.walk();
  let root: SyntaxNode | undefined;
  let parent: SyntaxNode | undefined;
  let firstError: SyntaxNode | undefined;
  for (;;) {
    const id = cursor.nodeTypeId;
    const type = kinds.types[id];
    const named = kinds.named[id] ?? true;
    const start = cursor.startIndex;
    // Punctuation and keywords are their own text: half of all nodes. What recovery made up is empty.
    const literalEnd =
      !named && !broken && type !== undefined && source.startsWith(type, start)
        ? start + type.length
        : undefined;
    const node: SyntaxNode = new SyntaxNode({
      type: type ?? "ERROR",
      start,
      end: literalEnd ?? cursor.endIndex,
      named,
      field: kinds.fields[cursor.currentFieldId] ?? undefined,
      missing: broken && cursor.nodeIsMissing,
      parent,
      source,
    });
    if (broken && firstError === undefined && (type === undefined || node.missing)) firstError = node;
    root ??= node;
    parent?.children.push(node);
    // Punctuation and keywords have no children worth a call: half of all nodes.
    if (node.named && cursor.gotoFirstChild()) {
      parent = node;
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return { source, root, firstError };
      }
      parent = parent?.parent;
    }
  }
}
