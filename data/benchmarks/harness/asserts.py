"""Runs program.py and then tests.py in one namespace, as HumanEval and MBPP do, inside the sandbox.

A program that ends by itself (``sys.exit()``) ends before its tests: so only the token that came on standard
input, printed behind the last test, says that all of them were passed.
"""

import os
import sys
import types


def main() -> None:
    token = sys.stdin.readline().strip()
    out = os.dup(1)
    # The program's own words are nobody's business, and its reading finds nothing.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.setrecursionlimit(10_000)
    # A module of its own, not __main__: what a program does as a script is no part of what is asked.
    module = types.ModuleType("program")
    sys.modules["program"] = module
    for name in ("program.py", "tests.py"):
        with open(name, encoding="utf-8") as file:
            code = compile(file.read(), name, "exec")
        exec(code, module.__dict__)
    os.write(out, f"{token}\n".encode())


main()
