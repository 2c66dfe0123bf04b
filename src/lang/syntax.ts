// A plain syntax tree. Parsers build it once from tree-sitter and let go of WebAssembly memory,
// so that analyses walk ordinary objects. Offsets are UTF-16 code units into the source.

/** A node of a syntax tree. */
export class SyntaxNode {
  /** Grammar name, such as `call` or `"("`. */
  readonly type: string;
  /** First code unit. */
  readonly start: number;
  /** Code unit after the last. */
  readonly end: number;
  /** False for punctuation and keywords. */
  readonly named: boolean;
  /** The field of the parent that this node fills, such as `function`. */
  readonly field: string | undefined;
  /** True for nodes that error recovery made up. */
  readonly missing: boolean;
  /** All children, in order. */
  readonly children: SyntaxNode[] = [];
  /** The parent; undefined for the root. */
  readonly parent: SyntaxNode | undefined;
  readonly #source: string;

  constructor(init: {
    type: string;
    start: number;
    end: number;
    named: boolean;
    field: string | undefined;
    missing: boolean;
    parent: SyntaxNode | undefined;
    source: string;
  }) {
    this.type = init.type;
    this.start = init.start;
    this.end = init.end;
    this.named = init.named;
    this.field = init.field;
    this.missing = init.missing;
    this.parent = init.parent;
    this.#source = init.source;
  }

  /** The source text of the node. */
  get text(): string {
    return this.#source.slice(this.start, this.end);
  }

  /** Children that are no punctuation, comments included. */
  get namedChildren(): SyntaxNode[] {
    return this.children.filter((child) => child.named);
  }

  /** The first child in a field. */
  child(field: string): SyntaxNode | undefined {
    return this.children.find((child) => child.field === field);
  }

  /** All children in a field. */
  childrenOf(field: string): SyntaxNode[] {
    return this.children.filter((child) => child.field === field);
  }

  /** This node and everything below it, in source order. */
  *descendants(): Generator<SyntaxNode> {
    const stack: SyntaxNode[] = [this];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      yield node;
      for (let i = node.children.length - 1; i >= 0; i--) {
        const child = node.children[i];
        if (child !== undefined) stack.push(child);
      }
    }
  }

  /** The nearest ancestor of one of the types, this node excluded. */
  ancestor(...types: string[]): SyntaxNode | undefined {
    for (let node = this.parent; node !== undefined; node = node.parent) {
      if (types.includes(node.type)) return node;
    }
    return undefined;
  }
}

/** A parsed program. */
export interface SyntaxTree {
  /** The program. */
  readonly source: string;
  /** The root node. */
  readonly root: SyntaxNode;
  /** First place that does not parse (an ERROR or missing node), or undefined for a clean parse. */
  readonly firstError: SyntaxNode | undefined;
}
