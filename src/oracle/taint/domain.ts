// The words of the taint engine: abstract values, and the parts of a program that are analysed
// on their own. Values are immutable:
//   facts  where untrusted data in it comes from, and which kinds of sink it is still dangerous to
//   refs   what it may be: an API path, a function, class or instance of the file
//   lit    its constant, where there is exactly one (oneOf: where there are a few texts)
//   items  its elements, where the file builds it
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiHandler, ApiNode } from "./api.ts";

/** A place where untrusted data enters. */
export interface SourceOrigin {
  readonly kind: "source";
  /** Label, such as the number of `remote`. */
  readonly label: number;
  readonly node: SyntaxNode;
  /** What the value is. */
  readonly says: string;
}

/** A parameter, inside the function's own summary. */
export interface ParameterOrigin {
  readonly kind: "parameter";
  readonly unit: FunctionUnit;
  readonly index: number;
  /** Field of the parameter's value, such as `.name` or `[key]`; empty for the value itself. */
  readonly field: string;
}

/** Where data comes from; compared by identity. */
export type Origin = SourceOrigin | ParameterOrigin;

/** A step on the way from the source; `inner` steps happened inside a call. */
export interface Step {
  readonly node: SyntaxNode;
  readonly message: string;
  readonly previous: Step | undefined;
  readonly inner: Step | undefined;
  /** A step that CodeQL does not follow. */
  readonly beyond?: boolean;
}

/** Data from one origin in a value. */
export interface Fact {
  readonly origin: Origin;
  /** Kinds of sink that it is dangerous to. */
  readonly mask: number;
  readonly step: Step;
}

/** A function of the file, with the object it is bound to. */
export interface FunctionRef {
  readonly kind: "function";
  readonly unit: FunctionUnit;
  readonly self: Value | undefined;
}
/** A class of the file. */
export interface ClassRef {
  readonly kind: "class";
  readonly unit: ClassUnit;
}
/** An instance of a class of the file. */
export interface InstanceRef {
  readonly kind: "instance";
  readonly unit: ClassUnit;
}
/** A call of which some arguments are given already: `functools.partial(run, line)`. */
export interface PartialRef {
  readonly kind: "partial";
  /** The call that gave them. */
  readonly node: SyntaxNode;
  readonly callee: Value;
  readonly positional: readonly Given[];
  readonly keywords: ReadonlyMap<string, Given>;
}
/** An argument. */
export interface Given {
  readonly node: SyntaxNode;
  readonly value: Value;
}
/** What a value may be. */
export type Ref = ApiNode | FunctionRef | ClassRef | InstanceRef | PartialRef;

/** A constant of the program, with the place where it is written. */
export interface Literal {
  readonly value: string | number | boolean | null;
  readonly node: SyntaxNode;
}

/** The elements of a container. */
export interface Items {
  readonly shape: "list" | "tuple" | "dict" | "set" | "object";
  /** Elements with constant keys; positions as `0`, `1`. */
  readonly fields: ReadonlyMap<string, Value>;
  /** All other elements, undefined where there are none. */
  readonly rest: Value | undefined;
}

/** An abstract value. */
export interface Value {
  readonly facts: readonly Fact[];
  readonly refs: readonly Ref[];
  readonly lit: Literal | undefined;
  /** Its constant texts, where ways with different ones have met. */
  readonly oneOf: readonly string[] | undefined;
  readonly items: Items | undefined;
}

const NO_FACTS: readonly Fact[] = [];
const NO_REFS: readonly Ref[] = [];
// Shared by all functions that no route leads to, which are most.
const NO_NAMES: ReadonlySet<string> = new Set();

/** A value of which nothing is known. */
export const UNKNOWN: Value = {
  facts: NO_FACTS,
  refs: NO_REFS,
  lit: undefined,
  oneOf: undefined,
  items: undefined,
};
/** No value at all: the neutral element of {@link join}. */
export const NOTHING: Value = { ...UNKNOWN };

/** A shared variable; whoever reads it is analysed again when it grows. */
export class Cell {
  value: Value = NOTHING;
  readonly readers = new Set<FunctionUnit>();
}

/** A parameter of a function. */
export interface Parameter {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly style: "plain" | "star" | "double-star";
  /** Only by keyword. */
  readonly keywordOnly: boolean;
  readonly annotation: SyntaxNode | undefined;
  readonly fallback: SyntaxNode | undefined;
}

/** A sink that a parameter's data reaches inside a function, or deeper. */
export interface SummarySink {
  readonly origin: ParameterOrigin;
  /** The sink's kind. */
  readonly bit: number;
  /** What of the origin's mask arrives. */
  readonly mask: number;
  readonly node: SyntaxNode;
  readonly step: Step;
}

