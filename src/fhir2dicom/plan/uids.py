"""UIDs: kept when DICOM can take them, else derived from what they are for. Never random."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fhir2dicom.model import StudyOrder
from fhir2dicom.seed import Seed

_UID = re.compile(r"(?:[01]\.(?:[0-9]|[123][0-9])|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*", re.ASCII)
"""PS3.5 chapter 9: components without leading zeros; below the roots 0 and 1 the second is at most 39 (X.660)."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_LONGEST = 64
_SHOWN = 70
"""Characters of a wrong value that a note repeats."""
_DICOM_ROOT = "1.2.840.10008."
"""DICOM's own: names SOP classes and syntaxes, never a study (PS3.5 9.1)."""


def is_uid(text: str) -> bool:
    """Say whether a text is a UID that a study, series or instance may carry."""
    return len(text) <= _LONGEST and bool(_UID.fullmatch(text)) and not text.startswith(_DICOM_ROOT)


def bare(text: str) -> str:
    """Return an identifier without blanks around it and without ``urn:oid:`` or ``urn:uuid:``."""
    text = text.strip(" \t\r\n\0")
    for prefix in ("urn:oid:", "urn:uuid:"):
        if text[: len(prefix)].lower() == prefix:
            return text[len(prefix) :]
    return text


def of_uuid(text: str) -> str:
    """Return a UUID in the 2.25 arc (PS3.5 B.2), or nothing when the text is no UUID."""
    text = text.lower()
    return f"2.25.{int(text.replace('-', ''), 16)}" if _UUID.fullmatch(text) else ""


@dataclass(slots=True)
class Uids:
    """Gives every object of one study its UID; no two get the same."""

    used: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    _counts: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def settle(self, given: str, fallback: Seed, where: str, what: str) -> str:
        """Return the given UID when it is valid and free, else one derived from the fallback's name."""
        uid, fault = self._read(given)
        if not uid:
            uid = fallback.child(bare(given)).uid() if given else fallback.uid()
        if uid in self.used:
            fault = "is used twice in the study"
            uid = self._other(fallback.child("again", uid))
        self.used.add(uid)
        if fault:
            self._counts.setdefault((where, f"{what} {fault}"), []).append(given)
        return uid

    def derive(self, seed: Seed) -> str:
        """Return a free UID for an object that FHIR counts but does not list."""
        uid = seed.uid()
        if uid in self.used:
            uid = self._other(seed.child("again", uid))
        self.used.add(uid)
        return uid

    def close(self) -> list[str]:
        """Return one note for each kind of change, however many UIDs it met."""
        return [*self.notes, *(_sentence(k, v) for k, v in self._counts.items())]

    def _read(self, given: str) -> tuple[str, str]:
        """Return a usable UID or nothing, and what was wrong with the given one."""
        text = bare(given)
        if is_uid(text):
            return text, ""
        if uid := of_uuid(text):
            return uid, "is a UUID; written as 2.25.<integer>"
        if not text:
            return "", "is missing; derived"
        return "", "is not a DICOM UID; derived"

    def _other(self, seed: Seed) -> str:
        turn = 1
        while (uid := seed.child(turn).uid()) in self.used:
            turn += 1
        return uid


def _sentence(kind: tuple[str, str], given: list[str]) -> str:
    where, fault = kind
    shown = f" '{given[0][:_SHOWN]}'" if given[0] else ""
    more = f" ({len(given)} times)" if len(given) > 1 else ""
    what, _, rest = fault.partition(" ")
    place = f"{where}: " if where else ""
    return f"{place}{what} UID{shown} {rest}{more}"


def study_uid(order: StudyOrder, uids: Uids, seed: Seed, patient: str) -> str:
    """Return the Study Instance UID: the first valid one, else the first UUID, else a derived one.

    An order has its official UIDs first.
    """
    given = list(dict.fromkeys(order.uids))
    valid = list(dict.fromkeys(bare(u) for u in given if is_uid(bare(u))))
    if len(valid) > 1:
        uids.notes.append(
            f"study: {len(valid)} DICOM UIDs; {valid[0]} taken, {', '.join(valid[1:])} left out"
        )
    uuids = [u for u in given if of_uuid(bare(u))]
    best = next(iter([*valid, *uuids, *given]), "")
    return uids.settle(best, seed.child("study", *_business(order, patient)), "", "study")


def _business(order: StudyOrder, patient: str) -> tuple[str, ...]:
    """Name a study by what stays when a server is loaded again; by its id only when there is nothing else."""
    known = sorted(f"{i.system}|{i.value}" for i in order.identifiers if i.value)
    if order.accession:
        known.append(f"accession {order.accession_issuer}|{order.accession}")
    if known or order.uids:
        return (*known, patient)
    told = [c.value for c in order.procedures] + [s.uid for s in order.series if s.uid]
    told += [f"{s.modality.value if s.modality else ''} {s.description}" for s in order.series]
    if order.started and any(told):
        return (patient, order.started, order.description, *told)
    return ("id", order.id)
