// C's types, as far as sizes and signs go, on a machine with 64-bit pointers (LP64).
import type { SyntaxNode } from "../../lang/syntax.ts";
import { objectTypeOf, templateType } from "./classes.ts";
import type { CType, StructType } from "./ctype.ts";

export type { CType } from "./ctype.ts";

/** `int`. */
export const INT: CType = { k: "int", size: 4, signed: true };
/** `char`. */
export const CHAR: CType = { k: "int", size: 1, signed: true };
/** `wchar_t`. */
export const WIDE: CType = { k: "int", size: 4, signed: true, wide: true };
/** `size_t`. */
export const SIZE: CType = { k: "int", size: 8, signed: false };
/** `long`. */
export const LONG: CType = { k: "int", size: 8, signed: true };
/** A type of which nothing is known. */
export const UNKNOWN: CType = { k: "unknown" };
/** `void`. */
export const VOID: CType = { k: "void" };
/** `char *`. */
export const STRING: CType = { k: "pointer", to: CHAR };

const int = (size: number, signed: boolean): CType => ({ k: "int", size, signed });

/** Types that headers define. */
const NAMED: Readonly<Record<string, CType>> = {
  ...Object.fromEntries(
    [8, 16, 32, 64].flatMap((bits) => [
      ...[`int${bits}_t`, `s${bits}`, `__s${bits}`, `gint${bits}`, `int_least${bits}_t`].map((name) => [
        name,
        int(bits / 8, true),
      ]),
      ...[
        `uint${bits}_t`,
        `u${bits}`,
        `__u${bits}`,
        `guint${bits}`,
        `u_int${bits}_t`,
        `__le${bits}`,
        `__be${bits}`,
      ].map((name) => [name, int(bits / 8, false)]),
    ]),
  ),
  size_t: SIZE,
  rsize_t: SIZE,
  uintptr_t: SIZE,
  uintmax_t: SIZE,
  ssize_t: LONG,
  ptrdiff_t: LONG,
  intptr_t: LONG,
  intmax_t: LONG,
  off_t: LONG,
  loff_t: LONG,
  time_t: LONG,
  clock_t: LONG,
  pid_t: INT,
  socklen_t: int(4, false),
  uint: int(4, false),
  uchar: int(1, false),
  u_char: int(1, false),
  u_int: int(4, false),
  u_long: SIZE,
  ushort: int(2, false),
  ulong: SIZE,
  mode_t: int(4, false),
  wchar_t: WIDE,
  wint_t: INT,
  gsize: SIZE,
  gint: INT,
  guint: int(4, false),
  bool: int(1, false),
  _Bool: int(1, false),
  BOOL: INT,
  UINT: int(4, false),
  INT: INT,
  USHORT: int(2, false),
  UCHAR: int(1, false),
  SIZE_T: SIZE,
  Py_ssize_t: LONG,
  gssize: LONG,
  glong: LONG,
  gulong: SIZE,
  gushort: int(2, false),
  guchar: int(1, false),
  gchar: CHAR,
  uInt: int(4, false),
  uLong: SIZE,
  off64_t: LONG,
  BYTE: int(1, false),
  WORD: int(2, false),
  DWORD: int(4, false),
  va_list: UNKNOWN,
  auto: UNKNOWN,
};

/** What projects call a number of so many bits: `UINT32`, `ut16`, `OPJ_INT32`, `uint_fast8_t`. */
const SIZED =
  /^(?:\w+_|[a-z]+(?=U?Int))?(u?int|ui|si|ut|st|[us])_?(?:fast|least)?(8|16|32|64)(?:_t|Number)?$/i;

/** Types that a file defines. */
export interface TypeTable {
  readonly typedefs: Map<string, CType>;
  readonly structs: Map<string, StructType>;
  /** Whether names of the standard library may stand without `std::`. */
  readonly usesStd: boolean;
  /** The value of a constant expression. */
  readonly constant: (node: SyntaxNode) => number | undefined;
}