/** Kinds of sink that parameters are proven harmless to, by position. */
export interface Proofs {
  /** Where the function returns something true. */
  readonly whenTrue: ReadonlyMap<number, number>;
  /** Where it returns something false. */
  readonly whenFalse: ReadonlyMap<number, number>;
  /** Where it returns at all. */
  readonly returning: ReadonlyMap<number, number>;
}

/** What calls of a function do, in terms of its parameters. */
export class Summary {
  returns: Value = NOTHING;
  readonly sinks: SummarySink[] = [];
  readonly sinkKeys = new Set<string>();
  /** What is stored into parameters' values, by position. */
  readonly writes = new Map<number, Value>();
  readonly readers = new Set<FunctionUnit>();
  /** What it proves of its parameters. */
  proofs: Proofs | undefined;
}

/** The module, a function or a lambda. */
export class FunctionUnit {
  /** Number in source order, 0 for the module. */
  readonly index: number;
  readonly name: string;
  readonly node: SyntaxNode;
  readonly parent: FunctionUnit | undefined;
  /** The class whose body it is defined in. */
  readonly owner: ClassUnit | undefined;
  parameters: Parameter[] = [];
  /** Names that are its own variables. */
  readonly locals = new Set<string>();
  /** Names that its own code assigns to. */
  readonly assigned = new Set<string>();
  /** Names declared `global`. */
  readonly globals = new Set<string>();
  /** Names mentioned. */
  readonly mentions = new Set<string>();
  /** Own variables that other functions assign to (`global`, `nonlocal`). */
  readonly rebound = new Set<string>();
  /** Own variables that inner functions read. */
  readonly captured = new Set<string>();
  readonly children: FunctionUnit[] = [];
  /** Variables that inner functions (for the module: any function) may read. */
  readonly cells = new Map<string, Cell>();
  readonly summary = new Summary();
  /** What calls in the file pass, without taint: types, constants, shapes. */
  readonly contexts: Cell[] = [];
  /** Positions of parameters that some call leaves to their defaults. */
  readonly defaulted = new Set<number>();
  readonly origins = new Map<string, ParameterOrigin>();
  /** Parameters that a route converts to numbers and the like. */
  converted: ReadonlySet<string> = NO_NAMES;
  /** Names of parameters that its constant routes give; undefined where a route is not known. */
  routed: ReadonlySet<string> | undefined = NO_NAMES;
  /** Frameworks that call it. */
  readonly handlers: ApiHandler[] = [];
  isGenerator = false;
  /** How a method gets its first argument. */
  binding: "instance" | "class" | "static" | "property" = "instance";
  analysed = false;
  running = false;

  constructor(init: {
    index: number;
    name: string;
    node: SyntaxNode;
    parent: FunctionUnit | undefined;
    owner: ClassUnit | undefined;
  }) {
    this.index = init.index;
    this.name = init.name;
    this.node = init.node;
    this.parent = init.parent;
    this.owner = init.owner;
  }

  /** The cell of a shared variable. */
  cell(name: string): Cell {
    return cellIn(this.cells, name);
  }

  /** The origin of a parameter or of a field of it; the same object each time. */
  origin(index: number, field: string): ParameterOrigin {
    const key = `${index}${field}`;
    let origin = this.origins.get(key);
    if (origin === undefined) {
      origin = { kind: "parameter", unit: this, index, field };
      this.origins.set(key, origin);
    }
    return origin;
  }
}

/** A class of the file. */
export class ClassUnit {
  readonly name: string;
  readonly node: SyntaxNode;
  /** What it derives from. */
  bases: Value = NOTHING;
  /** Whether its annotated attributes are the parameters of its constructor. */
  isRecord = false;
  /** Names of the attributes of a class that a call makes (`namedtuple("Point", "x y")`). */
  fields: readonly string[] = [];
  /** Class attributes and methods, and attributes of instances. */
  readonly attributes = new Map<string, Cell>();
  /** The class that it is a copy of, for the objects that one place makes. */
  copyOf: ClassUnit | undefined = undefined;
  /** The classes of the objects that places of the file make: itself for the first, copies for the others. */
  readonly places = new Map<SyntaxNode, ClassUnit>();
  /** Copies of it that copies of derived classes derive from, by the same places. */
  readonly inherited = new Map<SyntaxNode, ClassUnit>();

  constructor(name: string, node: SyntaxNode) {
    this.name = name;
    this.node = node;
  }

  /** The cell of an attribute. */
  cell(name: string): Cell {
    return cellIn(this.attributes, name);
  }
}

function cellIn(cells: Map<string, Cell>, name: string): Cell {
  let cell = cells.get(name);
  if (cell === undefined) {
    cell = new Cell();
    cells.set(name, cell);
  }
  return cell;
}
