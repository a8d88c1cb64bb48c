"""One file becomes resources: a resource, a Bundle, NDJSON or an array; plain or gzip; JSON or XML; of any size.

What is broken becomes a `Problem` that names the file and the line, entry or byte; the rest is read.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from fhir2dicom.model import Problem
from fhir2dicom.source import xml
from fhir2dicom.source.split import Splitter
from fhir2dicom.source.values import Json, items, text
from fhir2dicom.source.wire import decode

WHOLE_LIMIT = 4 << 20
"""Bytes of a JSON file that is decoded whole; a longer one is read entry by entry."""
RESOURCE_LIMIT = 64 << 20
"""Bytes of one resource or line; more is a problem, not a reason to run out of memory."""
BOMB_BYTES = 256 << 20
BOMB_RATIO = 400
"""Unpacked bytes, and how many times the packed ones, that no gzip of real resources reaches together."""

Read = tuple[str, Json] | Problem
"""A place (``entry 33``, ``line 7`` …, empty for a whole file) and the resource there; or what is wrong."""


_NESTED = 5
"""Bundles, lists and Parameters inside one another, the resource in the innermost included."""
_UNPACKING = (OSError, EOFError, zlib.error)


class NotFhirFileError(ValueError):
    """A file of another kind: not JSON, NDJSON or XML, or without any FHIR in it."""


class _Unpacked(io.RawIOBase):
    """A gzip stream that stops before it becomes a bomb."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._stream = gzip.GzipFile(fileobj=packed)
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        got = self._stream.read(len(buffer))
        self._done += len(got)
        if self._done > BOMB_BYTES and self._done > BOMB_RATIO * max(self._packed.tell(), 1):
            raise OSError(f"unpacks to more than {BOMB_RATIO} times its size")
        buffer[: len(got)] = got
        return len(got)


def read_file(path: Path, name: str) -> Iterator[Read]:
    """Yield every resource of a file; ``name`` is how messages call it.

    Raises `NotFhirFileError` when the file is of another kind altogether.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            stream = io.BufferedReader(_Unpacked(raw), 1 << 16) if packed else raw
            yield from read_stream(stream, name)
    except _UNPACKING as fault:
        yield Problem("", name, f"cannot be read to its end: {_reason(fault)}")


def read_stream(stream: io.BufferedReader[Any], name: str) -> Iterator[Read]:
    """Yield every resource of an open stream."""
    lines = name.lower().removesuffix(".gz").endswith((".ndjson", ".jsonl"))
    sample = stream.peek(1 << 12)
    start = sample.removeprefix(b"\xef\xbb\xbf").lstrip()
    if lines:
        yield from _lines(stream, name)
    elif start.startswith(b"<"):
        yield from _xml(stream, name)
    elif start.startswith((b"{", b"[")) or (sample and not start):
        yield from _json(stream, name)
    elif not sample:
        yield Problem("", name, "empty: expected FHIR as JSON, NDJSON or XML")
    else:
        raise NotFhirFileError(f"expected FHIR as JSON, NDJSON or XML, found {start[:8]!r}")


def _reason(fault: BaseException) -> str:
    said = getattr(fault, "strerror", None) or str(fault)
    return text(said, 200) or type(fault).__name__


def _lines(stream: IO[bytes], name: str) -> Iterator[Read]:
    """Yield the resources of NDJSON; a line too long or broken is a problem of its own."""
    number = 0
    while line := stream.readline(RESOURCE_LIMIT + 1):
        number += 1
        if len(line) > RESOURCE_LIMIT:
            while line and not line.endswith(b"\n"):
                line = stream.readline(1 << 20)
            yield Problem("", f"{name} line {number}", f"longer than {RESOURCE_LIMIT >> 20} MiB")
        elif bare := line.strip().removeprefix(b"\xef\xbb\xbf"):
            try:
                value = decode(bare)
            except ValueError as fault:
                yield Problem("", f"{name} line {number}", f"not JSON: {_reason(fault)}")
            else:
                yield from unpack(value, f"{name} line {number}")


def _json(stream: IO[bytes], name: str) -> Iterator[Read]:
    head = stream.read(WHOLE_LIMIT + 1)
    line, newline, _ = head.partition(b"\n")
    rest = io.BufferedReader(_Joined(head, stream), 1 << 16)
    if len(head) > WHOLE_LIMIT:
        yield from _lines(rest, name) if newline and _is_object(line) else _entries(rest, name)
        return
    try:
        value = decode(head)
    except ValueError as fault:
        if newline and _is_object(line):
            yield from _lines(rest, name)
        else:
            yield from _entries(rest, name, _reason(fault))
        return
    yield from _whole(value, name)


def _whole(value: Any, name: str) -> Iterator[Read]:
    if isinstance(value, dict) and not value.keys() & {"resourceType", "series", "entry"}:
        raise NotFhirFileError("JSON without resourceType: expected a FHIR resource, a Bundle or NDJSON")
    yield from unpack(value, name)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(decode(line), dict)
    except ValueError:
        return False


class _Joined(io.RawIOBase):
    """What was read already, then the rest of the stream."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        got = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(got)] = got
        return len(got)


