// Fields of the file's classes that a library converts and checks: `quality: int` of a pydantic
// model is a number, `count = forms.IntegerField()` of a form gives one. They hold no text of a user's.
import { type ClassUnit, NOTHING, UNKNOWN, type Value } from "./domain.ts";
import type { Machine } from "./machine.ts";
import { makeValue } from "./values.ts";

const MAX_BASES = 6;

/** Whether an annotation names one of these types, also as `Optional[…]`, `Annotated[…]` or `… | None`. */
export function isHarmlessType(annotation: string, harmless: readonly string[]): boolean {
  const core = annotation
    .replace(/^["']|["']$/g, "")
    .replace(/^(?:typing\.|t\.)?(?:Optional|Required|Final|ClassVar)\[(.*)\]$/s, "$1")
    .replace(/^(?:typing\.|t\.)?Annotated\[\s*([^,]*),.*\]$/s, "$1")
    .replace(/\s*\|\s*None$/, "")
    .replace(/^(?:typing\.|t\.)?((?:[Ll]ist|[Ss]et|Literal|conint|confloat)\b).*$/s, (all, name: string) =>
      /list|set/i.test(name) ? all.replace(/^.*?\[(.*)\]$/s, "$1") : name,
    );
  return harmless.includes(core.split(".").at(-1) ?? core);
}

/** The annotation of a field in the body of a class or of one that it derives from. */
export function annotationOf(unit: ClassUnit, name: string, depth = 0): string | undefined {
  for (const statement of unit.node.child("body")?.namedChildren ?? []) {
    const [inner] = statement.namedChildren;
    if (inner?.type !== "assignment" || inner.child("left")?.text !== name) continue;
    const type = inner.child("type");
    if (type !== undefined) return type.text;
  }
  if (depth >= MAX_BASES) return undefined;
  for (const base of unit.bases.refs) {
    const found = base.kind === "class" ? annotationOf(base.unit, name, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a form has checked, field by field; the value itself where the attribute is no such record. */
export function checkedFields(machine: Machine, value: Value, of: { unit: ClassUnit; name: string }): Value {
  const harmless = machine.model.records.get(of.name);
  if (harmless === undefined || value.facts.length === 0) return value;
  const rest = makeValue({ facts: value.facts });
  const fields = new Map<string, Value>();
  for (const [name, { value: field }] of attributesOf(of.unit)) {
    const isHarmless = field.refs.some(
      (ref) => ref.kind === "api" && ref.lineage().some((node) => harmless.has(node)),
    );
    if (isHarmless) fields.set(name, UNKNOWN);
  }
  return fields.size === 0 ? value : { ...value, facts: [], items: { shape: "dict", fields, rest } };
}

function attributesOf(unit: ClassUnit, depth = 0): [string, { value: Value }][] {
  const inherited = unit.bases.refs.flatMap((base) =>
    base.kind === "class" && depth < MAX_BASES ? attributesOf(base.unit, depth + 1) : [],
  );
  return [...inherited, ...[...unit.attributes].filter(([, { value }]) => value !== NOTHING)];
}
