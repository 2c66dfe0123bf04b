// tree-sitter in WebAssembly, used as a function: text in, plain SyntaxTree out. The parser's tree is
// walked once, in a loop (so that no nesting depth can exhaust the stack), and the
// tree's WebAssembly memory is released before the function returns.
import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";
import { SyntaxNode, type SyntaxTree } from "./syntax.ts";
import { startTreeSitter, type Walk } from "./walk.ts";

/** Parses a text; never fails, errors are nodes of the tree. */
export type ParseFunction = (text: string) => SyntaxTree;

/** Parses a text for the tree of a source of the same length, in which what the grammar is slow at still stands. */
export type GrammarFunction = (text: string, source?: string) => SyntaxTree;

/** Loads a grammar from a package's wasm file, such as `tree-sitter-python/tree-sitter-python.wasm`. */
export async function loadParser(wasm: string): Promise<GrammarFunction> {
  const walker = await startTreeSitter();
  const language = await Language.load(createRequire(import.meta.url).resolve(wasm));
  const parser = new Parser();
  parser.setLanguage(language);
  const kinds = nodeKinds(language);
  return (text, source = text) => {
    const tree = parser.parse(text);
    // Null is what a cancelled parse or a parser without a language gives: neither can happen here.
    if (tree === null) throw new Error("tree-sitter gave no tree");
    try {
      const broken = tree.rootNode.hasError;
      return copyTree(walker(tree), { source, kinds, broken });
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

interface Parsed {
  readonly source: string;
  readonly kinds: NodeKinds;
  /** Whether the text is not of the language. */
  readonly broken: boolean;
}

function copyTree(walk: Walk, { source, kinds, broken }: Parsed): SyntaxTree {
  let root: SyntaxNode | undefined;
  let parent: SyntaxNode | undefined;
  let firstError: SyntaxNode | undefined;
  for (;;) {
    const id = walk.type();
    const type = kinds.types[id];
    const named = kinds.named[id] ?? true;
    const start = walk.start();
    // Punctuation and keywords are their own text: half of all nodes. What recovery made up is empty.
    const literalEnd =
      !named && !broken && type !== undefined && source.startsWith(type, start)
        ? start + type.length
        : undefined;
    const node: SyntaxNode = new SyntaxNode({
      type: type ?? "ERROR",
      start,
      end: literalEnd ?? walk.end(),
      named,
      field: kinds.fields[walk.field()] ?? undefined,
      missing: broken && walk.missing(),
      parent,
      source,
    });
    if (broken && firstError === undefined && (type === undefined || node.missing)) firstError = node;
    root ??= node;
    parent?.children.push(node);
    // Punctuation and keywords have no children worth a call: half of all nodes.
    if (node.named && walk.toChild()) {
      parent = node;
      continue;
    }
    while (!walk.toSibling()) {
      if (!walk.toParent()) {
        walk.finish();
        return { source, root, firstError };
      }
      parent = parent?.parent;
    }
  }
}
