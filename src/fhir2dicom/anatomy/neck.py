"""The neck's bones: seven vertebrae and the hyoid, hung from the head, small as a child's neck is."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from fhir2dicom.anatomy import bone
from fhir2dicom.anatomy.bone import F32, Bone, cut, joined, load, thinned
from fhir2dicom.anatomy.skull_frame import NECK_DEG, Frame, neck_point
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Person, Surface, Vec3

VERTEBRAE = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
_FLESH = 1.05
_SPONGY = 0.88
"""How much less the marrow of cervical bodies differs from cortex than a lumbar one's: they are the densest of the spine
(CT numbers about 300 against 150 HU; Yoganandan et al., Bone 39:413, 2006)."""
_CORTEX = ((0.0, 0.6), (18.0, 1.0), (50.0, 1.0), (90.0, 0.6))
"""Thickness of the cortex by age, of the adult's (ours)."""

_GROWN_UP = 14.0
_FRONT = ((0.0, 0.45), (3.0, 0.55), (7.0, 0.7), (11.0, 0.86), (_GROWN_UP, 1.0))
"""How high a body's upper half is in front, of the adult's, by age: wedges until about ten, then boxes (ours, after
Swischuk, Imaging of the Cervical Spine in Children, 2002)."""
_DENS_GAP_MM = ((0.0, 1.8), (3.0, 1.1), (6.0, 0.5), (8.0, 0.0))
"""Cartilage between the dens and its body, which close from three to six, by age (ours, after the same)."""
_LEAST_GAP_MM = 0.3
_BODIES = {
    "C3": (-7.0, -46.5, 0.0, 8.2),
    "C4": (-7.5, -65.5, -3.0, 8.4),
    "C5": (-6.4, -84.5, -7.0, 8.6),
    "C6": (-3.4, -103.5, -12.0, 9.0),
    "C7": (1.8, -122.5, -18.0, 9.2),
}
"""Middle of a body (back and up from the condyles), lean in degrees, half its depth, mm: as atlas/build_neck.py has them."""
_DENS: Vec3 = neck_point(-6.4, -22.5)
_UP: Vec3 = (0.0, -0.156434, 0.987688)
"""Where the dens stands on its body, and which way, atlas mm."""


def bones(person: Person, frame: Frame) -> tuple[Bone, ...]:
    """Return the bones of the neck in the patient, mm."""
    whole = _column() if person.age_years >= _GROWN_UP else _young(round(person.age_years, 1))
    both = frame.place(np.concatenate([whole.vertices, whole.inner]), 1.0)
    n = len(whole.vertices)
    placed = Bone("neck", both[:n], both[n:], whole.triangles)
    return (thinned(placed, between(_CORTEX, person.age_years)),)


@cache
def _column() -> Bone:
    """Return all bones of the neck as one, atlas mm."""
    stored = load("skull")
    return joined(stored[name] for name in (*VERTEBRAE, "hyoid"))


@lru_cache(maxsize=4)
def _young(age: float) -> Bone:
    """Return the bones of a child's neck, atlas mm: bodies wedged and low in front, the dens apart from its body."""
    stored = load("skull")
    parts = [_wedged(stored[name], _BODIES[name], between(_FRONT, age)) for name in VERTEBRAE[2:]]
    gap = between(_DENS_GAP_MM, age)
    axis: tuple[Bone, ...] = (stored["C2"],)
    if gap > _LEAST_GAP_MM:
        low, high = (tuple(v - u * s * gap / 2 for u, v in zip(_UP, _DENS, strict=True)) for s in (1.0, -1.0))
        axis = (cut(stored["C2"], _vec(low), _UP)[0], cut(stored["C2"], _vec(high), _UP)[1])
    return joined((stored["C1"], *axis, *parts, stored["hyoid"]))


def _wedged(whole: Bone, row: tuple[float, float, float, float], front: float) -> Bone:
    """Return a vertebra whose body's upper edge is as low in front as ``front`` says, its corners rounded."""
    y0, z0, lean, depth = row
    a = math.radians(lean - NECK_DEG)
    c, s = round(math.cos(a), 9), round(math.sin(a), 9)
    middle = neck_point(y0, z0)

    def lowered(points: F32) -> F32:
        p = points.astype(np.float64)
        y, z = p[:, 1] - middle[1], p[:, 2] - middle[2]
        back, up = c * y - s * z, c * z + s * y
        share = np.clip((depth - back) / (2 * depth), 0, 1)
        down = np.where(up > 0, up * (1 - front) * share, up * (1 - front) * 0.25 * share)
        p[:, 1] -= s * down
        p[:, 2] -= c * down
        return p.astype(np.float32)

    return whole.each(lowered)


def _vec(p: tuple[float, ...]) -> Vec3:
    x, y, z = p
    return x, y, z


def surfaces(person: Person, frame: Frame) -> dict[str, Surface]:
    """Return the bones of the neck."""
    both = bone.surfaces(bones(person, frame), person, _FLESH)
    dense = replace(both["marrow"], weight=both["marrow"].weight * _SPONGY)
    return {"bone_neck": both["bone"], "marrow_neck": dense}
