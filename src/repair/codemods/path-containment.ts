// CWE-22: makes the path canonical and goes on only if it still lies below the canonical base,
// comparing whole components. The base is the one that the program joins the name to; where there
// is none, whatever we chose would be a design decision.
import { parseCweId } from "../../core/cwe.ts";
import type { SyntaxNode } from "../../lang/syntax.ts";
import { replace, wrap } from "../edits.ts";
import { type Rejection, rejection } from "../python/framework.ts";
import { insertAfter, insertBefore, type Lines } from "../python/insert.ts";
import { Names } from "../python/names.ts";
import { blockOf, scopeOf, statementOf, within } from "../python/nodes.ts";
import { type Codemod, edits, needsDesign, type Rewrite, type Site } from "../rewrite.ts";
import { archiveFilter } from "./archive-filter.ts";
import { type BuiltPath, basedPath, pathExpression, statedBase } from "./path-base.ts";
import { fromDirectory, uploadName } from "./path-flask.ts";

/** See the file's head. */
export const pathContainment: Codemod = {
  name: "path-containment",
  cwes: [parseCweId("CWE-22")],
  sanitizers: ["werkzeug.utils.secure_filename", "os.path.basename"],
  rewrite(site) {
    const archive = archiveFilter(site);
    if (archive !== undefined) return archive;
    const expression = pathExpression(site);
    if (expression === undefined) return undefined;
    const built = basedPath(site, expression);
    if (isGuarded(site, built?.variable ?? expression)) return undefined;
    if (built === undefined) return baseless(site, expression);
    // Two rules may find the same path: one guard does for both.
    if (!site.program.claim(built.expression)) return undefined;
    const flask = fromDirectory(site, built) ?? uploadName(site, built);
    if (flask !== undefined) return flask;
    return built.variable === undefined ? inPlace(site, built) : atAssignment(site, built, built.variable);
  },
};

/** Whether a name's containment is checked in its function already: once is enough. */
function isGuarded({ program }: Site, name: SyntaxNode): boolean {
  if (name.type !== "identifier") return false;
  const check = new RegExp(`commonpath\\(\\[[^\\]]*\\b${name.text}\\b|\\b${name.text}\\.is_relative_to\\(`);
  const scope = scopeOf(name);
  return check.test(program.tree.source.slice(scope.start, scope.end));
}

/** `path = os.path.join(BASE, name)`: the check follows the assignment. */
function atAssignment(site: Site, built: BuiltPath, variable: SyntaxNode): Rewrite | undefined {
  const { program } = site;
  const { expression, canonical } = built;
  const statement = statementOf(expression);
  if (statement === undefined) return undefined;
  const guard = guardFor(site, built, variable.text);
  const before = insertBefore(program, statement, [guard.baseLine]);
  const after = insertAfter(program, statement, guard.check);
  if (before === undefined || after === undefined) return undefined;
  const made = canonical ? [] : wrap(expression, guard.open, guard.close);
  return edits([before, ...made, after], { imports: guard.imports() });
}

/** `open(os.path.join(BASE, name))`: the path gets a name of its own, checked before the statement. */
function inPlace(site: Site, built: BuiltPath): Rewrite | undefined {
  const { program } = site;
  const { expression } = built;
  const path = program.freshName(expression, "full_path", "file_path", "safe_path");
  const guard = guardFor(site, built, path);
  const value = built.canonical ? expression.text : `${guard.open}${expression.text}${guard.close}`;
  const before = insertBefore(program, expression, [guard.baseLine, `${path} = ${value}`, ...guard.check]);
  if (before === undefined) return undefined;
  const twins = sameExpressions(site, expression);
  return edits([before, ...twins.map((node) => replace(node, path))], { imports: guard.imports() });
}

