"""Packages that most runs do without: loaded only where they are asked for, and named in one line where they lack."""

from __future__ import annotations

from importlib.util import find_spec

from .errors import TrainerError


def require_package(module: str, requirement: str, purpose: str) -> None:
    """Fails when a package is not installed.

    Args:
        module: What would be imported.
        requirement: What pip would install.
        purpose: What asks for it.

    Raises:
        TrainerError: ``package-missing``, with the command that installs it.
    """
    if find_spec(module) is None:
        raise TrainerError(
            "package-missing",
            f"{purpose} needs the package {module}, which is not installed.",
            f"Install it into the trainer's environment: its Python, then -m pip install {requirement}",
        )
