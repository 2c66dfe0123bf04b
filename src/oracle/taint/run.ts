// One run of the machine over one program: analyses the module, then its functions, until nothing
// new comes of it or the budget of steps is spent.
import type { SyntaxNode, SyntaxTree } from "../../lang/syntax.ts";
import { annotationValue } from "./annotations.ts";
import type { ApiNode } from "./api.ts";
import { assignTo } from "./assign.ts";
import { attributeOf } from "./attributes.ts";
import type { CallSite } from "./call-site.ts";
import { carryOut } from "./calls.ts";
import { collectUnits, type Units } from "./collect.ts";
import { meets } from "./conditions.ts";
import {
  type Cell,
  type Fact,
  type FunctionUnit,
  NOTHING,
  type SourceOrigin,
  UNKNOWN,
  type Value,
} from "./domain.ts";
import { Env, NO_GUARD } from "./env.ts";
import { evaluateExpression } from "./expressions.ts";
import { handlerValue, markByParameter } from "./handlers.ts";
import { invokeUnit, parameterValue } from "./invoke.ts";
import { type Frame, type Listener, type Machine, OutOfBudget, type Settings } from "./machine.ts";
import type { Model, Named } from "./model.ts";
import { namedValue } from "./named.ts";
import { noteExit, sameProofs, settle } from "./proofs.ts";
import { executeBlock, outcomeOf, returnValue } from "./statements.ts";
import { grow, join, makeValue, withFacts } from "./values.ts";

/** Steps that a program may take. */
export const STEP_BUDGET = 3_000_000;
const MAX_NESTING = 400;
const MAX_CALL_DEPTH = 30;
const MAX_ANALYSES = 12;

/** What a run needs. */
export interface RunOptions {
  readonly model: Model;
  readonly tree: SyntaxTree;
  readonly settings: Settings;
  readonly listener: Listener;
  readonly budget?: number;
}

/** Analyses a program; throws {@link OutOfBudget} where it takes too many steps. */
export function runProgram(options: RunOptions): Machine {
  const run = new Run(options);
  run.finish();
  return run;
}

class Run implements Machine {
  readonly model: Model;
  readonly units: Units;
  readonly settings: Settings;
  readonly listener: Listener;
  readonly imports = new Set<string>();
  readonly #sources = new Map<SyntaxNode, SourceOrigin[]>();
  readonly #queue = new Set<FunctionUnit>();
  readonly #analyses = new Map<FunctionUnit, number>();
  /** Names that tell something that is asked for. */
  readonly #tellingLabels: readonly Named[];
  #steps: number;
  #nesting = 0;
  #callDepth = 0;

  constructor({ model, tree, settings, listener, budget }: RunOptions) {
    this.model = model;
    this.settings = settings;
    this.listener = listener;
    this.#steps = budget ?? STEP_BUDGET;
    this.units = collectUnits(tree.root);
    this.#tellingLabels = model.named.filter(({ label }) => settings.labels.has(label));
  }

  finish(): void {
    this.analyse(this.units.module);
    // Callers first: what they pass is then known when the functions they call are analysed.
    const { functions, mentioned } = this.units;
    for (const unit of functions) if (!unit.analysed && !mentioned.has(unit.name)) this.analyse(unit);
    for (const unit of functions) if (!unit.analysed) this.analyse(unit);
    for (const unit of this.#queue) {
      this.#queue.delete(unit);
      const count = this.#analyses.get(unit) ?? 0;
      if (count < MAX_ANALYSES) this.analyse(unit);
    }
  }

