"""What happens to a tooth in a life: decay, fillings, crowns, roots filled, loss.

Each event has an age at which it comes,
drawn from the patient and the tooth alone, so a tooth keeps its filling from visit to visit and may get another.

How often is ours, set so that a thirty-year-old has a few fillings and a seventy-year-old has lost a few teeth, more
where a patient's own risk is high; the order (occlusal surfaces of first molars first, then contacts) is common knowledge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from fhir2dicom.anatomy.tooth_tables import KINDS, is_primary
from fhir2dicom.model.mouth import Work
from fhir2dicom.seed import Seed


@dataclass(frozen=True, slots=True)
class Fate:
    """One tooth's life."""

    works: tuple[Work, ...]
    """On the day, the oldest first."""
    lost_at: float
    """Age at which it goes; far beyond a life for most."""


def fate(kind: str, seed: Seed, *, age: float, risk: float) -> Fate:
    """Return what has happened to a tooth by an age; ``risk`` 0 … 1 is the patient's tendency to decay."""
    events = [w for w in _events(kind, seed, risk, until=age + _BEFORE_YEARS) if w.since <= age]
    return Fate(_standing(events), _lost_at(kind, seed, risk))


_BEFORE_YEARS = 0.6
"""How long before its treatment a dead apex shows: the longest that something later in the list comes earlier."""


def _events(kind: str, seed: Seed, risk: float, *, until: float) -> Iterator[Work]:
    """Yield a first decay and its filling, then a second elsewhere, and what comes of it if it goes deep.

    What begins after ``until`` (age) may be left out.
    """
    place, primary = int(kind[1]), is_primary(kind)
    if place < 4:
        hazard = 0.10 if not primary else 0.12
    else:
        hazard = {4: 0.45, 5: 0.55, 6: 1.0, 7: 0.8, 8: 0.3}[place] if not primary else 0.8
    wait = (4.0 if primary else 30.0) / max(0.06, hazard * (0.25 + 1.5 * risk))
    first = KINDS[kind].emerges + 1.0 + _waiting(seed.child("first")) * wait
    if first > until:
        return
    side = 0 if place > 5 and seed.child("surface").uniform() < 0.45 else _side(seed.child("side"))
    size = round(seed.child("size").uniform(0.75, 1.2), 3)
    untreated = (1.5 if primary else 2.5) * seed.child("untreated").uniform(0.3, 1.6)
    key = seed.child("cavity").key()
    filling = _filling(place, seed.child("material"), primary=primary)
    yield Work("caries", side, size, key, round(first, 3))
    yield Work(filling, side, size, key, round(first + untreated, 3))
    again = first + untreated + (6.0 if primary else 9.0) + _waiting(seed.child("again")) * 22.0
    if again > until:
        return
    other = -side if side else _side(seed.child("other"))
    second = seed.child("second").key()
    small = round(seed.child("second size").uniform(0.5, 1.1), 3)
    yield Work("caries", other, small, second, round(again, 3))
    treated = again + untreated
    if seed.child("deep").uniform() < 0.3 + 0.3 * risk:
        yield from _deep(place, seed, second, treated, primary=primary)
    else:
        filling = _filling(place, seed.child("second material"), primary=primary)
        yield Work(filling, other, size, second, round(treated, 3))


def _deep(place: int, seed: Seed, key: int, treated: float, *, primary: bool) -> Iterator[Work]:
    """Yield what follows decay that reached the pulp: a dead apex, a filled root, perhaps a post, a crown."""
    if not primary:
        size = round(seed.child("lesion").uniform(0.7, 1.5), 3)
        yield Work("apical", 0, size, key, round(treated - 0.6, 3))
        yield Work("root-filling", 0, 1.0, key, round(treated, 3))
        if seed.child("post").uniform() < 0.35 and place < 6:
            yield Work("post", 0, 1.0, key, round(treated + 0.1, 3))
    yield Work(_crown(seed.child("crown"), primary=primary), 0, 1.0, key, round(treated + 0.2, 3))


def _standing(events: list[Work]) -> tuple[Work, ...]:
    """Return what is left to see: a filling takes the decay it was laid for, a crown all fillings, healing the apex."""
    kept: list[Work] = []
    for work in sorted(events, key=lambda w: (w.since, w.kind)):
        if work.kind in FILLINGS:
            kept = [w for w in kept if not (w.kind == "caries" and w.key == work.key)]
        elif work.kind.startswith("crown"):
            kept = [w for w in kept if w.kind not in (*FILLINGS, "caries")]
        elif work.kind == "root-filling":
            kept = [w for w in kept if w.kind != "caries"]
        kept.append(work)
    rooted = next((w.since for w in kept if w.kind == "root-filling"), None)
    last = max((w.since for w in events), default=0.0)
    healed = rooted is not None and last > rooted + 3.0
    return tuple(w for w in kept if not (healed and w.kind == "apical"))


FILLINGS = ("amalgam", "composite")
CROWNS = ("crown-metal", "crown-metal-ceramic", "crown-ceramic", "crown-zirconia", "crown-steel")


def _filling(place: int, seed: Seed, *, primary: bool) -> str:
    metal = 0.0 if place < 4 else 0.25 if primary else 0.45
    return "amalgam" if seed.uniform() < metal else "composite"


def _crown(seed: Seed, *, primary: bool) -> str:
    if primary:
        return "crown-steel"
    u = seed.uniform()
    return CROWNS[0] if u < 0.22 else CROWNS[1] if u < 0.6 else CROWNS[2] if u < 0.78 else CROWNS[3]


def _lost_at(kind: str, seed: Seed, risk: float) -> float:
    place = int(kind[1])
    hazard = {1: 0.5, 2: 0.55, 3: 0.35, 4: 0.8, 5: 0.9, 6: 1.4, 7: 1.2, 8: 1.0}[place]
    return round(36.0 + _waiting(seed.child("lost")) * 95.0 / (hazard * (0.3 + 1.6 * risk)), 3)


def _waiting(seed: Seed) -> float:
    """Return a waiting time whose mean is about 1: few at once, many late; −ln u as a rational function."""
    u = max(seed.uniform(), 1e-3)
    return round((1.0 - u) / (0.5 * (u + sqrt(u))), 6) if u > 0.02 else 4.0


def _side(seed: Seed) -> int:
    return 1 if seed.uniform() < 0.5 else -1
