// What a type of C or C++ is to the machine: sizes, signs, what it leads to. How types are read from a
// program stands in types.ts.
import type { SyntaxNode } from "../../lang/syntax.ts";

/** A type. */
export type CType =
  | {
      readonly k: "int";
      readonly size: number;
      readonly signed: boolean;
      /** A character of more than one byte: `wchar_t`. */
      readonly wide?: true;
    }
  | { readonly k: "float"; readonly size: number }
  | {
      readonly k: "pointer";
      readonly to: CType;
      /** C++: a reference, which stands for what it leads to. */
      readonly ref?: true;
      /** C++: a smart pointer, which gives back what it leads to. */
      readonly owner?: "unique" | "shared" | "weak";
    }
  | {
      readonly k: "array";
      readonly of: CType;
      readonly count: number | undefined;
      readonly length?: SyntaxNode;
    }
  | StructType
  | { readonly k: "function"; readonly returns: CType }
  | { readonly k: "void" }
  | {
      readonly k: "unknown";
      /** C++: a class of the standard library. */
      readonly object?: ObjectType;
    };

/** A struct or union; fields are filled in when its body has been read. */
export interface StructType {
  readonly k: "struct";
  readonly name: string;
  readonly union: boolean;
  readonly fields: Map<string, CType>;
}

/** What is known of an object's class. */
export interface ObjectType {
  /** The class without its namespace: `vector`. */
  readonly name: string;
  readonly behaves: Behaviour;
  /** What it holds. */
  readonly of: CType | undefined;
  /** How many, for `std::array`. */
  readonly count: number | undefined;
}

/**
 * How objects of a class behave: `text` and `sequence` lie in one block that moves when they grow, `fixed` in one that stays, the elements
 * of `nodes` each by themselves; `input` is a stream from outside, `stream` one that holds a text, `file`
 * a stream that writes.
 */
export type Behaviour = "text" | "sequence" | "fixed" | "nodes" | "input" | "stream" | "file";
