"""JSON bytes to values and back: fast where the bytes are clean, forgiving where they are not."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_DEEPEST = "nested deeper than this reader follows"


def decode(written: bytes | memoryview) -> Any:
    """Return the value that JSON bytes say.

    What RFC 8259 forbids and servers write is accepted: a byte order mark, NaN, halves of surrogate pairs, bytes that
    are no UTF-8. Raises ValueError with the place of the fault.
    """
    try:
        return msgspec.json.decode(written)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(bytes(written).decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError(_DEEPEST) from None


def encode(value: Any) -> bytes:
    """Return JSON bytes that `decode` reads back; raises ValueError when the value is nested too deep."""
    try:
        return msgspec.json.encode(value)
    except (ValueError, OverflowError, TypeError, RecursionError):
        pass
    try:
        return json.dumps(value, default=str).encode()
    except RecursionError:
        raise ValueError(_DEEPEST) from None
