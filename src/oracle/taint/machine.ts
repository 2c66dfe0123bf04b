// The abstract machine that runs a program over taint values. Its parts (expressions, calls,
// statements …) are functions over this interface; engine.ts puts them together.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiNode } from "./api.ts";
import type { CallSite } from "./call-site.ts";
import type { Units } from "./collect.ts";
import type { Cell, ClassUnit, Fact, FunctionUnit, Literal, Proofs, SourceOrigin, Value } from "./domain.ts";
import type { Env } from "./env.ts";
import type { Model } from "./model.ts";

/** One activation: a unit being run. */
export interface Frame {
  readonly unit: FunctionUnit;
  /** The class whose body is being run. */
  readonly owner: ClassUnit | undefined;
  /** Undefined where the flow cannot get to. */
  env: Env | undefined;
  returned: Value;
  /** What the ways out so far prove of the parameters: kinds that they are harmless to, by position. */
  readonly proofs: Record<keyof Proofs, Map<number, number>>;
  yielded: Value;
  /** Assignments seen inside the `try` blocks that are open, for their handlers. */
  readonly tries: Env[];
  readonly loops: { breaks: Env | undefined; continues: Env | undefined }[];
}

/** What the surroundings want to hear while a program runs. */
export interface Listener {
  /** Untrusted data reaches a sink. */
  sink(bit: number, fact: Fact, node: SyntaxNode): void;
  /** A call that is a misuse by its very form. */
  misuse(kind: string, node: SyntaxNode): void;
  /** A constant reaches a function that compiles it as a regular expression. */
  pattern?(literal: Literal, call: CallSite): void;
}

/** How the machine looks at calls that nothing is known of. */
export interface Settings {
  /** Labels that count as untrusted. */
  readonly labels: ReadonlySet<number>;
  /** Label that parameters of top-level functions get, if they count as untrusted. */
  readonly parameterLabel: number | undefined;
  /** Unknown calls pass taint, sanitizers and guards do not stop it: an over-approximation. */
  readonly everythingPasses: boolean;
}

/** See the head of the file. */
export interface Machine {
  readonly model: Model;
  readonly units: Units;
  readonly settings: Settings;
  readonly listener: Listener;
  /** Top-level names of the modules that the program imports. */
  readonly imports: Set<string>;
  /** Counts a step; throws {@link OutOfBudget} when there are none left. */
  spend(steps?: number): void;
  evaluate(node: SyntaxNode, frame: Frame): Value;
  /** Assigns to a name, attribute, subscript or pattern. */
  assign(target: SyntaxNode, value: Value, frame: Frame): void;
  execute(block: SyntaxNode, frame: Frame): void;
  /** Runs what a call calls. */
  call(call: CallSite, frame: Frame): Value;
  /** Calls a function of the file. */
  invoke(request: { unit: FunctionUnit; self: Value | undefined; call: CallSite }, frame: Frame): Value;
  attribute(object: Value, name: string, at: { node: SyntaxNode; frame: Frame }): Value;
  /** The value of an API path, with the sources that hang on it. */
  api(node: ApiNode, at: SyntaxNode, call?: CallSite): Value;
  /** The source at a place; the same object each time. */
  source(node: SyntaxNode, label: number, says: string): SourceOrigin;
  /** A value with what the name that holds or gives it tells: a password, a key. */
  named(value: Value, name: string, at: SyntaxNode): Value;
  /** Data reaches a sink: reports it, or notes it in the summary of the function that it came into. */
  reach(bit: number, facts: readonly Fact[], node: SyntaxNode): void;
  /** Analyses a unit, unless that is going on already. */
  analyse(unit: FunctionUnit): void;
  /** What a caught exception holds. */
  exception(raised: Value, clause: SyntaxNode): Value;
  /** The value of an expression that is evaluated in the scope around a unit, such as a default. */
  constant(node: SyntaxNode, unit: FunctionUnit): Value;
  /** Has units that read something analysed again. */
  schedule(readers: Iterable<FunctionUnit>): void;
  /** Reads a shared variable. */
  read(cell: Cell, frame: Frame): Value;
  /** Adds to a shared variable. */
  write(cell: Cell, value: Value): void;
}

/** Thrown when a program takes more steps than it may. */
export class OutOfBudget extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = "OutOfBudget";
  }
}
