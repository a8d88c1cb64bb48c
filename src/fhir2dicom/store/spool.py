"""What is to be made, put by on disk: all plans of a source, in the memory of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_LENGTH_BYTES = 8


class Spool:
    """Records of bytes in a file, written once and then read in the same order."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("w+b")

    def add(self, record: bytes) -> None:
        """Put one record behind the others."""
        self._file.write(len(record).to_bytes(_LENGTH_BYTES, "little"))
        self._file.write(record)

    def __iter__(self) -> Iterator[bytes]:
        """Yield every record, first to last."""
        self._file.seek(0)
        while size := self._file.read(_LENGTH_BYTES):
            yield self._file.read(int.from_bytes(size, "little"))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
