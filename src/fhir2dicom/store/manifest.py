"""The done marker of a study: what was made, of which plan, in which files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

FORMAT = 1
"""Raised when a manifest of before can no longer be believed."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a study."""

    path: str
    """Inside the study's folder, with ``/``."""
    bytes: int
    crc32: int
    """CRC-32 (ISO 3309) of the whole file: finds damage; identity is the plan's digest."""


class Manifest(msgspec.Struct, frozen=True):
    """What stands in ``.fhir2dicom/studies/<folder>.json``; without ``files`` the study is being written."""

    format: int
    study: str
    uid: str
    digest: str
    """BLAKE2b of the plan and of the edition of the package that carried it out."""
    plan: msgspec.Raw = msgspec.Raw(b"null")
    files: tuple[File, ...] = ()

    @property
    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(f.bytes for f in self.files)


_LARGEST_BYTES = 256 << 20


def encode(manifest: Manifest) -> bytes:
    """Return a manifest as JSON; the same manifest, the same bytes."""
    return msgspec.json.encode(manifest) + b"\n"


def read(path: Path) -> Manifest | None:
    """Return a manifest, or None when there is none or it cannot be believed."""
    text = _text(path)
    try:
        found = msgspec.json.decode(text, type=Manifest) if text else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found if found and found.format == FORMAT else None


def _text(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES)
    except OSError:
        return b""
