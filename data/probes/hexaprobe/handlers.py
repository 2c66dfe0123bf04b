"""Says when the program handles an exception: a benign use that ends in an answer about an error shows less of what
the program does than one that does not."""

from __future__ import annotations

import ast
import builtins
import types

from hexaprobe.world import PROGRAM, world

_NAME = "__hexahandled__"


def compiled(program: str) -> types.CodeType:
    """The program's code, in which each handler says that it was entered; lines stay what they are."""
    tree = ast.parse(program, PROGRAM)
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            call = ast.Expr(ast.Call(ast.Name(_NAME, ast.Load()), [], []))
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(call, node)))
    setattr(builtins, _NAME, lambda: world.note("handled"))
    return compile(tree, PROGRAM, "exec")
