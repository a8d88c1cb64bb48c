"""Studies from a FHIR server: search, then each patient's record once.

The search comes in the server's own order and may be cut by a restart, so studies are spooled and handed out patient
by patient, like those from files.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode, urlunsplit

import httpx

from fhir2dicom.errors import ResourceError, SourceError
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.source.client import AnswerError, Client, pages
from fhir2dicom.source.record import OBSERVATION_CODES, RECORD_TYPES, read_record
from fhir2dicom.source.references import REFERENCE_LIMIT
from fhir2dicom.source.resources import order_of, shared_references
from fhir2dicom.source.source import Request, Source
from fhir2dicom.source.spool import Group, Spool
from fhir2dicom.source.values import Json, items, part, text

_LOG = logging.getLogger(__name__)

_INCLUDES = ("&_include=ImagingStudy:subject", "&_include=ImagingStudy:patient")
"""Tried in turn: R4 and later, STU3."""
_NOT_OFFERED = frozenset({400, 403, 404, 405, 410, 422, 501})
"""Answers that say a server has no such search or resource, or not for us."""
_RESTARTS = 5
_IDLE_PAGES = 20
_RECORD_PAGE = 500
_AT_ONCE = 20
_PATIENCE = 3


def open_server(
    request: Request, transport: httpx.BaseTransport | None = None
) -> Iterator[StudyOrder | Problem]:
    """Yield the studies of a server; `SourceError` when it does not answer the first search with studies."""
    with Client(request, transport) as client, Spool() as spool:
        search = _Search(client, spool, request)
        yield from search.run()
        records = _Records(client)
        records.add_patients(spool)
        for group in spool.groups([""]):
            yield from records.orders(group)


class _Search:
    """The search for studies: every page, once, into the spool."""

    def __init__(self, client: Client, spool: Spool, request: Request) -> None:
        self._client, self._spool, self._request = client, spool, request
        self._seen: set[int] = set()
        self._studies = 0

    def run(self) -> Iterator[Problem]:
        patient = self._request.patient
        of_whom = f"&patient={quote(_patient_ids(self._client, patient))}" if patient else ""
        query = f"_count={self._page_size()}{of_whom}{_offered_include(self._client)}"
        restarts = 0
        while True:
            before = self._studies
            try:
                yield from self._read(query)
            except AnswerError as fault:
                restarts = 0 if self._studies > before else restarts + 1
                if fault.status == 410 and restarts < _RESTARTS:
                    _LOG.info("the server has forgotten the search, starting it again")
                    continue
                yield self._cut(fault)
            except SourceError as fault:
                yield self._cut(fault)
            return

    def _page_size(self) -> int:
        most = self._request.max_studies
        return min(self._request.page_size, most) if most else self._request.page_size

    def _cut(self, fault: SourceError) -> Problem:
        if not self._seen:
            raise SourceError(f"{fault}{_hint(fault)}") from None
        return Problem(
            "", urlunsplit(self._client.base), f"the search ended after {self._studies} studies: {fault}"
        )

    def _read(self, query: str) -> Iterator[Problem]:
        idle = 0
        for bundle in pages(self._client, "ImagingStudy", query):
            before = self._studies
            for entry in items(bundle.get("entry"), None):
                if problem := self._take(entry):
                    yield problem
                if self._request.max_studies and self._studies >= self._request.max_studies:
                    return
            idle = 0 if self._studies > before else idle + 1
            if idle > _IDLE_PAGES:
                raise SourceError(f"{idle} pages in a row brought no new study")

    def _take(self, entry: object) -> Problem | None:
        resource = part(entry, "resource")
        kind = text(part(resource, "resourceType"), 64)
        if not isinstance(resource, dict) or not kind:
            where = f"{urlunsplit(self._client.base)} ImagingStudy search"
            return None if resource is None else Problem("", where, "an entry without resourceType")
        if kind == "OperationOutcome":
            _LOG.warning("the server says: %s", text(part(resource, "issue", "diagnostics")))
        if kind not in ("ImagingStudy", "Patient"):
            return None
        place = f"{kind}/{text(resource.get('id'), REFERENCE_LIMIT)}"
        if not place.endswith("/"):
            mark = int.from_bytes(hashlib.blake2b(place.encode(), digest_size=8).digest())
            if mark in self._seen:
                return None
            self._seen.add(mark)
        self._studies += kind == "ImagingStudy"
        try:
            self._spool.add(resource, file=0, folder="", place=place)
        except ValueError as fault:
            return Problem(text(resource.get("id"), 128), place, str(fault))
        return None


def _hint(fault: SourceError) -> str:
    """Return what the first search expected instead of a status that says no."""
    status = fault.status if isinstance(fault, AnswerError) else 0
    if status in (401, 403):
        return "; expected a token or a user that may read ImagingStudy"
    return "; expected the base URL of a FHIR server with ImagingStudy" if 400 <= status < 500 else ""


def _offered_include(client: Client) -> str:
    """Return the include that the server takes, or none; tried on a page of one study."""
    for include in _INCLUDES:
        try:
            client.get(client.url("ImagingStudy", f"_count=1{include}"))
        except AnswerError as fault:
            if fault.status != 400:
                break
        else:
            return include
    return ""


def _patient_ids(client: Client, wanted: str) -> str:
    """Return the ids, with commas, of the patient that was asked for by id, reference or identifier."""
    own = wanted.removeprefix("Patient/")
    if "|" not in own:
        try:
            client.get(client.url(f"Patient/{quote(own, safe='')}"))
        except AnswerError as fault:
            if own != wanted or fault.status in (401, 403):
                return own
        else:
            return own
    found = [
        p for b in pages(client, "Patient", urlencode({"identifier": own})) for p in _resources(b, "Patient")
    ]
    ids = sorted({text(p.get("id"), REFERENCE_LIMIT) for p in found} - {""})
    if not ids:
        raise SourceError(
            f"{urlunsplit(client.base)}: no patient {wanted}; expected an id, Patient/id or an identifier"
        )
    return ",".join(ids)


def _resources(bundle: Json, kind: str) -> list[Json]:
    found = (part(e, "resource") for e in items(bundle.get("entry"), None))
    return [r for r in found if isinstance(r, dict) and r.get("resourceType") == kind]


class _Records:
    """Patients and their records, each fetched once; what a server does not offer is not asked for again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._missing: set[str] = set()
        self._shared: dict[str, Json | None] = {}
        self._failures = 0

    def add_patients(self, spool: Spool) -> None:
        """Fetch the patients that no page included, so that all are sorted by their business identifiers."""
        for key in spool.missing_patients():
            try:
                patient = self._one(key)
                if patient is not None and patient.get("resourceType") == "Patient":
                    spool.add(patient, file=0, folder="", place=key)
            except ValueError as fault:
                _LOG.info("%s: %s", key, fault)
            except SourceError as fault:  # asked again, and told, when its studies' turn comes
                _LOG.info("%s: %s", key, fault)
                return

    def orders(self, group: Group) -> Iterator[StudyOrder | Problem]:
        """Yield each study of a patient as an order; or, when the record cannot be had, as a problem."""
        try:
            patient = group.patient or self._one(group.reference)
            resources = self._record(patient, group)
            shared = self._named([*(s.resource for s in group.studies()), *resources])
            self._failures = 0
        except SourceError as fault:
            self._failures += 1
            if self._failures >= _PATIENCE:  # it is gone: say so for the rest without waiting each time
                self._client.tries = 1
            for stored in group.studies():
                yield Problem(
                    text(stored.resource.get("id"), 128), stored.place, f"no record of the patient: {fault}"
                )
            return
        record = read_record([*resources, *shared])
        for stored in group.studies():
            try:
                yield order_of(stored.resource, patient, record, stored.place)
            except ResourceError as fault:
                yield Problem(text(stored.resource.get("id"), 128), stored.place, fault.problem)

    def _record(self, patient: Json | None, group: Group) -> list[Json]:
        kind, _, own = group.reference.rpartition("/")
        own = text(patient.get("id"), REFERENCE_LIMIT) if patient else own if kind == "Patient" else ""
        if not own:
            return []
        found: dict[str, Json] = {}
        for query_kind, more in self._queries(group.encounters):
            query = f"{urlencode({'patient': own, **more})}&_count={_RECORD_PAGE}"
            for resource in self._all(query_kind, query):
                found[f"{query_kind}/{text(resource.get('id'), REFERENCE_LIMIT)}"] = resource
        return [found[key] for key in sorted(found)]

    def _queries(self, encounters: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
        for kind in RECORD_TYPES:
            if kind != "Observation":
                yield kind, {}
        yield "Observation", {"code": ",".join(sorted(OBSERVATION_CODES))}
        own = [e.removeprefix("Encounter/") for e in encounters if e.startswith("Encounter/")]
        for start in range(0, len(own), _AT_ONCE):
            yield "Observation", {"encounter": ",".join(own[start : start + _AT_ONCE])}

    def _all(self, kind: str, query: str) -> list[Json]:
        """Return every resource a search finds; nothing when the server has no such search."""
        if kind in self._missing:
            return []
        for restart in range(_RESTARTS):
            try:
                return [r for b in pages(self._client, kind, query) for r in _resources(b, kind)]
            except AnswerError as fault:
                if fault.status == 410 and restart < _RESTARTS - 1:
                    continue
                if fault.status not in _NOT_OFFERED:
                    raise
                _LOG.info("the record goes without %s: %s", kind, fault)
                self._missing.add(kind)
                return []
        return []

    def _one(self, key: str) -> Json | None:
        """Return what ``Kind/id`` or ``Kind?identifier=…`` names; None when the server has it not."""
        kind, mark, own = key.partition("?" if "?" in key else "/")
        if not mark or not kind.isalpha() or not own:
            return None
        try:
            if mark == "/":
                return self._client.get(self._client.url(f"{kind}/{quote(own, safe='')}"))
            name, _, value = own.partition("=")
            bundle = self._client.get(self._client.url(kind, urlencode({name: value})))
            return next(iter(_resources(bundle, kind)), None)
        except AnswerError as fault:
            if fault.status not in _NOT_OFFERED:
                raise
            return None

    def _named(self, referring: Sequence[Json]) -> list[Json]:
        """Return the practitioners, organisations and places that are referred to without saying their name."""
        found: dict[str, Json] = {}
        asked: set[str] = set()
        wanted = {k for r in referring for k in shared_references(r, nameless=True)}
        while wanted:
            asked |= wanted
            for key in sorted(wanted):
                if key not in self._shared:
                    self._shared[key] = self._one(key)
                if (resource := self._shared[key]) is not None:
                    found[key] = resource
            wanted = {k for r in found.values() for k in shared_references(r, nameless=True)} - asked
        return [found[key] for key in sorted(found)]


SERVER = Source("server", ("http", "https"), open_server)
