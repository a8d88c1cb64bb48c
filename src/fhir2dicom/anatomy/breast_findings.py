"""What findings and years put into a breast: masses with spicules, cysts, calcifications, clips, scars.

All of it has a place in three dimensions (see `breast_inside`), so both views show it at the same distance from the nipple.
Kinds of `Edit` known here: breast-mass, breast-lump, breast-cluster, breast-clip, breast-scar; and, in `breast`, mastectomy.
Shares by age of arterial calcification are rounded by us: under one in twenty before 50, near half in old age.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.breast_form import TOP_MM, Form
from fhir2dicom.anatomy.breast_inside import TURN, Inside
from fhir2dicom.anatomy.breast_walk import Line, walk
from fhir2dicom.model import Edit, Floats, Person
from fhir2dicom.noise import unit
from fhir2dicom.seed import Seed

Place = npt.NDArray[np.float64]
"""(3,): x, y, z, mm."""

TUMOUR = 1.12
"""Attenuation of carcinoma less that of fat, in units of gland less fat: (.844 - .456) / (.802 - .456), after
Johns & Yaffe 1987, not checked."""
METAL = 10.0
"""Metal stops more than the same thickness of mineral; as good as everything."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to one breast, in three dimensions, mm."""

    lines: list[tuple[Line, float]] = field(default_factory=list)
    lumps: list[tuple[float, ...]] = field(default_factory=list)
    """x, y, z; half axes along the beam's plane, across it, along the beam; turn; weight; roughness."""
    grains: list[tuple[float, ...]] = field(default_factory=list)
    """x, y, z; half axes; turn; thickness."""


def place(form: Form, edit: Edit) -> Place:
    """Return where an edit is: ``back`` 0 at the nipple … 1 at the chest wall, ``clock`` in hours, ``off`` 0 … 1 from the middle.

    Hours are of a left breast, three o'clock to the side; a right one is its mirror image. What says nothing lies at the one
    place that this woman has for a lesion, so that mass, biopsy and scar meet: half of all are in the upper outer quarter.
    """
    seed = form.seed.child("lesion", "lump" if edit.kind == "breast-lump" else "")
    outer = seed.child("outer").uniform() < 0.5
    clock = seed.child("clock").uniform(0.2, 2.8) if outer else seed.child("elsewhere").uniform(3, 12)
    number = edit.numbers.get
    back = number("back", seed.child("back").uniform(0.28, 0.72))
    off = number("off", seed.child("off").uniform(0.25, 0.6))
    angle = math.radians(90 - 30 * number("clock", clock))
    reach = form.width_mm * off * min(1.0, 0.3 + back)
    return np.array([
        round((1 - back) * form.depth_mm, 4), round(math.cos(angle) * reach, 4), round(math.sin(angle) * reach * 0.8, 4)
    ])  # fmt: skip


def changes(form: Form, within: Inside, person: Person, edits: Sequence[Edit]) -> Change:
    """Return all that is in this breast beside what every breast has."""
    change = Change()
    _years(change, form, within, person)
    removed = any(e.kind == "breast-scar" for e in edits)
    for edit in edits:
        if edit.kind in _MADE and not (removed and edit.kind in _TAKEN_OUT):
            _MADE[edit.kind](change, place(form, edit), edit)
    return change


def _mass(change: Change, at: Place, edit: Edit) -> None:
    """Add a spiculated mass: an uneven core of several lobes, and strands that run out of it, most of them thin and short."""
    key, r = edit.key, edit.numbers.get("diameter_mm", 15.0) / 2
    change.lumps.append((*at, r, r * 0.86, r * 0.8, unit(key, 1) * 3.1, TUMOUR, 0.28))
    for k in range(4):
        shift = np.array([unit(key, 10 + 3 * k + a) - 0.5 for a in range(3)]) * 1.3 * r
        part = r * (0.34 + 0.3 * unit(key, 40 + k))
        change.lumps.append(
            (*(at + shift), part, part * 0.8, part * 0.8, unit(key, 60 + k) * 3.1, TUMOUR, 0.3)
        )
    for k in range(30 + int(12 * unit(key, 70))):
        c = 100 + 8 * k
        way = np.array([unit(key, c + a) - 0.5 for a in range(3)])
        way /= math.sqrt(float((way * way).sum())) + 1e-6
        long = r * (0.35 + 1.9 * unit(key, c + 3) ** 2) + 3.0
        start, end = at + way * r * 0.4, at + way * (r * 0.85 + long)
        radius = 0.30 + 0.45 * unit(key, c + 4) ** 2
        change.lines.append(
            (walk(key + c, start, end, 18, 0.55, np.array([radius * 2.2, radius * 0.25])), 1.3)
        )


