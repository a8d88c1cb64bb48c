"""Fat pads, tendons and fluid about the joints of a leg: what outlines a knee or an ankle on a film beside bone.

Shapes and sizes are ours, after films: each is a closed solid swept along a line, with half widths across and forward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.flesh import FAT, MUSCLE, normals
from fhir2dicom.anatomy.leg import Leg, with_soft
from fhir2dicom.anatomy.leg_parts import vec
from fhir2dicom.model import Edit, Person, Surface, Vec3

F64 = npt.NDArray[np.float64]
_AROUND = 18
TENDON = 1.09
"""Attenuation beside water of a tendon (ours: collagen is a little denser than muscle)."""
FLUID = 1.09
"""The same of fluid and blood in a joint (ours: more than is true, for the folds that a recess bulges into are not drawn)."""

_RING = tuple(
    (round(cos(2 * pi * k / _AROUND), 9), round(sin(2 * pi * k / _AROUND), 9)) for k in range(_AROUND)
)

Station = tuple[float, float, float, float, float]
"""x, y, z of the middle, half width across (x) and forward (y), mm."""


def swept(stations: Sequence[Station], weight: float) -> Surface:
    """Return a closed solid through flat rings at stations from top to bottom, each an ellipse in its level."""
    rows = np.array(stations, np.float64)
    n = len(rows)
    ring = np.array(_RING)
    v = np.empty((n * _AROUND + 2, 3))
    for k in range(n):
        part = slice(k * _AROUND, (k + 1) * _AROUND)
        v[part, 0] = rows[k, 0] + rows[k, 3] * ring[:, 0]
        v[part, 1] = rows[k, 1] + rows[k, 4] * ring[:, 1]
        v[part, 2] = rows[k, 2]
    v[-2], v[-1] = rows[0, :3], rows[-1, :3]
    i = np.arange(_AROUND)
    j = (i + 1) % _AROUND
    faces = [np.stack([np.full(_AROUND, n * _AROUND), i, j], 1)]
    for k in range(n - 1):
        a, b = k * _AROUND, (k + 1) * _AROUND
        faces += [np.stack([a + i, b + i, a + j], 1), np.stack([a + j, b + i, b + j], 1)]
    last = (n - 1) * _AROUND
    faces.append(np.stack([np.full(_AROUND, n * _AROUND + 1), last + j, last + i], 1))
    return Surface(v.astype(np.float32), np.concatenate(faces).astype(np.int32), weight, "coarse")


def knee(limb: Leg, person: Person, edits: Sequence[Edit]) -> dict[str, Surface]:
    """Return quadriceps and patellar tendon, Hoffa's fat, the fat about the upper recess, and fluid in it."""
    s = limb.size.width
    patella = (
        np.concatenate([b.vertices for b in limb.bones["patella"]]) if limb.bones.get("patella") else None
    )
    x, y, z = limb.at["knee"]
    front = y - 42 * s if patella is None else float(patella[:, 1].min())
    top = z + 56 * s if patella is None else float(patella[:, 2].max())
    pole = z + 17 * s if patella is None else float(patella[:, 2].min())
    tubercle = z - 48 * s
    fluid = max((e.amount for e in edits if e.kind == "effusion" and e.part == "knee"), default=0.0)
    torn = any(e.kind == "rupture" for e in edits)
    out = {
        "quadriceps": swept(_line((x, front + 7 * s, top + 75 * s), (x, front + 5 * s, top - 4 * s), 20 * s, 3.6 * s), TENDON - MUSCLE),
        "prefemoral fat": swept(_spindle((x, front + 24 * s, top + 44 * s), (x, front + 20 * s, top - 10 * s), 17 * s, 4.0 * s), FAT - MUSCLE),
        "suprapatellar fat": swept(_spindle((x, front + 13 * s, top + 17 * s), (x, front + 11 * s, top - 5 * s), 15 * s, 3.2 * s), FAT - MUSCLE),
        "Hoffa": swept(_hoffa(x, front, pole, tubercle, s), FAT - MUSCLE),
        "popliteal fat": swept(_spindle((x, y + 48 * s, z + 75 * s), (x, y + 44 * s, z - 38 * s), 13 * s, 11 * s), FAT - MUSCLE),
    }  # fmt: skip
    if not torn:
        out["patellar tendon"] = swept(_line((x, front + 4.5 * s, pole + 6 * s), (x, front + 9 * s, tubercle), 12 * s, 2.6 * s), TENDON - MUSCLE)  # fmt: skip
    if fluid:
        thick = (2.0 + 9.0 * fluid) * s
        out["effusion"] = swept(_spindle((x, front + 15 * s, top + (38 + 25 * fluid) * s), (x, front + 14 * s, top - 6 * s), 24 * s, thick), FLUID - FAT)  # fmt: skip
    return out if person.age_years > 2 else {}


def _line(a: Vec3, b: Vec3, wide: float, deep: float) -> list[Station]:
    """Return a strap from a to b that tapers at its ends."""
    shares = (0.0, 0.06, 0.3, 0.6, 0.94, 1.0)
    taper = (0.15, 0.8, 1.0, 1.0, 0.9, 0.2)
    return [_between(a, b, k, wide * t, deep * t) for k, t in zip(shares, taper, strict=True)]


