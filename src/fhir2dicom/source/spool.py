"""What was read, kept on disk until all of it is known, then handed out patient by patient.

Resources come in any order: a study before its patient, conditions in another file. A temporary SQLite database holds
them, so memory stays flat however many they are.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from fhir2dicom.errors import SourceError
from fhir2dicom.source.record import RECORD_TYPES, SHARED_TYPES, observation_matters
from fhir2dicom.source.references import REFERENCE_LIMIT, identifier_key, is_local, keys
from fhir2dicom.source.resources import encounter_key, patient_key, shared_references, study_id
from fhir2dicom.source.values import Json, objects, part, text
from fhir2dicom.source.wire import decode, encode

WANTED_TYPES = frozenset({"ImagingStudy", "Patient", *RECORD_TYPES, *SHARED_TYPES})
"""Resource types that are kept; all others are passed over."""

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE study (file INTEGER, patient TEXT, encounter TEXT, started TEXT, id TEXT, place TEXT, body BLOB,
                    owner TEXT);
CREATE TABLE person (rid INTEGER PRIMARY KEY, file INTEGER, owner TEXT, body BLOB);
CREATE TABLE record (file INTEGER, patient TEXT, encounter TEXT, body BLOB);
CREATE TABLE shared (rid INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE key (key TEXT, file INTEGER, folder TEXT, rank TEXT, kind TEXT, rid INTEGER);
"""
_INDEXES = """
CREATE INDEX key_key ON key (key, kind);
CREATE INDEX study_patient ON study (patient, file);
CREATE INDEX record_patient ON record (patient);
"""
_INSERTS = {
    "study": "INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
    "person": "INSERT INTO person VALUES (?, ?, ?, ?)",
    "record": "INSERT INTO record VALUES (?, ?, ?, ?)",
    "shared": "INSERT INTO shared VALUES (?, ?)",
    "key": "INSERT INTO key VALUES (?, ?, ?, ?, ?, ?)",
}
_BATCH = 1000
_ALWAYS = "*"
"""Stands in ``record.encounter`` for what matters to the studies of any encounter."""
_REFERRING = ("Encounter", "ServiceRequest", "ProcedureRequest")
_OBSERVATION_ELEMENTS = frozenset({
    "resourceType", "id", "fullUrl", "status", "code", "subject", "patient", "encounter", "context", "component",
    "issued", "effectiveDateTime", "effectivePeriod", "effectiveInstant",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """One study as it was read, and where."""

    resource: Json
    place: str


@dataclass(frozen=True, slots=True)
class Group:
    """One patient: the resource, when there is one, the record, and the studies, oldest first."""

    patient: Json | None
    reference: str
    """How the studies refer to the patient."""
    encounters: tuple[str, ...]
    """The Encounters of the studies."""
    record: tuple[Json, ...]
    studies: Callable[[], Iterator[Stored]]


class Spool:
    """A temporary store of resources; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fhir2dicom-")
        self._db = sqlite3.connect(f"{self._folder.name}/spool.sqlite3", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self._waiting: dict[str, list[tuple[object, ...]]] = {table: [] for table in _INSERTS}
        self._rid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()
        if isinstance(fault, sqlite3.Error):
            raise SourceError(f"{self._folder.name}: {fault}; expected room for temporary files") from None

    def add(self, resource: Json, *, file: int, folder: str, place: str) -> None:
        """Keep one resource if its type is wanted. ``file`` numbers the Bundle or file that local references stay in.

        Raises ValueError when the resource is nested too deep to be kept.
        """
        kind = text(resource.get("resourceType"), 64)
        if kind not in WANTED_TYPES:
            return
        if kind == "Observation":
            resource = {
                k: v for k, v in resource.items() if k in _OBSERVATION_ELEMENTS or k.startswith("value")
            }
        body = encode(resource)
        self._rid += 1
        if kind == "ImagingStudy":
            row = (file, patient_key(resource), encounter_key(resource), text(resource.get("started"), 64))
            self._put("study", (*row, study_id(resource), place, body))
        elif kind == "Patient":
            self._keys(resource, body, file, folder, "person")
            self._put("person", (self._rid, file, _business_key(resource), body))
        elif kind in SHARED_TYPES:
            self._keys(resource, body, file, folder, "shared")
            self._put("shared", (self._rid, body))
        else:
            local = kind == "Observation" and not observation_matters(resource)
            self._put(
                "record", (file, patient_key(resource), encounter_key(resource) if local else _ALWAYS, body)
            )

    def _keys(self, resource: Json, body: bytes, file: int, folder: str, kind: str) -> None:
        newest = text(part(resource, "meta", "lastUpdated"), 64)
        rank = f"{newest} {hashlib.blake2b(body, digest_size=8).hexdigest()}"
        for key in keys(resource):
            self._put("key", (key, file, folder, rank, kind, self._rid))

    def _put(self, table: str, row: tuple[object, ...]) -> None:
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= _BATCH:
            self._db.executemany(_INSERTS[table], waiting)
            waiting.clear()

    def missing_patients(self) -> list[str]:
        """Return the keys by which studies refer to patients that are not here."""
        self._flush()
        missing = (
            "SELECT DISTINCT patient FROM study EXCEPT SELECT key FROM key WHERE kind = 'person' ORDER BY 1"
        )
        return [key for (key,) in self._db.execute(missing) if key]

    def _flush(self) -> None:
        for table, waiting in self._waiting.items():
            self._db.executemany(_INSERTS[table], waiting)
            waiting.clear()

    def groups(self, folders: list[str], wanted: str = "") -> Iterator[Group]:
        """Yield every patient with studies, by business identifier; nothing may be added after.

        ``folders`` gives each file's folder: a reference finds its target in the same file first, then in the same
        folder, then anywhere, newest first. ``wanted`` keeps one patient only.
        """
        self._flush()
        self._db.executescript(_INDEXES)
        self._own(folders)
        self._db.executescript("CREATE INDEX study_owner ON study (owner, started, id);")
        owners = self._db.execute("SELECT DISTINCT owner FROM study ORDER BY owner")
        for (owner,) in owners:
            group = self._group(owner, folders, wanted)
            if group is not None:
                yield group

    def _own(self, folders: list[str]) -> None:
        """Write into each study whose it is: the patient's sort key and row, or the reference that led nowhere."""
        self._db.execute("BEGIN")
        self._db.execute("CREATE TABLE pair AS SELECT DISTINCT patient, file FROM study")
        for patient, file in self._db.execute("SELECT patient, file FROM pair"):
            rid = self._find(patient, file, folders, "person")
            if rid is not None:
                named = self._db.execute("SELECT owner FROM person WHERE rid = ?", (rid,)).fetchone()[0]
                owner = f"{named}\x1f{rid}"
            else:
                owner = f"{patient or '~'}\x1f{f'@{file}' if is_local(patient) or not patient else ''}"
            self._db.execute(
                "UPDATE study SET owner = ? WHERE patient = ? AND file = ?", (owner, patient, file)
            )
        self._db.execute("COMMIT")

    def _find(self, key: str, file: int, folders: list[str], kind: str) -> int | None:
        """Return the row of what a key means in a file."""
        if not key or key.startswith("#"):
            return None
        row = self._db.execute(
            "SELECT rid FROM key WHERE key = ? AND kind = ? AND (file = ? OR ?)"
            " ORDER BY file = ? DESC, folder = ? DESC, rank DESC, rid LIMIT 1",
            (key, kind, file, not is_local(key), file, folders[file]),
        ).fetchone()
        return row[0] if row else None

    def _group(self, owner: str, folders: list[str], wanted: str) -> Group | None:
        rid = owner.rpartition("\x1f")[2]
        person = int(rid) if rid.isdecimal() else None
        patient = None
        if person is not None:
            patient = decode(
                self._db.execute("SELECT body FROM person WHERE rid = ?", (person,)).fetchone()[0]
            )
        rows = self._db.execute(
            "SELECT DISTINCT patient, encounter, file FROM study WHERE owner = ?", (owner,)
        ).fetchall()
        if wanted and not any(is_patient(wanted, patient, row[0]) for row in rows):
            return None
        record = self._record(patient, person, rows, folders)
        shared = self._shared(owner, record, rows[0][2], folders)
        encounters = tuple(sorted({row[1] for row in rows if row[1]}))
        return Group(patient, rows[0][0], encounters, (*record, *shared), partial(self._studies, owner))

    def _studies(self, owner: str) -> Iterator[Stored]:
        found = self._db.execute(
            "SELECT body, place FROM study WHERE owner = ? ORDER BY started, id, body, place", (owner,)
        )
        for body, place in found:
            yield Stored(decode(body), place)

    def _record(
        self, patient: Json | None, person: int | None, rows: list[tuple[str, str, int]], folders: list[str]
    ) -> tuple[Json, ...]:
        """Return the resources that belong to the patient; Observations of other encounters only if they matter."""
        known = {row[0] for row in rows if row[0] and not row[0].startswith("#")} | set(
            keys(patient) if patient else ()
        )
        encounters = {row[1] for row in rows if row[1]} | {_ALWAYS}
        files = {row[2] for row in rows}
        found = []
        belongs: dict[tuple[str, int], bool] = {}
        for key in sorted(known):
            query = "SELECT file, encounter, body FROM record WHERE patient = ?"
            for file, encounter, body in self._db.execute(query, (key,)):
                if encounter not in encounters:
                    continue
                if (key, file) not in belongs:
                    whose = self._find(key, file, folders, "person")
                    belongs[key, file] = whose == person and (file in files or not is_local(key))
                if belongs[key, file]:
                    found.append(body)
        return tuple(decode(body) for body in sorted(set(found)))

    def _shared(
        self, owner: str, record: tuple[Json, ...], file: int, folders: list[str]
    ) -> tuple[Json, ...]:
        """Return the practitioners, organisations and places that the studies and the record refer to."""
        first = (k for s in self._studies(owner) for k in shared_references(s.resource))
        inner = (k for r in record if r.get("resourceType") in _REFERRING for k in shared_references(r))
        wanted = {*first, *inner}
        asked: set[str] = set()
        found: dict[int, Json] = {}
        while wanted:
            asked |= wanted
            rids = {self._find(key, file, folders, "shared") for key in sorted(wanted)} - {None, *found}
            new = {r: decode(self._body("shared", r)) for r in sorted(r for r in rids if r is not None)}
            found |= new
            wanted = {k for r in new.values() for k in shared_references(r)} - asked
        return tuple(found.values())

    def _body(self, table: str, rid: int) -> bytes:
        return bytes(self._db.execute(f"SELECT body FROM {table} WHERE rid = ?", (rid,)).fetchone()[0])  # noqa: S608


def _business_key(patient: Json) -> str:
    """Return what a patient sorts by: the medical record number, else the least identifier, else the id."""
    found = objects(patient.get("identifier"), 64)
    numbers = [i for i in found if part(i, "type", "coding", "code") == "MR"] or found
    named = sorted(k for i in numbers if (k := identifier_key(i, "").removeprefix("?identifier=")))
    return (named or [text(patient.get("id"), REFERENCE_LIMIT)])[0].replace("\x1f", "")


def is_patient(wanted: str, patient: Json | None, reference: str) -> bool:
    """Say whether a patient is the one asked for: by id, reference, fullUrl, or an identifier's value."""
    known = {reference, *keys(patient or {})}
    if patient is not None:
        known.add(text(patient.get("id"), REFERENCE_LIMIT))
    searches = {k.partition("?identifier=")[2] for k in known}
    values = {s.rpartition("|")[2] for s in searches}
    tails = {reference.rpartition("/")[2], reference.removeprefix("urn:uuid:")}
    return wanted in known | searches | values | tails - {""}
