"""Which study a UID belongs to, over a whole run: one UID must never name two different things.

Two ImagingStudies with one Study Instance UID are
- the same study when their plans are equal but for id and notes (one file loaded twice into a server):
  both stay as they are and become the same bytes;
- two studies when they differ: the first that comes keeps the UID, the other gets a derived one, with a
  note. What it gets depends on its own content only, so a second run gives the same.

Likewise a series UID (or the UID of a series' first instance) that another study holds already is replaced.

A run that is split over machines keeps one registry each, and sees only what its own part repeats.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from fhir2dicom.model import SeriesPlan, Shot, StudyPlan
from fhir2dicom.plan.saved import dump
from fhir2dicom.seed import Seed


class Registry:
    """Remembers, in 16 bytes each, which study holds a UID."""

    def __init__(self) -> None:
        self._owner: dict[bytes, bytes] = {}

    def settle(self, plan: StudyPlan) -> StudyPlan:
        """Return the plan, with derived UIDs in place of those that another study holds."""
        content = _digest(dump(replace(plan, id="", notes=())))
        seed = Seed(plan.seed).child("reused", content.hex())
        notes: list[str] = []
        uid = plan.uid
        if not self._take(uid, content):
            uid = seed.child("study", uid).uid()
            self._take(uid, content)
            notes.append(f"study: UID {plan.uid} belongs to another study of this run; {uid} derived")
        series = tuple(self._series(s, content, seed, notes) for s in plan.series)
        return replace(plan, uid=uid, series=series, notes=(*plan.notes, *notes)) if notes else plan

    def _series(self, series: SeriesPlan, content: bytes, seed: Seed, notes: list[str]) -> SeriesPlan:
        first = series.shots[0].instances[0].uid
        free = self._take(series.uid, content) & self._take(first, content)
        if free:
            return series
        uid = seed.child("series", series.uid).uid()
        shots = tuple(_renamed(s, seed.child("instance", series.uid)) for s in series.shots)
        self._take(uid, content)
        notes.append(
            f"series {series.number}: UID {series.uid} or its instances belong to another study of this run;"
            f" {uid} derived, its {series.instance_count} instances too"
        )
        return replace(series, uid=uid, shots=shots)

    def _take(self, uid: str, content: bytes) -> bool:
        """Take a UID for a study; False when another study has it."""
        return self._owner.setdefault(_digest(uid.encode()), content) == content


def _renamed(shot: Shot, seed: Seed) -> Shot:
    return replace(shot, instances=tuple(replace(i, uid=seed.child(i.uid).uid()) for i in shot.instances))


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).digest()