/** The type that a specifier names, its body read. */
export function typeOfSpecifier(node: SyntaxNode | undefined, table: TypeTable): CType {
  if (node === undefined) return UNKNOWN;
  switch (node.type) {
    case "primitive_type":
    case "sized_type_specifier":
    case "type_identifier":
      return namedType(node.text, table);
    case "struct_specifier":
    case "union_specifier":
    case "class_specifier":
      return structType(node, table);
    case "enum_specifier":
      return INT;
    case "qualified_identifier": {
      const name = node.child("name");
      if (name === undefined || name.type === "template_type" || name.type === "qualified_identifier")
        return typeOfSpecifier(name, table);
      return namedType(name.text, { ...table, usesStd: node.text.startsWith("std::") });
    }
    case "template_type":
      return (
        templateType(
          node,
          (inner) => typeOfSpecifier(inner, table),
          (inner) => table.constant(inner),
        ) ?? UNKNOWN
      );
    case "type_descriptor":
      return typeOfDeclarator(node.child("declarator"), typeOfSpecifier(node.child("type"), table), table)
        .type;
    default:
      return UNKNOWN;
  }
}

/** The type that a name stands for; `unknown` for none. */
export function namedType(name: string, table: TypeTable): CType {
  const known = table.typedefs.get(name) ?? (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined);
  if (known !== undefined) return known;
  const structure = table.structs.get(name);
  if (structure !== undefined) return structure;
  const object = table.usesStd ? objectTypeOf(name) : undefined;
  if (object !== undefined) return object;
  const sized = SIZED.exec(name);
  if (sized !== null) return int(Number(sized[2]) / 8, !/^u/i.test(sized[1] ?? ""));
  const words = new Set(name.split(/\s+/));
  if (words.has("void")) return VOID;
  if (words.has("float")) return { k: "float", size: 4 };
  if (words.has("double")) return { k: "float", size: 8 };
  const signed = !words.has("unsigned");
  if (words.has("char")) return int(1, signed);
  if (words.has("short")) return int(2, signed);
  if (words.has("long")) return int(8, signed);
  return words.has("int") || words.has("unsigned") || words.has("signed") ? int(4, signed) : UNKNOWN;
}

let anonymous = 0;

function structType(node: SyntaxNode, table: TypeTable): CType {
  const name = node.child("name")?.text ?? `#${anonymous++}`;
  let type = table.structs.get(name);
  if (type === undefined) {
    type = { k: "struct", name, union: node.type === "union_specifier", fields: new Map() };
    table.structs.set(name, type);
  }
  const body = node.child("body");
  if (body === undefined || type.fields.size > 0) return type;
  for (const field of body.namedChildren) {
    if (field.type !== "field_declaration") continue;
    const base = typeOfSpecifier(field.child("type"), table);
    const declarators = field.childrenOf("declarator");
    if (declarators.length === 0 && base.k === "struct") {
      for (const [inner, innerType] of base.fields) type.fields.set(inner, innerType);
    }
    for (const declarator of declarators) {
      const declared = typeOfDeclarator(declarator, base, table);
      if (declared.name !== undefined) type.fields.set(declared.name, declared.type);
    }
  }
  return type;
}

/** What a declarator declares, from the outside in. */
export function typeOfDeclarator(
  node: SyntaxNode | undefined,
  base: CType,
  table: TypeTable,
): { name: string | undefined; type: CType } {
  if (node === undefined) return { name: undefined, type: base };
  const inner =
    node.child("declarator") ??
    node.namedChildren.find(
      ({ type }) => type.endsWith("declarator") || type === "identifier" || type === "field_identifier",
    );
  switch (node.type) {
    case "identifier":
    case "field_identifier":
    case "type_identifier":
    case "qualified_identifier":
    case "destructor_name":
    case "operator_name":
      return { name: node.text, type: base };
    case "pointer_declarator":
    case "abstract_pointer_declarator":
      return typeOfDeclarator(inner, { k: "pointer", to: base }, table);
    case "reference_declarator":
    case "abstract_reference_declarator":
      return typeOfDeclarator(
        inner,
        base.k === "unknown" && base.object === undefined ? base : { k: "pointer", to: base, ref: true },
        table,
      );
    case "array_declarator":
    case "abstract_array_declarator":
      return typeOfDeclarator(inner, arrayType(node, base, table), table);
    case "function_declarator":
    case "abstract_function_declarator":
      return typeOfDeclarator(inner, { k: "function", returns: base }, table);
    default:
      // Parentheses, initialisers, attributes, references: the type is that of what they hold.
      return typeOfDeclarator(inner, base, table);
  }
}

