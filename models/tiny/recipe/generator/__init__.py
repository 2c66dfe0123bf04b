"""Generator of small Python programs for the bundled demonstration model."""

from .make import make_program

__all__ = ["make_program"]
