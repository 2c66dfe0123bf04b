// A walk over the nodes of a tree-sitter tree, in two ways. The binding's cursor copies its state into WebAssembly's
// memory and back at every step. The direct walk leaves it there and calls what the binding itself calls; that is no
// promise of the binding's, so the cursor walks where a function is missing, and walk.test.ts holds both to one tree.
import { Parser, type Tree } from "web-tree-sitter";

/** Stands at a node, first at the root. One walk at a time: another one, or a parse, must not begin before its end. */
export interface Walk {
  /** Number of the node's type in the grammar. */
  type(): number;
  /** Number of its field, 0 where it has none. */
  field(): number;
  /** Its first UTF-16 code unit. */
  start(): number;
  /** The code unit behind its last. */
  end(): number;
  /** Whether the parser made it up to go on. */
  missing(): boolean;
  /** Steps down; false, and no step, where there is no child. */
  toChild(): boolean;
  /** Steps on; false, and no step, at the last child. */
  toSibling(): boolean;
  /** Steps up; false, and no step, at the root. */
  toParent(): boolean;
  /** Releases its memory. */
  finish(): void;
}

/** Begins a walk. */
export type Walker = (tree: Tree) => Walk;

/** By the binding's cursor. */
export function cursorWalk(tree: Tree): Walk {
  const cursor = tree.walk();
  return {
    type: () => cursor.nodeTypeId,
    field: () => cursor.currentFieldId,
    start: () => cursor.startIndex,
    end: () => cursor.endIndex,
    missing: () => cursor.nodeIsMissing,
    toChild: () => cursor.gotoFirstChild(),
    toSibling: () => cursor.gotoNextSibling(),
    toParent: () => cursor.gotoParent(),
    finish: () => cursor.delete(),
  };
}

/** Functions of the binding's WebAssembly module: each takes a tree's address, the cursor lies in a fixed place. */
const functions = {
  root: "_ts_tree_root_node_wasm",
  begin: "_ts_tree_cursor_new_wasm",
  type: "_ts_tree_cursor_current_node_type_id_wasm",
  field: "_ts_tree_cursor_current_field_id_wasm",
  start: "_ts_tree_cursor_start_index_wasm",
  end: "_ts_tree_cursor_end_index_wasm",
  missing: "_ts_tree_cursor_current_node_is_missing_wasm",
  toChild: "_ts_tree_cursor_goto_first_child_wasm",
  toSibling: "_ts_tree_cursor_goto_next_sibling_wasm",
  toParent: "_ts_tree_cursor_goto_parent_wasm",
  finish: "_ts_tree_cursor_delete_wasm",
} as const;

type Direct = { readonly [name in keyof typeof functions]: (tree: number) => number };

let started: Promise<Walker> | undefined;

/** Starts the binding, once; gives the fastest walk that it has. */
export function startTreeSitter(): Promise<Walker> {
  started ??= start();
  return started;
}

async function start(): Promise<Walker> {
  // The binding's module is the object that it is given.
  const module: Record<string, unknown> = {};
  await Parser.init(module);
  return directWalker(module) ?? cursorWalk;
}

/** The direct walk; undefined where the module has other functions. */
export function directWalker(module: Readonly<Record<string, unknown>>): Walker | undefined {
  const found = Object.entries(functions).map(([name, key]) => [name, module[key]] as const);
  if (!found.every(([, value]) => typeof value === "function")) return undefined;
  const direct = Object.fromEntries(found) as unknown as Direct; // each was just seen to be a function
  return (tree) => {
    const at: unknown = Reflect.get(tree, 0);
    return typeof at === "number" && at > 0 ? new DirectWalk(direct, at) : cursorWalk(tree);
  };
}

class DirectWalk implements Walk {
  readonly #direct: Direct;
  readonly #tree: number;

  constructor(direct: Direct, tree: number) {
    this.#direct = direct;
    this.#tree = tree;
    // Leaves the root in the place where the next call looks for a node.
    direct.root(tree);
    direct.begin(tree);
  }

  type(): number {
    return this.#direct.type(this.#tree);
  }
  field(): number {
    return this.#direct.field(this.#tree);
  }
  start(): number {
    return this.#direct.start(this.#tree);
  }
  end(): number {
    return this.#direct.end(this.#tree);
  }
  missing(): boolean {
    return this.#direct.missing(this.#tree) === 1;
  }
  toChild(): boolean {
    return this.#direct.toChild(this.#tree) === 1;
  }
  toSibling(): boolean {
    return this.#direct.toSibling(this.#tree) === 1;
  }
  toParent(): boolean {
    return this.#direct.toParent(this.#tree) === 1;
  }
  finish(): void {
    this.#direct.finish(this.#tree);
  }
}