def _entries(stream: io.BufferedReader[Any], name: str, fault: str = "") -> Iterator[Read]:
    """Yield the entries of a Bundle or an array one by one, up to the fault if there is one.

    ``fault`` is what a decoder said of the file before. A resource that is no Bundle is decoded whole.
    """
    versions: set[str] | None = set() if b'"history"' in stream.peek(1 << 12) else None
    splitter, number = Splitter(RESOURCE_LIMIT), 0
    try:
        for number, written in enumerate(splitter.elements(stream), start=1):
            place = f"{name} entry {number}"
            try:
                value = decode(written)
            except ValueError as broken:
                yield Problem("", place, f"not JSON: {_reason(broken)}")
            else:
                yield from unpack(value, place) if splitter.array else _entry(value, place, _NESTED, versions)
    except ValueError as broken:
        after = f" after entry {number}" if number else ""
        yield Problem("", name, f"not JSON{after}: {_reason(broken)}")
        return
    if number or splitter.array:
        return
    if fault or splitter.whole is None:
        yield Problem(
            "", name, f"not JSON: {fault}" if fault else f"one resource of over {RESOURCE_LIMIT >> 20} MiB"
        )
        return
    yield from _decoded(splitter.whole, name)


def _decoded(whole: bytes, name: str) -> Iterator[Read]:
    try:
        value = decode(whole)
    except ValueError as fault:
        yield Problem("", name, f"not JSON: {_reason(fault)}")
    else:
        yield from _whole(value, name)


def unpack(value: Any, place: str, depth: int = _NESTED) -> Iterator[Read]:
    """Yield the resources inside a value: itself, a Bundle's entries, a Parameters' resources, a list's."""
    if not depth:
        yield Problem("", place, f"more than {_NESTED - 1} Bundles, lists or Parameters inside one another")
        return
    if isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from unpack(inner, f"{place} entry {number}", depth - 1)
        return
    if not isinstance(value, dict):
        yield Problem("", place, f"expected a FHIR resource, found {type(value).__name__}")
        return
    kind = value.get("resourceType")
    if kind == "Bundle" or isinstance(value.get("entry"), list):
        yield from _bundle(value, place, depth)
    elif not isinstance(kind, str) or not kind:
        yield Problem(text(value.get("id"), 128), place, "expected a FHIR resource, found no resourceType")
    elif kind == "Parameters":
        for inner in items(value.get("parameter"), None):
            if isinstance(inner, dict) and "resource" in inner:
                yield from unpack(inner["resource"], place, depth - 1)
    else:
        yield place, value


def _bundle(bundle: Json, place: str, depth: int) -> Iterator[Read]:
    seen: set[str] | None = set() if bundle.get("type") == "history" else None
    for number, entry in enumerate(items(bundle.get("entry"), None), start=1):
        yield from _entry(entry, f"{place} entry {number}", depth, seen)


def _entry(entry: Any, place: str, depth: int, seen: set[str] | None) -> Iterator[Read]:
    """Yield what an entry holds; of a history (``seen`` is a set) only the newest version, which comes first."""
    if not isinstance(entry, dict):
        yield Problem("", place, f"expected an entry, found {type(entry).__name__}")
        return
    resource = entry.get("resource")
    if resource is None:  # a deletion, or the answer to one
        return
    if isinstance(resource, dict) and isinstance(entry.get("fullUrl"), str):
        resource = {**resource, "fullUrl": entry["fullUrl"]}
    if seen is not None and isinstance(resource, dict) and resource.get("id"):
        key = f"{resource.get('resourceType')}/{resource['id']}"
        if key in seen:
            return
        seen.add(key)
    yield from unpack(resource, place, depth - 1)


def _xml(stream: IO[bytes], name: str) -> Iterator[Read]:
    try:
        for number, found in xml.resources(stream):
            yield from unpack(found, f"{name} entry {number}" if number else name)
    except xml.NotFhirError as fault:
        raise NotFhirFileError(str(fault)) from None
    except ValueError as fault:
        yield Problem("", name, str(fault))
