"""What a run is: settings, data and base. Resuming with another of them would mix two runs, and is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .config import RunConfig, result_settings, settings_hash
from .errors import TrainerError

Identity = dict[str, Any]


def make_identity(config: RunConfig, data_hash: str, base_fingerprint: str) -> Identity:
    """The identity of a run; settings are kept in full, so that a difference can be named."""
    settings = result_settings(config)
    return {
        "settings": settings,
        "settingsHash": settings_hash(settings),
        "dataHash": data_hash,
        "baseFingerprint": base_fingerprint,
    }


def check_identity(before: Identity, now: Identity, path: Path) -> None:
    """Fails when the run in ``path`` is another one.

    Raises:
        TrainerError: ``resume-mismatch``, naming every difference.
    """
    reasons = []
    if before["settingsHash"] != now["settingsHash"]:
        old, new = before["settings"], now["settings"]
        reasons += [
            f"{key} was {old.get(key)} and is {new.get(key)}"
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
        ]
    if before["dataHash"] != now["dataHash"]:
        reasons.append("the data files have changed")
    if before["baseFingerprint"] != now["baseFingerprint"]:
        reasons.append("the base model is another one")
    if reasons:
        raise TrainerError(
            "resume-mismatch",
            f"The run in {path} cannot be resumed: {'; '.join(reasons)}.",
            "Give it the settings, data and base that it began with, or choose another folder.",
        )
