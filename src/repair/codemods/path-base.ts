// Finds the path that a finding is about, and the folder that the program itself puts in front of
// the untrusted part: the first argument of a join, the left side of `/`, the literal before the
// placeholder. The folder is read off the program, never invented.
import type { SyntaxNode } from "../../lang/syntax.ts";
import { argumentsOf, bare, functionOf, scopeOf } from "../python/nodes.ts";
import { type Program, parametersOf } from "../python/program.ts";
import { builtTemplate, type Piece, quoted } from "../python/strings.ts";
import type { Site } from "../rewrite.ts";

/** A path that is built from a base folder and something untrusted. */
export interface BuiltPath {
  /** The expression whose value is the path. */
  readonly expression: SyntaxNode;
  /** Source text of the base folder. */
  readonly base: string;
  /** The name that the path is assigned to, if it is. */
  readonly variable: SyntaxNode | undefined;
  /** Whether path and base are pathlib objects. */
  readonly pathlib: boolean;
  /** Whether links and dots are resolved already. */
  readonly canonical: boolean;
  /** The untrusted part. */
  readonly part: SyntaxNode;
}

const PATH_BUILDERS = /^(os\.path\.\w+|pathlib\.\w+|str|os\.fspath|\.joinpath|\.resolve|\.absolute)$/;

/** The expression that the finding's sink takes as path. */
export function pathExpression(site: Site): SyntaxNode | undefined {
  const node = bare(
    site.node.type === "keyword_argument" ? (site.node.child("value") ?? site.node) : site.node,
  );
  if (node.type === "call" && !isPathBuilder(site.program, node)) {
    const { positional, keywords } = argumentsOf(node);
    const values = [...positional, ...[...keywords.values()].flatMap((item) => item.child("value") ?? [])];
    const direct = values.find((value) => site.taint.isTainted(value));
    if (direct !== undefined) return bare(direct);
    const object = node.child("function")?.child("object");
    return object !== undefined && site.taint.isTainted(object) ? bare(object) : undefined;
  }
  if (/^(call|identifier|binary_operator|string|attribute|subscript|concatenated_string)$/.test(node.type))
    return node;
  const inner = [...node.descendants()].find((child) => child.type === "call" && child !== node);
  return inner === undefined ? undefined : pathExpression({ ...site, node: inner });
}

function isPathBuilder(program: Program, call: SyntaxNode): boolean {
  const name = program.callee(call);
  const method = call.child("function")?.child("attribute")?.text ?? "";
  if (name !== undefined && PATH_BUILDERS.test(name)) return true;
  if (program.calledFunction(call) !== undefined) return true;
  return /^(joinpath|resolve|absolute|format|join|with_suffix|with_name)$/.test(method);
}

/** The path with its base, where the program names one. */
export function basedPath(site: Site, expression: SyntaxNode): BuiltPath | undefined {
  return new BaseSearch(site).find(bare(expression), undefined);
}

class BaseSearch {
  readonly #site: Site;
  readonly #seen = new Set<SyntaxNode>();

  constructor(site: Site) {
    this.#site = site;
  }