def _lump(change: Change, at: Place, edit: Edit) -> None:
    """Add a cyst or fibroadenoma: round or oval, sharply bordered, as dense as gland."""
    key, r = edit.key, edit.numbers.get("diameter_mm", 14.0) / 2
    flat = edit.numbers.get("flat", 0.8)
    change.lumps.append((*at, r, r * flat, r * 0.85, unit(key, 1) * 3.1, 1.0, 0.03))
    if edit.numbers.get("popcorn", 0.0) > 0:
        for k in range(9):
            shift = np.array([unit(key, 10 + 3 * k + a) - 0.5 for a in range(3)]) * 1.0 * r
            size = r * (0.08 + 0.13 * unit(key, 40 + k))
            change.grains.append((*(at + shift), size, size * 0.75, unit(key, 60 + k) * 3.1, 0.8))


def _cluster(change: Change, at: Place, edit: Edit) -> None:
    """Add fine pleomorphic calcifications in a group, some of them in rows along a duct."""
    key, count = edit.key, round(edit.numbers.get("count", 14.0))
    spread = edit.numbers.get("spread_mm", 5.0)
    for k in range(count):
        c = 20 * k
        here = (
            at + np.array([sum(unit(key, c + 3 * a + b) for b in range(3)) - 1.5 for a in range(3)]) * spread
        )
        size = 0.06 + 0.16 * unit(key, c + 10) ** 2
        turn = 3.1 * unit(key, c + 11)
        for j in range(1 + int(2.6 * unit(key, c + 12) ** 2)):
            step = np.array([round(math.cos(turn), 6), round(math.sin(turn), 6), 0.2]) * (1.5 * size * j)
            shape = 0.5 + 0.45 * unit(key, c + 13 + j)
            change.grains.append(
                (*(here + step), size * (0.8 + 0.6 * unit(key, c + 16 + j)), size * shape, turn, size * 1.6)
            )


def _clip(change: Change, at: Place, edit: Edit) -> None:
    """Add a biopsy marker of titanium, 3 mm, as an open ring of short rods."""
    turn, size = unit(edit.key, 1) * 3.1, 1.2
    for k in range(9):
        angle = turn + k / 9.0 * 5.0
        co, si = round(math.cos(angle), 6), round(math.sin(angle), 6)
        along = round(math.atan2(-0.7 * si, co), 5)
        step = np.array([si, 0.7 * co, 0.7 * co]) * size
        change.grains.append((*(at + step), 0.42, 0.17, along, 0.22 * METAL))


def _scar(change: Change, at: Place, edit: Edit) -> None:
    """Add a lumpectomy's scar: strands drawn to a line without a mass, and surgical clips around the bed."""
    key, fresh = edit.key, 0.35 + 0.65 * edit.amount
    for k in range(round(30 * fresh)):
        c = 200 + 8 * k
        way = np.array([unit(key, c + a) - 0.5 for a in range(3)]) * np.array([1.0, 1.0, 0.8])
        way /= math.sqrt(float((way * way).sum())) + 1e-6
        along = np.array([0.0, 0.7, 0.7]) * (unit(key, c + 3) - 0.5) * 16
        radius = 0.2 + 0.5 * unit(key, c + 4) ** 2
        end = at + along + way * (9 + 22 * unit(key, c + 5))
        change.lines.append(
            (walk(key + c, at + along, end, 16, 0.5, np.array([radius * 1.6, radius * 0.5])), 0.85)
        )
    change.lumps.append((*at, 6.0 * fresh, 3.2 * fresh, 8.0 * fresh, unit(key, 9) * 3.1, 0.6, 0.5))
    for k in range(5):
        here = at + np.array([unit(key, 500 + 3 * k + a) - 0.5 for a in range(3)]) * 26
        turn = 3.1 * unit(key, 530 + k)
        step = np.array([round(math.cos(turn), 6), round(math.sin(turn), 6), 0.0])
        for side in (-0.35, 0.35):
            off = np.array([-step[1], step[0], 0.0]) * side
            change.grains.append((*(here + off), 2.4, 0.22, turn, 0.4 * METAL))


_TAKEN_OUT = frozenset({"breast-mass", "breast-cluster", "breast-clip"})
"""What a lumpectomy takes with it."""
_MADE = {
    "breast-mass": _mass,
    "breast-lump": _lump,
    "breast-cluster": _cluster,
    "breast-clip": _clip,
    "breast-scar": _scar,
}