def _spindle(a: Vec3, b: Vec3, wide: float, deep: float) -> list[Station]:
    """Return a body that is thickest in its middle."""
    return [
        _between(a, b, k, wide * t, deep * t)
        for k, t in ((0.0, 0.05), (0.1, 0.4), (0.28, 0.8), (0.5, 1.0), (0.72, 0.85), (0.9, 0.45), (1.0, 0.05))
    ]


def _between(a: Vec3, b: Vec3, share: float, wide: float, deep: float) -> Station:
    x, y, z = (p + (q - p) * share for p, q in zip(a, b, strict=True))
    return x, y, z, wide, deep


def _hoffa(x: float, front: float, pole: float, tubercle: float, s: float) -> list[Station]:
    """Return the fat behind the patellar tendon: a triangle seen from the side, its edge reaching to the joint."""
    out = []
    for share in (0.0, 0.12, 0.3, 0.5, 0.7, 0.88, 1.0):
        level = pole + (tubercle - pole) * share
        tip = 1 - abs(share - 0.42) / 0.58
        back = front + (7 + 21 * max(tip, 0.04)) * s
        near = front + (8 + 4 * share) * s
        out.append(
            (x, (near + back) / 2, level, (6 + 12 * max(tip, 0.05)) * s, max((back - near) / 2, 0.4 * s))
        )
    return out


def ankle(limb: Leg) -> dict[str, Surface]:
    """Return Achilles' tendon, the fat in front of it and in front of the joint."""
    s = limb.size.width
    x, y, z = limb.at["ankle"]
    heel = limb.at["heel"]
    a, b = (x, heel[1] - 2 * s, z + 95 * s), (heel[0], heel[1] + 1 * s, heel[2] + 14 * s)
    return {
        "Achilles": swept(_line(a, b, 7 * s, 2.7 * s), TENDON - MUSCLE),
        "Kager": swept(_spindle((x, y + 34 * s, z + 62 * s), (x, y + 30 * s, z - 16 * s), 9 * s, 8.5 * s), FAT - MUSCLE),
        "pretalar fat": swept(_spindle((x, y - 22 * s, z + 22 * s), (x, y - 34 * s, z - 14 * s), 13 * s, 3.2 * s), FAT - MUSCLE),
    }  # fmt: skip


def swollen(
    limb: Leg, place: Vec3, reach_mm: float, amount_mm: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return skin and muscle pushed out round a place: ``amount_mm`` at it, none ``reach_mm`` away."""

    def pushed(points: npt.NDArray[np.float32], share: float) -> npt.NDArray[np.float32]:
        d = points.astype(np.float64) - np.array(place)
        far = np.sqrt(d[:, 0] ** 2 + d[:, 1] ** 2 + d[:, 2] ** 2)
        near = np.maximum(0.0, 1 - far / reach_mm)
        push = near * near * (3 - 2 * near) * amount_mm * share / np.maximum(far, 1.0)
        d[:, 2] *= 0.15
        return np.asarray(points + d * push[:, None], np.float32)

    return pushed(limb.skin, 1.0), pushed(limb.muscle, 0.85)


def covered(limb: Leg, push_mm: float = 9.0) -> Leg:
    """Return a leg with skin over the patella, which a bent knee's skin, blended between the bones, cuts into."""
    parts = limb.bones.get("patella", ())
    if not parts:
        return limb
    wide = limb.size.width
    middle = np.round(parts[0].vertices.astype(np.float64).mean(axis=0), 3)
    skin, muscle = swollen(limb, vec(middle), 62.0 * wide, push_mm * wide)
    return with_soft(limb, {}, skin, muscle)


PLACES: Mapping[str, tuple[str, Vec3, float, float]] = {
    # break, or fluid: the landmark, how far from it, reach, how much it swells at the worst, mm
    "ankle": ("ankle", (-36.0, 8.0, -8.0), 72.0, 20.0),
    "knee": ("knee", (0.0, -30.0, 66.0), 75.0, 12.0),
    "patella": ("knee", (0.0, -40.0, 30.0), 60.0, 10.0),
    "foot": ("mtp5", (18.0, 50.0, 0.0), 45.0, 8.0),
    "toe": ("mtp5", (-8.0, -20.0, 0.0), 30.0, 4.0),
    "femur": ("knee", (-20.0, 0.0, 205.0), 190.0, 16.0),
    "tibia": ("ankle", (0.0, 0.0, 130.0), 120.0, 9.0),
    "calcaneus": ("heel", (0.0, -20.0, 0.0), 50.0, 7.0),
}
"""Where flesh swells over a break (ours)."""


def swelling(limb: Leg, edits: Sequence[Edit]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return skin and muscle of a leg with what its breaks make of them: blood and water, under the skin most."""
    skin, muscle = limb.skin, limb.muscle
    rows = [e for e in edits if e.kind in ("fracture", "effusion") and e.part in PLACES]
    if not rows:
        return skin, muscle
    outwards = normals(limb.skin, limb.triangles)
    for edit in rows:
        name, off, reach, most = PLACES[edit.part]
        s = limb.size.width
        place = np.array(limb.at[name]) + np.array(off) * s
        d = (limb.skin - place) / (reach * s)
        near = np.maximum(0.0, 1 - np.sqrt((d[:, 0] ** 2 + d[:, 1] ** 2) + d[:, 2] ** 2))
        push = (near * near * (3 - 2 * near) * (most * s * (0.35 + 0.65 * edit.amount)))[:, None]
        moved = (outwards * push).astype(np.float32)
        skin, muscle = skin + moved, muscle + moved * np.float32(0.85)
    return skin, muscle
