"""The teeth of one patient by age: which are there, how far they have come, how the bone has gone back.

Proportions of the mixed dentition follow the tables of eruption (`tooth_tables`); wear, loss of bone, the share of third
molars that never form or stay in the jaw (about a fifth and a quarter, rounded) and the spread between patients are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir2dicom.anatomy.mouth_arch import Arch, arch, place
from fhir2dicom.anatomy.mouth_works import fate
from fhir2dicom.anatomy.tooth import solids
from fhir2dicom.anatomy.tooth_tables import KINDS, designation, is_primary
from fhir2dicom.model import Person, Vec3
from fhir2dicom.model.mouth import Space, Tooth, Work
from fhir2dicom.seed import Seed

DEEPEST_MM = 13.0
"""How far a bud lies from its place when it begins to rise."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What all teeth of a patient share."""

    age: float
    size: float
    risk: float
    """0 … 1, to decay."""
    bone_loss_mm: float
    shift_years: float
    """How early (+) the patient's teeth come."""
    third: float
    """0 … 1: below 0.2 third molars are lacking, above 0.75 they stay in the jaw."""
    spee: float


def habit(person: Person, seed: Seed) -> Habit:
    """Draw what all teeth share."""
    age = person.age_years
    size = (1.0 if person.sex == "M" else 0.965) * (1 + seed.child("size").normal(0.0, 0.035))
    loss = max(0.0, age - 30.0) * 0.028 * seed.child("periodontium").uniform(0.2, 1.7) + seed.child(
        "crest"
    ).normal(0.0, 0.2)
    return Habit(
        age=age,
        size=round(size, 4),
        risk=seed.child("risk").uniform(),
        bone_loss_mm=round(max(0.0, loss), 3),
        shift_years=round(
            seed.child("maturity").normal(0.0, 0.5) + (0.15 if person.sex == "F" else -0.15), 3
        ),
        third=seed.child("third molars").uniform(),
        spee=seed.child("spee").uniform(0.6, 1.3),
    )


def dentition(person: Person, seed: Seed) -> tuple[tuple[Tooth, ...], tuple[Space, ...], Habit]:
    """Return the teeth and spaces of a patient on the day, by designation, and what they share."""
    shared = habit(person, seed.child("habit"))
    found: list[Tooth | Space] = []
    for upper in (True, False):
        curve = arch(upper=upper, scale=shared.size)
        for right in (True, False):
            found += _half(curve, shared, seed.child("half", upper, right), upper=upper, right=right)
    teeth = tuple(sorted((t for t in found if isinstance(t, Tooth)), key=lambda t: t.fdi))
    return teeth, tuple(sorted((s for s in found if isinstance(s, Space)), key=lambda s: s.fdi)), shared


def _half(curve: Arch, shared: Habit, seed: Seed, *, upper: bool, right: bool) -> Iterator[Tooth | Space]:
    along = 0.0
    for number in range(1, 9):
        own = seed.child("tooth", number)
        kind = f"{'U' if upper else 'L'}{number}"
        here = _kinds(kind, shared, own)
        measure = next((k for k, _, _ in here if is_primary(k)), kind)
        width = KINDS[measure].width_mm * shared.size * (1 + own.child("width").normal(0.0, 0.02))
        width *= 0.99 - 0.001 * max(0.0, min(shared.age, 70.0) - 30.0)
        middle, along = along + width / 2, along + width
        if own.child("gap").uniform() > 0.88:
            along += own.child("gap mm").uniform(0.05, 0.3)
        neck = KINDS[measure].crown_mm * shared.size
        at, turn = place(curve, middle, neck, upper=upper, curve_of_spee=shared.spee)
        for name, root, erupted in here:
            yield _tooth(name, at, turn, (root, erupted), width, shared, own, right=right)


def _kinds(kind: str, shared: Habit, seed: Seed) -> list[tuple[str, float, float]]:
    """Return what is at a place in the arch: kinds with the part of the root that is there and how far they erupted."""
    age = shared.age + shared.shift_years + seed.child("time").normal(0.0, 0.4)
    milk = kind.lower()
    found = []
    if milk in KINDS and age < KINDS[milk].shed:
        row = KINDS[milk]
        growing = min(1.0, max(0.15, (age - row.crown_done) / (row.root_done - row.crown_done)))
        going = min(1.0, max(0.14, (row.shed - age) / 3.6))
        up = min(1.0, max(0.1, (age - row.emerges + 0.4) / 0.7))
        found.append((milk, round(min(growing, going), 4), round(up, 4)))
    row = KINDS[kind]
    begins = row.crown_done - 2.4
    if age > begins and not (kind[1] == "8" and shared.third < 0.2):
        root = min(1.0, max(0.02, (age - row.crown_done) / (row.root_done - row.crown_done)))
        up = min(1.0, max(0.0, (age - row.emerges + 1.7) / 2.3))
        if kind[1] == "8" and shared.third > 0.75:
            up = min(up, 0.4)
        up = min(up, 0.28) if found else up
        found.append((kind, round(root, 4), round(up, 4)))
    return found


