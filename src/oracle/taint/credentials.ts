// Credentials that are written into the program: constants that arguments, variables, attributes and
// keys get whose names tell what they hold, and constants that such are compared with.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { CallArgument, CallSite } from "./call-site.ts";
import type { Value } from "./domain.ts";
import type { Machine } from "./machine.ts";

const MAX_NAME = 80;

/** Constants given to arguments that are named like credentials, also by `**settings`. */
export function findCredentials(machine: Machine, call: CallSite): void {
  if (call.keywords.size === 0 && call.spreadKeywords === undefined) return;
  const given: [string, CallArgument][] = [...call.keywords];
  for (const [name, value] of call.spreadKeywords?.value.items?.fields ?? [])
    given.push([name, { node: value.lit?.node ?? call.node, value }]);
  for (const { names, literal, kind } of machine.model.credentials) {
    for (const [name, { node, value }] of given) {
      const text = value.lit?.value;
      if (typeof text === "string" && names.test(name) && literal.test(text))
        machine.listener.misuse(kind, node);
    }
  }
}

/** `password == "…"`: a name like that of a credential, compared with a constant. */
export function findComparedCredential(
  machine: Machine,
  compared: { name: SyntaxNode; value: Value; node: SyntaxNode },
): void {
  const { value, node } = compared;
  const text = value.lit?.value;
  const name = typeof text === "string" ? toldName(compared.name) : undefined;
  if (name === undefined || typeof text !== "string" || name.length > MAX_NAME) return;
  for (const { compared: names, literal, kind } of machine.model.credentials)
    if (names?.test(name) === true && literal.test(text)) machine.listener.misuse(kind, node);
}

/** The name, attribute or constant key that tells what an expression holds: `form.get("password")`. */
function toldName(node: SyntaxNode): string | undefined {
  if (node.type === "identifier") return node.text;
  if (node.type === "attribute") return node.child("attribute")?.text;
  const key =
    node.type === "subscript"
      ? node.child("subscript")
      : node.type === "call" && node.child("function")?.type === "attribute"
        ? node.child("arguments")?.namedChildren[0]
        : undefined;
  return key?.type === "string" ? key.text.slice(1, -1) : undefined;
}

/** `SECRET_KEY = "…"`: the constant that a variable, attribute or key gets where it is written. */
export function findAssignedCredential(
  machine: Machine,
  assigned: { name: string; value: Value; target: SyntaxNode },
): void {
  const { name, value, target } = assigned;
  const right = target.parent?.type === "assignment" ? target.parent.child("right") : undefined;
  const text = value.lit?.value;
  if (right?.type !== "string" || typeof text !== "string" || name.length > MAX_NAME) return;
  for (const { assigned: names, literal, kind } of machine.model.credentials)
    if (names?.test(name) === true && literal.test(text)) machine.listener.misuse(kind, right);
}
