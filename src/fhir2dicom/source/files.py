"""Studies from files: a resource, a Bundle, NDJSON, or a folder of any mixture, as Synthea and bulk export write it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fhir2dicom.errors import ResourceError, SourceError
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.source.reading import NotFhirFileError, Read, read_file
from fhir2dicom.source.record import read_record
from fhir2dicom.source.resources import order_of
from fhir2dicom.source.source import Request, Source
from fhir2dicom.source.spool import Group, Spool
from fhir2dicom.source.values import text

_LOG = logging.getLogger(__name__)
_SUFFIXES = (".json", ".ndjson", ".jsonl", ".xml")


def open_files(request: Request) -> Iterator[StudyOrder | Problem]:
    """Yield the studies of a file or of all files under a folder; what cannot be read first, as problems."""
    path = _path(request.location)
    closed: list[OSError] = []
    with Spool() as spool:
        folders: list[str] = []
        for file, (inner, name) in enumerate(_files(path, closed.append)):
            folders.append(text(str(inner.parent)))
            for found in _read(inner, name, alone=path == inner):
                if problem := _keep(spool, found, file, folders[file]):
                    yield problem
        for fault in closed:
            yield Problem("", text(str(fault.filename)), f"a folder that cannot be read: {fault.strerror}")
        for group in spool.groups(folders, request.patient):
            yield from orders(group)


def orders(group: Group) -> Iterator[StudyOrder | Problem]:
    """Yield each study of a patient as an order, or as the problem it has."""
    record = read_record(group.record)
    for stored in group.studies():
        try:
            yield order_of(stored.resource, group.patient, record, stored.place)
        except ResourceError as fault:
            yield Problem(text(stored.resource.get("id"), 128), stored.place, fault.problem)


def _keep(spool: Spool, found: Read, file: int, folder: str) -> Problem | None:
    if isinstance(found, Problem):
        return found
    place, resource = found
    try:
        spool.add(resource, file=file, folder=folder, place=place)
    except ValueError as fault:
        return Problem(text(resource.get("id"), 128), place, str(fault))
    return None


def _path(location: str) -> Path:
    if location.lower().startswith("file:"):
        location = unquote(urlsplit(location).path)
    path = Path(location).expanduser()
    try:
        path.stat()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise SourceError(
            f"{location}: {reason}; expected a file, a folder or a FHIR base URL (http://…)"
        ) from None
    return path


def _files(path: Path, refused: Callable[[OSError], None]) -> Iterator[tuple[Path, str]]:
    """Yield each file to read and what messages call it, in the order of their names."""
    if not path.is_dir():
        yield path, text(path.name)
        return
    for folder, folders, names in os.walk(path, onerror=refused):
        folders.sort()
        for name in sorted(names):
            inner = Path(folder, name)
            if name.lower().removesuffix(".gz").endswith(_SUFFIXES) and inner.is_file():
                yield inner, text(inner.relative_to(path).as_posix())


def _read(path: Path, name: str, *, alone: bool) -> Iterator[Read]:
    """Yield what a file holds; a file of another kind is passed over, unless it is all that was asked for."""
    try:
        yield from read_file(path, name)
    except NotFhirFileError as fault:
        if alone:
            raise SourceError(f"{name}: {fault}") from None
        _LOG.info("%s: passed over, %s", name, fault)


FILES = Source("files", ("", "file"), open_files)