function arrayType(node: SyntaxNode, of: CType, table: TypeTable): CType {
  const length = node.child("size");
  const count = length === undefined ? undefined : table.constant(length);
  return length === undefined ? { k: "array", of, count } : { k: "array", of, count, length };
}

/** Bytes that a value of a type takes; undefined where that is not known. */
export function sizeOf(type: CType, depth = 0): number | undefined {
  switch (type.k) {
    case "int":
    case "float":
      return type.size;
    case "pointer":
      return 8;
    case "void":
    case "function":
      return 1;
    case "array": {
      const one = sizeOf(type.of, depth + 1);
      return one === undefined || type.count === undefined ? undefined : one * type.count;
    }
    case "struct":
      return depth > 20 ? undefined : structSize(type, depth);
    case "unknown":
      return undefined;
  }
}

function structSize(type: StructType, depth: number): number | undefined {
  if (type.fields.size === 0) return undefined;
  let most = 1;
  for (const field of type.fields.values()) most = Math.max(most, alignOf(field, depth + 1));
  const size = endOfField(type, undefined, depth);
  return size === undefined ? undefined : Math.ceil(size / most) * most;
}

/** Where a field ends, in bytes from the start of its structure; without a name, the last one. */
export function endOfField(type: StructType, name: string | undefined, depth = 0): number | undefined {
  let size = 0;
  for (const [key, field] of type.fields) {
    // A flexible array at the end takes nothing.
    const own = field.k === "array" && field.length === undefined ? 0 : sizeOf(field, depth + 1);
    if (own === undefined) return undefined;
    const align = alignOf(field, depth + 1);
    const end = Math.ceil((type.union ? 0 : size) / align) * align + own;
    if (key === name) return end;
    size = Math.max(size, end);
  }
  return name === undefined ? size : undefined;
}

function alignOf(type: CType, depth: number): number {
  if (depth > 20) return 8;
  if (type.k === "array") return alignOf(type.of, depth + 1);
  if (type.k === "struct")
    return Math.max(1, ...[...type.fields.values()].map((field) => alignOf(field, depth + 1)));
  return sizeOf(type) ?? 8;
}

/** Least and greatest value. */
export function rangeOf(type: CType): { lo: number; hi: number } {
  if (type.k !== "int") return { lo: -Infinity, hi: Infinity };
  const bits = type.size * 8;
  return type.signed ? { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 } : { lo: 0, hi: 2 ** bits - 1 };
}

/** What arithmetic turns a type into on its own: at least `int`. */
export function promoted(type: CType): CType {
  return type.k === "int" && type.size < 4 ? INT : type;
}

/** The common type of two operands. */
export function commonType(a: CType, b: CType): CType {
  if (a.k === "float") return a;
  if (b.k === "float") return b;
  const left = promoted(a);
  const right = promoted(b);
  if (left.k !== "int") return right.k === "int" ? right : UNKNOWN;
  if (right.k !== "int") return left;
  if (left.size !== right.size) return left.size > right.size ? left : right;
  return left.signed ? right : left;
}

/** A reference's type is that of what it stands for. */
export function withoutReference(type: CType): CType {
  return type.k === "pointer" && type.ref ? type.to : type;
}

/** The type that a pointer or array leads to. */
export function targetOf(type: CType): CType {
  if (type.k === "pointer") return type.to;
  return type.k === "array" ? type.of : UNKNOWN;
}
