"""Put a folder in another's place in one step."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""linux/fs.h"""


def swap(new: Path, place: Path) -> None:
    """Make ``new`` stand at ``place``; what stood there stands at ``new`` afterwards, or nothing.

    Where the system cannot exchange two names, the old one steps aside first: for some microseconds there
    is nothing at ``place``, and a run killed in between makes the study again.
    """
    if not os.path.lexists(place):
        new.rename(place)
    elif not _exchange(new, place):
        aside = new.with_name(new.name + "-old")
        place.rename(aside)
        new.rename(place)
        aside.rename(new)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names by renameat2(2); False where that is not known."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    return bool(done == 0)
