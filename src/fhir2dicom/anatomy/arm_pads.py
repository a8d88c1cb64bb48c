"""Fat that films of an arm are read by: the pads of the elbow, and the stripe in front of the radius.

The front pad of a sound elbow lies flat in its fossa and the back one is hidden; blood in the joint lifts both (the sail
sign: Norell, Acta Radiol 42:205, 1954). The stripe on the pronator quadratus bulges over a broken radius (MacEwan, AJR
92:672, 1964). Where they lie in the atlas, and how thick they are, is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin

import numpy as np

from fhir2dicom.anatomy.bone import F32, I32, Bone, joined
from fhir2dicom.anatomy.flesh import FAT, MUSCLE
from fhir2dicom.model import Edit, Surface, Vec3


@dataclass(frozen=True, slots=True)
class _Pad:
    """A lens of fat in muscle, sound and over an injury, in the atlas, mm; no radii: not seen."""

    name: str
    """First word: the bone it goes with."""
    joint: str
    at: Vec3
    radii: Vec3
    hurt_at: Vec3
    hurt_radii: Vec3


_PADS = (
    _Pad("humerus pad front", "elbow", (10, -9.5, -269), (12, 2.6, 9), (10, -11.6, -264), (12, 4.4, 11)),
    _Pad("humerus pad back", "elbow", (10, 12.0, -268), (0, 0, 0), (10, 13.0, -264), (11, 2.8, 11)),
    _Pad("radius pad", "wrist", (-52, -23.0, -508), (13, 0.9, 18), (-52, -26.5, -508), (13, 1.1, 18)),
)
_RINGS, _AROUND = 8, 16


def pads(edits: Sequence[Edit]) -> list[Bone]:
    """Return the pads of an arm with some injuries, in the atlas' pose."""
    hurt = {"elbow": False, "wrist": False}
    for e in edits:
        along = e.numbers.get("along", 0.5)
        hurt["elbow"] |= (e.part == "humerus" and along > 0.85) or (
            e.part in ("radius", "ulna") and along < 0.2
        )
        hurt["wrist"] |= e.part in ("radius", "ulna") and along > 0.8
    found = []
    for pad in _PADS:
        at, radii = (pad.hurt_at, pad.hurt_radii) if hurt[pad.joint] else (pad.at, pad.radii)
        if radii[0]:
            ball, triangles = _ball()
            v = (ball * np.array(radii, np.float32) + np.array(at, np.float32)).astype(np.float32)
            found.append(Bone(pad.name, v, v, triangles))
    return found


@cache
def _ball() -> tuple[F32, I32]:
    """Return a sphere of radius 1."""
    points: list[Vec3] = []
    for ring in range(1, _RINGS):
        up, wide = _cos_sin(180.0 * ring / _RINGS)
        points += [
            (wide * c, wide * s, up) for c, s in (_cos_sin(360.0 * k / _AROUND) for k in range(_AROUND))
        ]
    top, bottom = len(points), len(points) + 1
    triangles = []
    for k in range(_AROUND):
        n = (k + 1) % _AROUND
        triangles += [(top, k, n), (bottom, top - _AROUND + n, top - _AROUND + k)]
        for ring in range(_RINGS - 2):
            a, b = ring * _AROUND + k, ring * _AROUND + n
            triangles += [(a, a + _AROUND, b), (b, a + _AROUND, b + _AROUND)]
    return np.array([*points, (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)], np.float32), np.array(triangles, np.int32)


def _cos_sin(degrees: float) -> tuple[float, float]:
    return round(cos(radians(degrees)), 9), round(sin(radians(degrees)), 9)


def surfaces(found: Sequence[Bone]) -> dict[str, Surface]:
    """Return the pads for a scene."""
    whole = joined(found)
    return {"pads": Surface(whole.vertices, whole.triangles, FAT - MUSCLE, "coarse")}