def _years(change: Change, form: Form, within: Inside, person: Person) -> None:
    """Add what comes with age: round benign calcifications, and plaque in the walls of arteries."""
    seed, age = form.own.child("years"), person.age_years
    if person.sex == "M":
        return
    begun = [seed.child("benign", k).uniform(38, 130) for k in range(9)]
    for k in (k for k, b in enumerate(begun) if b < age):
        own = seed.child("grain", k)
        x = own.child("x").uniform(0.15, 0.85)
        at = (
            x * form.depth_mm, own.child("y").normal(0, 0.4) * (1.1 - x) * form.width_mm,
            own.child("z").normal(0, 0.35) * (1.1 - x) * form.width_mm,
        )  # fmt: skip
        size = 0.18 + 0.5 * own.child("size").uniform() ** 3
        change.grains.append((*at, size, size * own.child("flat").uniform(0.8, 1.0), 0.0, 0.8 * size))
        if size > 0.42:
            change.grains.append((*at, size * 0.6, size * 0.58, 0.0, -0.45 * size))
    if form.seed.child("plaque").uniform() < 0.46 * min(max((age - 42) / 42, 0.0), 1.0) ** 1.5:
        arteries = [s for s, w in within.lines if abs(w - 0.85) < 1e-9][-24:]
        for k, line in enumerate(arteries[:9]):
            _plaque(change, line.astype(np.float64), seed.child("plaque", k))


def _plaque(change: Change, line: Place, seed: Seed) -> None:
    """Line parts of an artery's walls with plaque: two broken rails."""
    key, last = seed.key(), len(line) - 2
    first = int(last * unit(key, 1) * 0.4)
    for i in range(first, int(last * (0.6 + 0.4 * unit(key, 2)))):
        way = line[i + 1, :3] - line[i, :3]
        length = math.sqrt(float((way * way).sum())) + 1e-6
        side = np.array([-way[1] - way[2], way[0], way[0]]) / (length * 1.4)
        for wall in (-1, 1):
            if unit(key, 10 * (i // 5) + wall + 4000) < 0.42:
                continue
            for j in range(max(1, int(length / 0.32))):
                c = 40 * i + 5 * j + 2 * wall
                if unit(key, c) < 0.22:
                    continue
                at = line[i, :3] + way * (j + unit(key, c + 9000)) * 0.32 / length + side * wall * line[i, 3]
                size = 0.12 + 0.22 * unit(key, c + 5000)
                turn = _turn(way)
                change.grains.append(
                    (
                        *at,
                        size * 1.4,
                        0.10 + 0.06 * unit(key, c + 6000),
                        turn,
                        0.04 + 0.20 * unit(key, c + 7000),
                    )
                )


def _turn(way: Place) -> float:
    return round(math.atan2(float(way[1] + way[2]) * 0.7, float(way[0])), 5)


def lumps_and_grains(within: Inside, change: Change, view: str, muscle: Floats) -> tuple[Floats, Floats]:
    """Return lumps (n, 9) and grains (n, 7) in the plane of a view."""
    c, s = TURN[view]
    lumps: list[tuple[float, ...]] = []
    for x, y, z, a, b, d, turn, weight, rough in change.lumps:
        lumps.append(
            (x, y * c + z * s, a, b, d, round(math.cos(turn), 6), round(math.sin(turn), 6), weight, rough)
        )
    if view == "MLO":
        lumps += _nodes(within, muscle)
    grains = [
        (x, y * c + z * s, a, b, round(math.cos(turn), 6), round(math.sin(turn), 6), thick)
        for x, y, z, a, b, turn, thick in change.grains
    ]
    return (
        np.array(lumps, np.float32).reshape(-1, 9),
        np.array(grains, np.float32).reshape(-1, 7),
    )


def _nodes(within: Inside, muscle: Floats) -> list[tuple[float, ...]]:
    """Return the lymph nodes of the armpit: beans, each less its hilum of fat."""
    out: list[tuple[float, ...]] = []
    for down, aside, long, flat, turn in within.nodes.tolist():
        v = (TOP_MM - 60) * (1 - down)
        edge = float(muscle[int(np.argmin(np.abs(muscle[:, 1] - v))), 0]) if len(muscle) else 30.0
        u = edge * aside
        co, si = round(math.cos(turn + 1.2), 6), round(math.sin(turn + 1.2), 6)
        out.append((u, v, long, long * flat, long * 0.30, co, si, 0.85, 0.10))
        hilum = long * flat * 0.35
        u, v = u + si * hilum, v - co * hilum
        out.append((u, v, long * 0.5, long * flat * 0.5, long * 0.26, co, si, -0.85, 0.15))
    return out
