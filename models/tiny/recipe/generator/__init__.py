"""Generators of small programs for the bundled demonstration model: Python's, and C's (`c_*.py`)."""

from .c_make import make_c
from .make import make_program

__all__ = ["make_c", "make_program"]
