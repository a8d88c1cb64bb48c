"""Who is writing into an output folder: live runs hold a lock, and what dead ones left is swept.

    .fhir2dicom/commit.lock         held while a study changes places, and while runs come and go
    .fhir2dicom/tmp/<run>/          staging of one run
    .fhir2dicom/tmp/<run>.lock      locked by the run and by each of its workers as long as they live

The kernel drops a lock with its process, so a lock that can be had is a dead run's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STALE_SECONDS = 86_400.0
"""A run of another machine is swept only after a day without a sign: its locks may not be seen from here."""


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a folder's commit lock: nobody else moves a study or starts a run meanwhile."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        _lock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def begin(tmp: Path) -> tuple[Path, int]:
    """Make and lock a new run's staging folder; returns it and the handle that holds the lock."""
    staging = Path(tempfile.mkdtemp(dir=tmp, prefix=f"{_host()}-{os.getpid()}-"))
    return staging, join(staging)


def join(staging: Path) -> int:
    """Lock a run that is under way, as one of its processes; returns the handle that holds the lock."""
    path = lock_of(staging)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    _lock(handle, fcntl.LOCK_SH)
    return handle


def end(staging: Path, handle: int) -> None:
    """Remove a run's staging and let its lock go."""
    shutil.rmtree(staging, ignore_errors=True)
    lock_of(staging).unlink(missing_ok=True)
    os.close(handle)


def sweep(tmp: Path, now: float) -> None:
    """Remove what dead runs left; ``now`` is the file system's own time, seconds."""
    for entry in sorted(tmp.iterdir()):
        if entry.suffix == ".lock" and entry.with_suffix("").is_dir():
            continue
        if entry.is_symlink() or not entry.is_dir():
            entry.unlink(missing_ok=True)
        elif _dead(entry, now):
            shutil.rmtree(entry, ignore_errors=True)
            lock_of(entry).unlink(missing_ok=True)


def lock_of(staging: Path) -> Path:
    """Return the lock file of a run."""
    return staging.with_name(staging.name + ".lock")


def _dead(staging: Path, now: float) -> bool:
    try:
        handle = os.open(lock_of(staging), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        if not _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    ours = staging.name.startswith(f"{_host()}-")
    return ours or now - staging.stat().st_mtime > _STALE_SECONDS


def _lock(handle: int, how: int) -> bool:
    """Lock a handle; False where the file system has no locks."""
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _host() -> str:
    return "".join(c for c in socket.gethostname() if c.isalnum())[:40] or "host"