  find(node: SyntaxNode, variable: SyntaxNode | undefined): BuiltPath | undefined {
    if (this.#seen.has(node) || !this.#site.taint.isTainted(node)) return undefined;
    this.#seen.add(node);
    switch (node.type) {
      case "identifier":
        return this.#ofName(node);
      case "call":
        return this.#ofCall(node, variable);
      case "binary_operator":
        if (node.child("operator")?.type === "/") return this.#ofSlash(node, variable);
        return this.#ofTemplate(node, variable);
      default:
        return this.#ofTemplate(node, variable);
    }
  }

  #ofName(use: SyntaxNode): BuiltPath | undefined {
    const { program } = this.#site;
    for (const definition of program.reaching(use)) {
      if (definition.kind === "parameter") {
        const found = this.#ofCallers(definition.target);
        if (found !== undefined) return found;
      }
      if (definition.kind !== "assign" || definition.value === undefined) continue;
      const found = this.find(bare(definition.value), definition.target);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The path comes in as an argument: it is built where the function is called. */
  #ofCallers(parameter: SyntaxNode): BuiltPath | undefined {
    const { program } = this.#site;
    const definition = functionOf(parameter);
    if (definition === undefined) return undefined;
    const names = parametersOf(definition).map(({ text }) => text);
    const place = names.filter((name) => name !== "self" && name !== "cls").indexOf(parameter.text);
    for (const call of program.nodesOf("call")) {
      if (program.calledFunction(call) !== definition) continue;
      const { positional, keywords } = argumentsOf(call);
      const value = keywords.get(parameter.text)?.child("value") ?? positional[place];
      const found = value === undefined ? undefined : this.find(bare(value), undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #ofCall(call: SyntaxNode, variable: SyntaxNode | undefined): BuiltPath | undefined {
    const name = this.#site.program.callee(call) ?? "";
    const target = call.child("function");
    const object = target?.type === "attribute" ? target.child("object") : undefined;
    const method = target?.child("attribute")?.text ?? "";
    const { positional } = argumentsOf(call);
    if (name === "os.path.join") return this.#ofParts(call, positional, variable, "join");
    if (/^pathlib\.(Path|PurePath|PosixPath)$/.test(name))
      return this.#ofParts(call, positional, variable, "path");
    const first = positional[0];
    if (
      /^(os\.path\.(realpath|abspath|normpath|expanduser)|str|os\.fspath)$/.test(name) &&
      first !== undefined
    ) {
      const inner = this.find(bare(first), undefined);
      if (inner === undefined || inner.variable !== undefined) return this.#around(call, inner, variable);
      return { ...inner, expression: call, variable, canonical: name === "os.path.realpath", pathlib: false };
    }
    if (object !== undefined && /^(resolve|absolute|with_suffix|expanduser)$/.test(method)) {
      const inner = this.find(bare(object), undefined);
      if (inner === undefined || !inner.pathlib) return undefined;
      return { ...inner, expression: call, variable, canonical: method === "resolve" };
    }
    const callee = this.#site.program.calledFunction(call);
    if (callee !== undefined) return this.#ofReturns(callee);
    if (object !== undefined && method === "joinpath")
      return this.#ofParts(call, [object, ...positional], variable, "path");
    return this.#ofTemplate(call, variable);
  }

  /** A helper makes the path: it is checked there. */
  #ofReturns(callee: SyntaxNode): BuiltPath | undefined {
    for (const value of this.#site.program.returnsOf(callee)) {
      const found = this.find(bare(value), undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** `realpath(path)` of a path that has a name: the new value is checked where it is made. */
  #around(
    call: SyntaxNode,
    inner: BuiltPath | undefined,
    variable: SyntaxNode | undefined,
  ): BuiltPath | undefined {
    if (inner === undefined || variable === undefined) return inner;
    if (scopeOf(inner.expression) !== scopeOf(call)) return inner;
    const canonical = /realpath$/.test(call.child("function")?.text ?? "");
    return { ...inner, expression: call, variable, canonical, pathlib: false };
  }

  #ofParts(
    expression: SyntaxNode,
    parts: readonly SyntaxNode[],
    variable: SyntaxNode | undefined,
    by: "join" | "path",
  ): BuiltPath | undefined {
    const index = parts.findIndex((part) => this.#site.taint.isTainted(part));
    const part = parts[index];
    if (part === undefined) return undefined;
    if (index === 0) {
      const inner = this.find(bare(part), undefined);
      if (inner === undefined) return undefined;
      // The inner folder is untrusted too, so the whole must stay in the folder of the inner one.
      return {
        ...inner,
        expression,
        variable,
        pathlib: by === "path" || inner.pathlib,
        base: this.#baseFor(inner, by),
      };
    }
    const before = parts.slice(0, index).map(({ text }) => text);
    const call = expression.child("function")?.text ?? "os.path.join";
    const joined = before.length === 1 ? (before[0] ?? "") : `${call}(${before.join(", ")})`;
    const base =
      by === "path" && !this.#isPath(parts[0]) ? `${pathClass(call)}(${before.join(", ")})` : joined;
    return { expression, base, variable, pathlib: by === "path", canonical: false, part };
  }

  #baseFor(inner: BuiltPath, by: "join" | "path"): string {
    return by === "path" && !inner.pathlib ? `Path(${inner.base})` : inner.base;
  }

  #ofSlash(node: SyntaxNode, variable: SyntaxNode | undefined): BuiltPath | undefined {
    const left = node.child("left");
    const right = node.child("right");
    if (left === undefined || right === undefined) return undefined;
    if (!this.#site.taint.isTainted(left)) {
      return { expression: node, base: left.text, variable, pathlib: true, canonical: false, part: right };
    }
    const inner = this.find(bare(left), undefined);
    if (inner === undefined) return undefined;
    return { ...inner, expression: node, variable, pathlib: true };
  }

  #ofTemplate(node: SyntaxNode, variable: SyntaxNode | undefined): BuiltPath | undefined {
    const template = builtTemplate(node, this.#site.program.literalOf);
    if (template === undefined) return undefined;
    const index = template.findIndex(
      (piece) => piece.kind === "value" && this.#site.taint.isTainted(piece.node),
    );
    const piece = template[index];
    if (piece?.kind !== "value") return undefined;
    if (index === 0) {
      // `folder + "/" + name`: the folder was built from a base before.
      const inner = this.find(bare(piece.node), undefined);
      if (inner !== undefined && !inner.pathlib) return { ...inner, expression: node, variable };
    }
    const base = folderBefore(template.slice(0, index), template.slice(index + 1));
    if (base === undefined) return undefined;
    return { expression: node, base, variable, pathlib: false, canonical: false, part: piece.node };
  }

  /** Whether an expression is a pathlib object: made by Path, or `a / b`. */
  #isPath(node: SyntaxNode | undefined): boolean {
    if (node === undefined) return false;
    const value = node.type === "identifier" ? this.#site.program.valueOf(node) : node;
    if (value === undefined) return false;
    if (value.type === "binary_operator" && value.child("operator")?.type === "/") return true;
    if (value.type === "attribute") return value.child("attribute")?.text === "parent";
    return /(^|\.)Path(\.\w+)?\(|\.resolve\(/.test(value.type === "call" ? value.text : "");
  }
}

/** `Path` in the spelling of a call: `pathlib.Path` for `pathlib.Path(a, b)`, `Path` for methods. */
function pathClass(call: string): string {
  return /(^|\.)(Path|PurePath|PosixPath)$/.test(call) ? call : "Path";
}

/** Source text of the folder that the pieces before the untrusted one spell. */
function folderBefore(before: readonly Piece[], after: readonly Piece[]): string | undefined {
  const folder: Piece[] = [];
  let cut = false;
  for (const piece of [...before].reverse()) {
    if (cut || piece.kind === "value") {
      folder.unshift(piece);
      cut = true;
      continue;
    }
    const slash = piece.value.lastIndexOf("/");
    if (slash < 0) continue;
    cut = true;
    folder.unshift({
      ...piece,
      value: slash === 0 && piece === before[0] ? "/" : piece.value.slice(0, slash),
    });
  }
  const pieces = folder.filter((piece) => piece.kind === "value" || piece.value !== "");
  if (pieces.length > 0) return spell(pieces);
  // A prefix or an ending without folder spells a file name in the working folder.
  const isFileName = before.length > 0 || /^\.\w+$/.test(textOf(after));
  return isFileName ? '"."' : undefined;
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.kind === "text" ? piece.value : "\0")).join("");
}

function spell(pieces: readonly Piece[]): string | undefined {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined)
    return only.kind === "text" ? quoted(only.value) : only.node.text;
  if (pieces.some((piece) => piece.kind === "value" && /["'\\{}\n]/.test(piece.node.text))) return undefined;
  const body = pieces.map((piece) => {
    if (piece.kind === "value") return `{${piece.node.text}${piece.format}}`;
    return quoted(piece.value).slice(1, -1).replaceAll("{", "{{").replaceAll("}", "}}");
  });
  return `f"${body.join("")}"`;
}

const WORKING_FOLDER = /\b(current|working|present)\s+(working\s+)?(directory|folder|dir)\b/i;
const FOLDER_NAME =
  /^(\w*_)?(UPLOADS?|BASE|ROOT|DATA|MEDIA|STATIC|FILES?|STORAGE|IMAGES?|ASSETS|DOCUMENTS?|DOWNLOADS?)_(DIR|DIRECTORY|FOLDER|PATH|ROOT)$/;

/** The folder that a program says its paths belong to, without joining them to it. */
export function statedBase(site: Site, expression: SyntaxNode): string | undefined {
  const { program } = site;
  const folders = new Set<string>();
  for (const { target, value, kind } of program.definitions()) {
    if (kind !== "assign" || scopeOf(target).type !== "module" || value === undefined) continue;
    if (FOLDER_NAME.test(target.text)) folders.add(target.text);
  }
  for (const node of program.tree.root.descendants()) {
    if (node.type !== "subscript" || node.field !== "left") continue;
    if (/^app\.config\[["']\w*(FOLDER|DIR|ROOT|PATH)["']\]$/.test(node.text)) folders.add(node.text);
  }
  const [only, ...others] = folders;
  if (only !== undefined && others.length === 0) return only;
  const scope = functionOf(expression);
  const words = [...(scope?.descendants() ?? [])].filter(
    (node) => node.type === "comment" || isDocstring(node),
  );
  const statesFolder = words.some((node) => WORKING_FOLDER.test(node.text.replace(/\s+/g, " ")));
  return statesFolder ? "os.getcwd()" : undefined;
}

function isDocstring(node: SyntaxNode): boolean {
  return node.type === "string" && node.parent?.type === "expression_statement";
}
