"""Cut a JSON file of any size into the elements of its array, or of its Bundle's ``entry``, in one pass.

Only strings and brackets are looked at, so an element that is broken in itself is handed out like any other, and
neither nesting nor odd numbers cost more than their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

CHUNK = 1 << 19
"""Bytes read at a time."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+("?)|[][{}]', re.DOTALL)
_QUOTE, _ARRAY = b'"'[0], b"["[0]
_OPENING = b"[{"


class Splitter:
    """One pass over one stream."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """Bytes of one element; also of what is kept of a file that has none."""
        self.array = False
        """Whether the file is an array, rather than an object with ``entry``."""
        self.whole: bytes | None = b""
        """All bytes of a file without elements; None when it has some, or is too long."""
        self._buffer = b""
        self._at = 0
        self._start: int | None = None
        self._depth = 0
        self._wanted = 0  # depth at which elements lie; 0 outside the array that holds them
        self._key = b""

    def elements(self, stream: IO[bytes]) -> Iterator[bytes]:
        """Yield the bytes of each object or array that is an element.

        Raises ValueError where brackets do not match, where the file ends too early, and for an element over the limit.
        """
        while chunk := stream.read(CHUNK):
            yield from self._feed(chunk)
        if self._depth or self._start is not None or self._buffer[self._at :].strip():
            raise ValueError("ends too early")

    def _feed(self, chunk: bytes) -> Iterator[bytes]:
        self._buffer += chunk
        self._keep(chunk)
        at = len(self._buffer)
        for token in _TOKEN.finditer(self._buffer, self._at):
            first = self._buffer[token.start()]
            if first == _QUOTE:
                if not token[1]:  # a string that goes on in the next chunk
                    at = token.start()
                    break
                if self._depth == 1:
                    self._key = token[0]
            elif first in _OPENING:
                self._open(first, token.start())
            elif (start := self._close()) is not None:
                self.whole = None
                yield self._buffer[start : token.end()]
        self._forget(at)

    def _open(self, first: int, at: int) -> None:
        if self._wanted and self._depth == self._wanted and self._start is None:
            self._start = at
        self._depth += 1
        if first == _ARRAY and self._depth == 1:
            self.array, self._wanted = True, 1
        elif first == _ARRAY and self._depth == 2 and self._key == b'"entry"' and not self.array:
            self._wanted = 2

    def _close(self) -> int | None:
        """Return where the element started that ends here, if one does."""
        self._depth -= 1
        if self._depth < 0:
            raise ValueError("has brackets that do not match")
        start = self._start
        if start is not None and self._depth == self._wanted:
            self._start = None
            return start
        if start is None and self._depth < self._wanted:
            self._wanted = 0
        return None

    def _keep(self, chunk: bytes) -> None:
        if self.whole is not None:
            self.whole = self.whole + chunk if len(self.whole) + len(chunk) <= self.limit else None

    def _forget(self, at: int) -> None:
        first = at if self._start is None else self._start
        self._buffer = self._buffer[first:]
        self._at = at - first
        if self._start is not None:
            self._start = 0
        if len(self._buffer) > self.limit:
            raise ValueError(f"holds one element of more than {self.limit >> 20} MiB")