def _tooth(
    name: str,
    at: Vec3,
    turn: float,
    stage: tuple[float, float],
    width: float,
    shared: Habit,
    seed: Seed,
    *,
    right: bool,
) -> Tooth | Space:
    """Return a tooth, or the space that it left; ``stage``: root and eruption."""
    fdi, own = designation(name, right=right), seed.child(name)
    erupted, age = stage[1], shared.age
    primary, third = is_primary(name), name[1] == "8" and not is_primary(name)
    events = fate(name, own.child("fate"), age=age, risk=shared.risk)
    works = events.works
    lost_at = events.lost_at if erupted >= 1.0 or third else 999.0
    if third and own.child("out").uniform() < 0.5:
        lost_at = min(lost_at, 17.0 + own.child("third out").uniform(0.0, 14.0))
    if not primary and lost_at <= age:
        if not _replaced(name, own) or age < lost_at + 1.0:
            return space_of(fdi, at, turn, width, age - lost_at, own)
        works = (Work("implant", 0, 1.0, own.child("screw").key(), round(lost_at + 1.0, 3)),)
    wear = min(1.1, max(0.0, age - 22.0) * 0.013 * own.child("wear").uniform(0.2, 1.4))
    return Tooth(
        fdi=fdi,
        solid=solids()[name],
        at=(at[0], at[1], _height(name, at[2], erupted, shared.size)),
        turn=round(turn + own.child("turn").normal(0.0, 0.06), 4),
        tilt=_lean(name, erupted, own),
        scale=_scale(width / KINDS[name].width_mm, shared.size, own),
        bend_mm=round(own.child("bend").normal(0.15, 0.6), 3),
        root=stage[0],
        erupted=erupted,
        wear_mm=round(wear if not primary else min(0.6, max(0.0, age - 4.0) * 0.08), 3),
        old=round(min(1.0, max(0.0, (age - 14.0) / 55.0)), 3) if not primary else 0.15,
        bone_loss_mm=_loss(shared, own) if erupted >= 1.0 and not primary else (0.0, 0.0),
        works=works if erupted >= 1.0 else (),
        key=own.child("key").key(),
    )


def _scale(across: float, size: float, own: Seed) -> Vec3:
    """Return a tooth's size against its kind: across, crown, root; contacts are a little tight."""
    crown, root = 1 + own.child("crown").normal(0.0, 0.025), 1 + own.child("root").normal(0.0, 0.06)
    return round(across * 1.012, 4), round(size * crown, 4), round(size * root, 4)


def _replaced(name: str, own: Seed) -> bool:
    """Say whether a lost tooth is replaced by an implant a year later."""
    return 3 <= int(name[1]) <= 7 and own.child("implant").uniform() < 0.15


def _height(name: str, up: float, erupted: float, size: float) -> float:
    """Return how far the neck is from the plane of the bite: deep before it erupts; a bud hangs by its own crown."""
    upper = name[0] in "Uu"
    deep = (1.0 - erupted) * (DEEPEST_MM if not is_primary(name) else 7.0)
    if not is_primary(name) and erupted < 1.0 and abs(up) < 8:
        deep += KINDS[name].crown_mm * size - abs(up)
    return round(up + (deep if upper else -deep), 3)


def _lean(name: str, erupted: float, own: Seed) -> float:
    """Return how far the root leans back, and how a lower third molar lies that does not come."""
    back = name[1] in "678" and name[0] in "Ll"
    lean = (0.06 if back else 0.03) + own.child("tilt").normal(0.0, 0.04)
    lies = name == "L8" and erupted < 0.5
    return round(lean + (own.child("impacted").uniform(0.25, 1.0) if lies else 0.0), 4)


def _loss(shared: Habit, own: Seed) -> tuple[float, float]:
    """Return how far the crest has gone back on either side, mm."""
    mesial, distal = (
        shared.bone_loss_mm * own.child("loss", s).uniform(0.5, 1.6) + own.child("dip", s).normal(0.0, 0.2)
        for s in (0, 1)
    )
    return round(max(0.0, mesial), 3), round(max(0.0, distal), 3)


def space_of(fdi: int, at: Vec3, turn: float, width_mm: float, years: float, seed: Seed) -> Space:
    """Return the gap that a tooth leaves: the ridge sinks fast in the first year, then slowly."""
    pace = seed.child("ridge").uniform(0.7, 1.5)
    sunk = pace * (1.6 * years / (years + 0.6) + 0.05 * years)
    return Space(
        fdi,
        at,
        turn,
        round(width_mm, 3),
        round(years, 3),
        round(min(sunk, 6.5), 3),
        key=seed.child("space").key(),
    )


def lose(tooth: Tooth, years: float, seed: Seed) -> Space:
    """Return the gap of a tooth that was taken out."""
    width = tooth.solid.width_mm * tooth.scale[0]
    at = (tooth.at[0], tooth.at[1], tooth.at[2])
    return space_of(tooth.fdi, at, tooth.turn, width, years, seed.child("lost", tooth.fdi))


def with_work(tooth: Tooth, *works: Work) -> Tooth:
    """Return a tooth with more works."""
    return replace(tooth, works=(*tooth.works, *works))
