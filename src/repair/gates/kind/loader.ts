// CWE-502: the loader makes data only, under whatever name it is imported.
import type { SyntaxNode } from "../../../lang/syntax.ts";
import { argument } from "../../python/nodes.ts";
import { newCalls, type Objection } from "./objection.ts";

const UNSAFE =
  /^((c|_)?[pP]ickle|dill|cloudpickle|marshal|shelve|jsonpickle)\.(loads?|Unpickler|decode|open)$|^yaml\.(unsafe_load|full_load|load)(_all)?$/;
const SAFE_LOADERS = /^(yaml\.)?C?(SafeLoader|BaseLoader)$/;

/** `from pickle import loads as safe_loads`. */
const renamed: Objection = ({ before, after }) => {
  const known = new Set(before.imports.names.map(({ full, local }) => `${full} ${local}`));
  const alias = after.imports.names.find(({ full, local }) => {
    return UNSAFE.test(full) && !known.has(`${full} ${local}`) && /safe|json/i.test(local);
  });
  return alias === undefined ? undefined : `${alias.local} is another name for ${alias.full}.`;
};

/** A new call of a loader that builds objects. */
const stillUnsafe: Objection = (sides) => {
  const call = newCalls(sides).find((node) => isUnsafe(sides.after.callee(node) ?? "", node));
  return call === undefined ? undefined : `${call.child("function")?.text ?? ""} still builds objects.`;
};

function isUnsafe(name: string, call: SyntaxNode): boolean {
  if (!UNSAFE.test(name)) return false;
  if (!/^yaml\.load/.test(name)) return true;
  const loader = argument(call, 1, "Loader")?.text ?? "";
  return !SAFE_LOADERS.test(loader);
}

/** See the file's head. */
export const loaderObjections: readonly Objection[] = [renamed, stillUnsafe];
