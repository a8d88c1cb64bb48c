"""The contract of a source, and the one door to all of them.

A source is a file in this room that holds a `Source`; the first, by order, whose ``accepts`` says yes is opened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fhir2dicom import plugs
from fhir2dicom.errors import SettingsError, SourceError
from fhir2dicom.model import Problem, StudyOrder


@dataclass(frozen=True, slots=True)
class Auth:
    """What a server wants to know us by: a user and a password, or a bearer token. Never shown."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def header(self) -> str:
        """Return the value of the Authorization header; empty for none."""
        if self.token:
            return f"Bearer {self.token}"
        if not self.user:
            return ""
        import base64  # noqa: PLC0415 - only servers with a password need it

        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return f"Basic {pair}"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a source."""

    location: str
    patient: str = ""
    """Only this patient: an id, ``Patient/id``, an identifier's value or ``system|value``."""
    max_studies: int | None = None
    auth: Auth = field(default_factory=Auth)
    page_size: int = 50
    timeout_s: float = 60.0
    """For one answer of a server, from the request to its last byte."""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


Open = Callable[[Request], Iterator[StudyOrder | Problem]]
"""Yields the studies of one patient after another; raises `SourceError` when nothing at all can be read."""


@dataclass(frozen=True, slots=True)
class Source:
    """One way in."""

    name: str
    schemes: tuple[str, ...]
    """URL schemes it opens; ``""`` for a path."""
    open: Open


def open_source(
    location: str,
    *,
    patient: str = "",
    max_studies: int | None = None,
    auth: Auth | None = None,
    page_size: int = 50,
    timeout_s: float = 60.0,
) -> Iterator[StudyOrder | Problem]:
    """Yield every ImagingStudy of a FHIR server, a file or a folder as an order, or as the problem it has.

    A patient's studies come one after another, oldest first. Patients are ordered by their business identifiers, so
    neither the order of files nor that of a server shows. ``max_studies`` orders at most are yielded.

    Raises, in one line, `SourceError` when the location cannot be read (no such file, no answer, not FHIR), and
    `SettingsError` for a scheme that nobody reads.
    """
    request = Request(location.strip(), patient.strip(), max_studies, auth or Auth(), page_size, timeout_s)
    if not request.location:
        raise SourceError("no source: expected a FHIR base URL, a file or a folder")
    return _limited(_source(request.location).open(request), max_studies)


def _source(location: str) -> Source:
    scheme = location.partition("://")[0].lower() if "://" in location else ""
    known = plugs.load(Source)
    for source in known.values():
        if scheme in source.schemes:
            return source
    schemes = sorted(f"{s}://" for k in known.values() for s in k.schemes if s)
    raise SettingsError(
        f"{location}: no source for {scheme}://; expected a path, or one of {', '.join(schemes)}"
    )


def _limited(found: Iterator[StudyOrder | Problem], most: int | None) -> Iterator[StudyOrder | Problem]:
    orders = 0
    if most is not None and most <= 0:
        return
    for one in found:
        yield one
        orders += isinstance(one, StudyOrder)
        if most is not None and orders >= most:
            return