/** A value used as a path as it comes: contained in the folder that the program says it means. */
function baseless(site: Site, expression: SyntaxNode): Rewrite | undefined {
  const { program } = site;
  const stated = statedBase(site, expression);
  if (stated === undefined) {
    return needsDesign(
      "The whole path comes from outside and the program names no folder that it should stay in.",
    );
  }
  const names = new Names(program);
  const base = stated === "os.getcwd()" ? `${names.byModule("os.getcwd")}()` : stated;
  const isName = expression.type === "identifier";
  const path = isName
    ? expression.text
    : program.freshName(expression, "full_path", "file_path", "safe_path");
  const built = { expression, base, variable: undefined, pathlib: false, canonical: false, part: expression };
  const first = isName ? firstSink(site, expression) : expression;
  const guard = guardFor(site, built, path, names, first);
  const join = names.byModule("os.path.join");
  const value = `${guard.open}${join}(${guard.base}, ${expression.text})${guard.close}`;
  const lines = [guard.baseLine, `${path} = ${value}`, ...guard.check];
  const before = insertBefore(program, first, lines);
  if (before === undefined) return undefined;
  const twins = isName ? [] : sameExpressions(site, expression).map((node) => replace(node, path));
  return edits([before, ...twins], { imports: guard.imports() });
}

interface Guard {
  /** The name of the canonical base. */
  readonly base: string;
  /** The statement that makes it. */
  readonly baseLine: string;
  /** What stands before and after the path to make it canonical. */
  readonly open: string;
  readonly close: string;
  /** The check. */
  readonly check: Lines;
  readonly imports: () => Rejection["imports"];
}

function guardFor(
  site: Site,
  built: BuiltPath,
  path: string,
  names = new Names(site.program),
  anchor = built.expression,
): Guard {
  const refusal = rejection(
    site.program,
    built.expression,
    "not-found",
    "path is outside of the allowed folder",
  );
  const base = site.program.freshName(anchor, "base_path", "base_dir");
  const imports = (): Rejection["imports"] => [...names.needs, ...refusal.imports];
  if (built.pathlib) {
    const isCall = built.expression.type === "call";
    const check = [`if not ${path}.is_relative_to(${base}):`, [refusal.statement]];
    if (/^Path\(/.test(built.base)) names.byName("pathlib.Path");
    const folder = /^[\w.]+$|^[\w.]+\([^()]*\)$/.test(built.base) ? built.base : `(${built.base})`;
    const open = isCall ? "" : "(";
    return {
      base,
      baseLine: `${base} = ${folder}.resolve()`,
      open,
      close: isCall ? ".resolve()" : ").resolve()",
      check,
      imports,
    };
  }
  const realpath = names.byModule("os.path.realpath");
  const commonpath = names.byModule("os.path.commonpath");
  const check = [`if ${commonpath}([${base}, ${path}]) != ${base}:`, [refusal.statement]];
  return {
    base,
    baseLine: `${base} = ${realpath}(${built.base})`,
    open: `${realpath}(`,
    close: ")",
    check,
    imports,
  };
}

/** The same expression from here on in the block (`if exists(p): send(p)`) is the same path. */
function sameExpressions(site: Site, expression: SyntaxNode): SyntaxNode[] {
  const block = blockOf(expression) ?? site.program.tree.root;
  const twins = [...block.descendants()].filter((node) => {
    return node.type === expression.type && node.text === expression.text && node.start >= expression.start;
  });
  return twins.filter((node) => !twins.some((other) => other !== node && within(node, other)));
}

/** The first statement in the block among the findings' sinks that use the same name. */
function firstSink(site: Site, expression: SyntaxNode): SyntaxNode {
  const word = new RegExp(`\\b${expression.text}\\b`);
  const nodes = site.report
    .map(({ region }) => site.program.nodeAt(region))
    .filter((node) => node.start <= expression.start && word.test(node.text))
    .filter((node) => within(expression, blockOf(node) ?? expression));
  return nodes.sort((a, b) => a.start - b.start)[0] ?? expression;
}
