"""Which study a UID belongs to, over a whole run: one UID must never name two different things.

A Study Instance UID that comes a second time is
- the same study when all that is said of it, series apart, is the same: one file loaded twice into a server
  (both copies become the same bytes), or a study whose series came in several ImagingStudies (all keep it);
- another study when anything differs: the first that comes keeps the UID, the other gets a derived one and a
  note. What it gets depends on its own content only, so the same source gives the same UIDs again.

A series UID, or the UID of a series' first instance, that a different series holds is replaced likewise,
with all its instances.

A run that is split over machines keeps one registry each, and sees only what its own part repeats.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import replace

from fhir2dicom.model import SeriesPlan, Shot, StudyPlan
from fhir2dicom.plan.saved import dump
from fhir2dicom.seed import Seed


class Registry:
    """Remembers which study or series holds a UID, in 24 to 48 bytes a UID."""

    def __init__(self) -> None:
        self._owner = _Table()

    def settle(self, plan: StudyPlan) -> StudyPlan:
        """Return the plan, with derived UIDs in place of those that something else holds."""
        bare = replace(plan, id="", notes=(), series=(), findings=())
        study = _digest(dump(bare))
        notes: list[str] = []
        uid = plan.uid
        if not self._take(uid, study):
            uid = Seed(plan.seed).child("reused", uid, study).uid()
            self._take(uid, study)
            notes.append(f"study: UID {plan.uid} belongs to another study of this run; {uid} derived")
        bare = replace(bare, uid=uid, findings=plan.findings)
        series = tuple(self._series(s, bare, notes) for s in plan.series)
        return replace(plan, uid=uid, series=series, notes=(*plan.notes, *notes)) if notes else plan

    def _series(self, series: SeriesPlan, study: StudyPlan, notes: list[str]) -> SeriesPlan:
        content = _digest(dump(replace(study, series=(series,))))
        first = series.shots[0].instances[0].uid
        free = [self._take(uid, content) for uid in (series.uid, first)]
        if all(free):
            return series
        seed = Seed(study.seed).child("reused", series.uid, content)
        uid = seed.uid()
        self._take(uid, content)
        notes.append(
            f"series {series.number}: UID {series.uid} or its instances belong to another study of this run;"
            f" {uid} derived, its {series.instance_count} instances too"
        )
        return replace(series, uid=uid, shots=tuple(_renamed(s, seed) for s in series.shots))

    def _take(self, uid: str, content: int) -> bool:
        """Take a UID for a content; False when another content has it."""
        return self._owner.setdefault(_digest(uid.encode()), content) == content


def _renamed(shot: Shot, seed: Seed) -> Shot:
    return replace(shot, instances=tuple(replace(i, uid=seed.child(i.uid).uid()) for i in shot.instances))


def _digest(text: bytes) -> int:
    """Return 64 bits of a text, never 0: of ten million, two are alike once in four hundred thousand runs."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) or 1


class _Table:
    """A dict of 64-bit keys and values in two flat arrays, by linear probing; a key of 0 is an empty place."""

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 * 1024))
        self._values = array("Q", bytes(8 * 1024))
        self._used = 0

    def setdefault(self, key: int, value: int) -> int:
        """Return the value of a key, the given one where there was none."""
        place = self._place(key)
        if self._keys[place]:
            return self._values[place]
        self._keys[place], self._values[place] = key, value
        self._used += 1
        if 3 * self._used > 2 * len(self._keys):
            self._grow()
        return value

    def _place(self, key: int) -> int:
        mask = len(self._keys) - 1
        place = key & mask
        while self._keys[place] not in (0, key):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        room = bytes(8 * 2 * len(keys))
        self._keys, self._values = array("Q", room), array("Q", room)
        for key, value in zip(keys, values, strict=True):
            if key:
                place = self._place(key)
                self._keys[place], self._values[place] = key, value
