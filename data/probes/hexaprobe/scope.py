"""Which part of a program an entry point can come to: its function, and what of the file that uses, by name."""

from __future__ import annotations

import ast

_Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def reachable(program: str, line: int) -> str:
    """The text of the function that begins at a line, of what it uses, and of the imports and names behind that."""
    try:
        tree = ast.parse(program)
    except SyntaxError:
        return program
    start = next(
        (
            node
            for node in tree.body
            if isinstance(node, _Definition) and _first(node) <= line <= (node.end_lineno or 0)
        ),
        None,
    )
    if start is None:
        return program
    by_name = {node.name: node for node in tree.body if isinstance(node, _Definition)}
    globals_of: dict[str, list[ast.stmt]] = {}
    for node in [part for whole in tree.body for part in _parts(whole)]:
        for name in _bound(node):
            globals_of.setdefault(name, []).append(node)
    seen: dict[ast.stmt, None] = {start: None}
    queue: list[ast.stmt] = [start]
    while queue:
        for name in _names(queue.pop()):
            for node in [by_name.get(name), *globals_of.get(name, [])]:
                if node is not None and node not in seen:
                    seen[node] = None
                    queue.append(node)
    return "\n".join(ast.unparse(node) for node in seen)


def _parts(node: ast.stmt) -> list[ast.stmt]:
    """An import of several names as one of each: what is not used must not count as mentioned."""
    if isinstance(node, ast.Import):
        return [ast.Import([alias]) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]
    return [node]


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _names(node: ast.stmt) -> set[str]:
    out = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            out.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            out.add(inner.attr)
    return out


def _bound(node: ast.stmt) -> set[str]:
    """Names that a statement of the top level binds: assignments and imports."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, _Definition):
        return set()
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
