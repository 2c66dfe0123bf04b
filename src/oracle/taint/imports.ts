// Import statements: names come to hold API paths.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ApiNode } from "./api.ts";
import { boundName } from "./collect.ts";
import { UNKNOWN, type Value } from "./domain.ts";
import type { Frame, Machine } from "./machine.ts";
import { bindName } from "./names.ts";

/** `import a.b as c`. */
export function executeImport(machine: Machine, node: SyntaxNode, frame: Frame): void {
  for (const name of node.childrenOf("name")) {
    const path = (name.type === "aliased_import" ? name.child("name") : name)?.text ?? "";
    const [first = ""] = path.split(".");
    const bound = name.type === "aliased_import" ? path : first;
    machine.imports.add(first);
    bindName(machine, boundName(name, node.type), { value: moduleAt(machine, bound, node), frame });
  }
}

/** `from a import b as c`. */
export function executeImportFrom(machine: Machine, node: SyntaxNode, frame: Frame): void {
  const module = node.child("module_name")?.text ?? "";
  machine.imports.add(module.split(".")[0] ?? "");
  if (node.namedChildren.some((child) => child.type === "wildcard_import")) {
    for (const [name, api] of resolve(machine, module)?.children ?? []) {
      if (!name.includes("(") && !name.includes("[")) bindStar(machine, name, { api, node, frame });
    }
    return;
  }
  for (const name of node.childrenOf("name")) {
    const imported = (name.type === "aliased_import" ? name.child("name") : name)?.text ?? "";
    const value = moduleAt(machine, `${module}.${imported}`, name);
    bindName(machine, boundName(name, node.type), { value, frame });
  }
}

/** `import *` binds only names that the file mentions. */
function bindStar(
  machine: Machine,
  name: string,
  at: { api: ApiNode; node: SyntaxNode; frame: Frame },
): void {
  if (!machine.units.functions.some((unit) => unit.mentions.has(name))) return;
  at.frame.unit.locals.add(name);
  at.frame.unit.captured.add(name);
  bindName(machine, name, { value: machine.api(at.api, at.node), frame: at.frame });
}

function resolve(machine: Machine, path: string): ApiNode | undefined {
  let node: ApiNode | undefined = machine.model.root;
  for (const step of path.split(".")) node = node?.step(step);
  return node;
}

/** The module or member that a dotted path names. */
export function moduleAt(machine: Machine, path: string, node: SyntaxNode): Value {
  const api = resolve(machine, path) ?? ownModule(machine, path);
  return api === undefined ? UNKNOWN : machine.api(api, node);
}

/** A module of the project whose name says what it is for: `helpers`, `app.utils`. */
function ownModule(machine: Machine, path: string): ApiNode | undefined {
  const known = machine.model.modules.find(({ names }) => names.test(path));
  return known?.node;
}