  spend(steps = 1): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new OutOfBudget("the program takes more steps than the analysis allows");
  }

  evaluate(node: SyntaxNode, frame: Frame): Value {
    if (frame.env === undefined) return UNKNOWN;
    return this.#nested(() => evaluateExpression(this, node, frame));
  }

  execute(block: SyntaxNode, frame: Frame): void {
    this.#nested(() => executeBlock(this, block, frame));
  }

  #nested<T>(work: () => T): T {
    if (this.#nesting >= MAX_NESTING) throw new OutOfBudget("the program is nested too deeply");
    this.#nesting++;
    const result = work();
    this.#nesting--;
    return result;
  }

  assign(target: SyntaxNode, value: Value, frame: Frame): void {
    assignTo(this, target, { value, frame });
  }

  call(call: CallSite, frame: Frame): Value {
    return carryOut(this, call, frame);
  }

  invoke(request: { unit: FunctionUnit; self: Value | undefined; call: CallSite }, frame: Frame): Value {
    return invokeUnit(this, request, frame);
  }

  attribute(object: Value, name: string, at: { node: SyntaxNode; frame: Frame }): Value {
    return attributeOf(this, object, { name, at });
  }

  analyse(unit: FunctionUnit): void {
    if (unit.running) return;
    if (this.#callDepth >= MAX_CALL_DEPTH) {
      this.schedule([unit]);
      return;
    }
    this.#analyses.set(unit, (this.#analyses.get(unit) ?? 0) + 1);
    unit.running = true;
    this.#queue.delete(unit);
    this.#callDepth++;
    const frame = this.#frameOf(unit);
    const body = unit.parent === undefined ? unit.node : unit.node.child("body");
    if (body?.type === "block" || body?.type === "module") this.execute(body, frame);
    else if (body !== undefined) returnValue(this, body, frame);
    if (frame.env !== undefined) noteExit(this, frame, { env: frame.env, value: undefined, guard: NO_GUARD });
    this.#callDepth--;
    unit.running = false;
    unit.analysed = true;
    const returns = join(unit.summary.returns, outcomeOf(frame));
    const proofs = settle(frame.proofs);
    if (returns === unit.summary.returns && sameProofs(proofs, unit.summary.proofs)) return;
    unit.summary.returns = returns;
    unit.summary.proofs = proofs;
    if (proofs !== undefined) this.units.provers.add(unit.name);
    this.schedule(unit.summary.readers);
  }

  #frameOf(unit: FunctionUnit): Frame {
    const env = new Env();
    const frame: Frame = {
      unit,
      owner: undefined,
      env,
      returned: NOTHING,
      proofs: { whenTrue: new Map(), whenFalse: new Map(), returning: new Map() },
      yielded: NOTHING,
      tries: [],
      loops: [],
    };
    if (!unit.analysed) markByParameter(this, unit);
    unit.parameters.forEach((parameter, index) => {
      let value = parameterValue(unit, parameter, index);
      const isSelf = index === 0 && unit.owner !== undefined && unit.binding !== "static";
      if (isSelf) value = selfValue(unit, value);
      else {
        if (unit.contexts[index] === undefined && parameter.fallback !== undefined) {
          // Nobody in the file calls it: the default is the best guess at a constant or a type.
          const { lit, refs } = this.constant(parameter.fallback, unit);
          value = { ...value, lit, refs };
        }
        const { lit, oneOf } = value;
        value = { ...join(value, annotationValue(this, parameter, unit)), lit, oneOf };
        value = handlerValue(this, unit, { index, parameter, value });
        value = this.named(value, parameter.name, parameter.node);
        value = this.#openParameter(unit, parameter.node, value);
        // What comes from outside need not be the default.
        if (value.facts.some(({ origin }) => origin.kind === "source"))
          value = { ...value, lit: undefined, oneOf: undefined };
      }
      if (unit.captured.has(parameter.name)) this.write(unit.cell(parameter.name), value);
      env.set(parameter.name, value);
    });
    return frame;
  }

  #openParameter(unit: FunctionUnit, node: SyntaxNode, value: Value): Value {
    const label = this.settings.parameterLabel;
    if (label === undefined || unit.parent !== this.units.module || unit.node.type === "lambda") return value;
    return withFacts(value, [this.#fact(node, label, "a parameter that callers control")]);
  }

  api(node: ApiNode, at: SyntaxNode, call?: CallSite): Value {
    const variant = node.variants.find(({ when }) => meets(call, when));
    let value = makeValue({ refs: [variant?.node ?? node] });
    if (node.constant !== undefined) value = { ...value, lit: { value: node.constant, node: at } };
    for (const part of node.lineage()) {
      for (const misuse of part.misuses) {
        if (misuse.on === "mention") this.listener.misuse(misuse.kind, at);
      }
      for (const { label, says, mask, when, named } of part.sources) {
        if (!this.settings.labels.has(label) || !meets(call, when)) continue;
        if (named !== undefined && !named.test(call?.name ?? "")) continue;
        value = withFacts(value, [{ ...this.#fact(at, label, says), mask }]);
      }
    }
    return value;
  }

  #fact(node: SyntaxNode, label: number, says: string): Fact {
    const origin = this.source(node, label, says);
    const step = { node, message: says, previous: undefined, inner: undefined };
    return { origin, mask: this.model.freshMask, step };
  }

  named(value: Value, name: string, at: SyntaxNode): Value {
    if (this.#tellingLabels.length === 0) return value;
    return namedValue(this, value, { name, at });
  }

  source(node: SyntaxNode, label: number, says: string): SourceOrigin {
    let known = this.#sources.get(node);
    if (known === undefined) {
      known = [];
      this.#sources.set(node, known);
    }
    const same = known.find((origin) => origin.label === label);
    if (same !== undefined) return same;
    const origin: SourceOrigin = { kind: "source", label, node, says };
    known.push(origin);
    return origin;
  }

  exception(_raised: Value, clause: SyntaxNode): Value {
    const label = this.model.labels.get("exception");
    if (label === undefined || !this.settings.labels.has(label)) return UNKNOWN;
    const type = this.model.root.step("caught")?.step("()");
    const facts = [this.#fact(clause.child("value") ?? clause, label, "the caught exception")];
    return makeValue({ facts, refs: type === undefined ? [] : [type] });
  }

  /** The value of a default: constants only, since it is evaluated elsewhere. */
  constant(node: SyntaxNode, unit: FunctionUnit): Value {
    const frame: Frame = {
      unit: unit.parent ?? unit,
      owner: undefined,
      env: new Env(),
      returned: NOTHING,
      proofs: { whenTrue: new Map(), whenFalse: new Map(), returning: new Map() },
      yielded: NOTHING,
      tries: [],
      loops: [],
    };
    return this.evaluate(node, frame);
  }

  reach(bit: number, facts: readonly Fact[], node: SyntaxNode): void {
    for (const fact of facts) {
      if ((fact.mask & bit) === 0) continue;
      const { origin, mask, step } = fact;
      if (origin.kind === "source") {
        this.listener.sink(bit, fact, node);
        continue;
      }
      const { summary } = origin.unit;
      const key = `${origin.index}${origin.field}|${bit}|${node.start}|${node.end}`;
      if (summary.sinkKeys.has(key)) continue;
      summary.sinkKeys.add(key);
      summary.sinks.push({ origin, bit, mask, node, step });
      this.schedule(summary.readers);
    }
  }

  schedule(readers: Iterable<FunctionUnit>): void {
    for (const unit of readers) this.#queue.add(unit);
  }

  read(cell: Cell, frame: Frame): Value {
    cell.readers.add(frame.unit);
    return cell.value;
  }

  write(cell: Cell, value: Value): void {
    if (grow(cell, value)) this.schedule(cell.readers);
  }
}

function selfValue(unit: FunctionUnit, value: Value): Value {
  const { owner } = unit;
  if (owner === undefined) return value;
  const kind = unit.binding === "class" ? "class" : "instance";
  return join(
    makeValue({ refs: value.refs, items: undefined }),
    makeValue({ refs: [{ kind, unit: owner }] }),
  );
}
