"""The patient's own teeth as meshes in the skull: the mouth's places, set along the bite of the head atlas' jaws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import mouth
from fhir2dicom.anatomy.bone import F32, I32, meshes
from fhir2dicom.anatomy.mouth import YOUNGEST_YEARS
from fhir2dicom.anatomy.skull_frame import FACE_DEPTH, Frame
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Grown, Person, Vec3
from fhir2dicom.model.mouth import Mouth, Space, Tooth
from fhir2dicom.seed import Seed

DENTINE, ENAMEL = 2.05, 0.95
"""Attenuation beside water at 65 keV: of dentine less flesh, of enamel less dentine (ICRP densities 2.1 and 2.9)."""

_INCISOR: Vec3 = (0.0, -57.0, -117.5)
"""Where the incisors meet, atlas mm; and the way back and up from there, of the plane of the bite."""
_BACK: Vec3 = (0.0, 0.871, 0.491)
_UP: Vec3 = (0.0, -0.491, 0.871)

_LATE, _HIDDEN = 7, 0.5
"""From which tooth on a germ without a root is too faint to draw; how far erupted a tooth lies in the bone."""

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Crowned:
    """One tooth in the patient: all of it, and its enamel; mm."""

    upper: bool
    at: F32
    """(3,): the middle of its neck."""
    whole: tuple[F32, I32]
    enamel: tuple[F32, I32]
    tip: F32
    """(3,): 10 mm from the neck towards the cusps."""
    tooth: Tooth


def teeth(person: Person, seed: Seed, frame: Frame, grown: Sequence[Grown]) -> tuple[Crowned, ...]:
    """Return the teeth that the patient has on the day, where they stand with the mouth closed."""
    if person.age_years < YOUNGEST_YEARS:
        return ()
    return placed(mouth.build(person, seed, grown).mouth(), person, frame)


def placed(found: Mouth, person: Person, frame: Frame) -> tuple[Crowned, ...]:
    """Return the teeth of a mouth where they stand in the skull."""
    axes, small = _bite(frame), _jaw_size(person, frame)
    return tuple(_placed(t, axes, small) for t in found.teeth if t.root > 0.03 or t.number < _LATE)


def ridges(person: Person, spaces: Sequence[Space], frame: Frame) -> F32:
    """Return where the middle of the necks of lost teeth was, (spaces, 3), mm, with the mouth closed."""
    small = _jaw_size(person, frame)
    at = np.array([s.at for s in spaces], np.float64).reshape(-1, 3)
    at[:, 1] *= 1 - (1 - small) * 0.5
    at[:, 0] *= np.array([-1.0 if s.right else 1.0 for s in spaces])
    return _in(_bite(frame), at)


def _bite(frame: Frame) -> F64:
    """Return (3, 4): the patient's directions of lateral (to the left), back and up, and the incisors' edge."""
    points = [
        _INCISOR,
        *(tuple(o + 20 * d for o, d in zip(_INCISOR, way, strict=True)) for way in (_BACK, _UP)),
    ]
    origin, back, up = frame.place(np.array(points, np.float32)).astype(np.float64)
    b, u = back - origin, up - origin
    b /= (b * b).sum() ** 0.5
    u -= (u * b).sum() * b
    u /= (u * u).sum() ** 0.5
    return np.stack([np.cross(b, u), b, u, origin], axis=1)


@cache
def _solid(name: str) -> tuple[F32, I32]:
    return meshes("skull")[name]


def _jaw_size(person: Person, frame: Frame) -> float:
    """Return the length of the jaw beside a grown person's: germs lie closer in a child's than their arch will be."""
    head = sum(frame.warp.scale) / 3 / 0.92
    return min(head, 1.0) * between(FACE_DEPTH, person.age_years)


def _placed(t: Tooth, axes: F64, small: float) -> Crowned:
    side = -1.0 if t.right else 1.0
    c, s = _cos_sin(t.turn)
    lean = min(max(t.tilt, -0.6), 0.6)
    mesial, cheek = np.array((-c, -s, 0.0)), np.array((s, -c, 0.0))
    cusps = np.array((0.0, 0.0, -1.0 if t.upper else 1.0)) + lean * mesial
    local = np.stack([mesial, cheek, cusps], axis=1)  # columns: x, y, z of the tooth in (lateral, back, up)
    at = np.array(t.at)
    at[1] *= 1 - (1 - small) * (0.9 if t.erupted < _HIDDEN else 0.5)
    local[0] *= side
    at[0] *= side
    flip = float((np.cross(local[:, 0], local[:, 1]) * local[:, 2]).sum()) < 0
    out = [_mesh(f"{t.solid.name}.{part}", t, local, at, axes, flip=flip) for part in "oe"]
    where = _in(axes, np.stack([at, at + 10 * cusps]))
    return Crowned(t.upper, where[0], out[0], out[1], where[1], t)


def _mesh(name: str, t: Tooth, local: F64, at: F64, axes: F64, *, flip: bool) -> tuple[F32, I32]:
    v, triangles = _solid(name)
    across, crown, root = t.scale
    p = v.astype(np.float64)
    z = np.where(p[:, 2] > 0, p[:, 2] * crown, p[:, 2] * root * max(t.root, 0.08))
    p = np.stack([p[:, 0] * across, p[:, 1] * across, z], axis=1)
    q = np.stack(
        [((local[k, 0] * p[:, 0] + local[k, 1] * p[:, 1]) + local[k, 2] * p[:, 2]) + at[k] for k in range(3)],
        axis=1,
    )
    return _in(axes, q), np.ascontiguousarray(triangles[:, ::-1]) if flip else triangles


def _in(axes: F64, q: F64) -> F32:
    """Return points of the mouth in the patient."""
    x, y, z = (q[:, k] for k in range(3))
    return np.stack(
        [((axes[i, 0] * x + axes[i, 1] * y) + axes[i, 2] * z) + axes[i, 3] for i in range(3)], axis=1
    ).astype(np.float32)


def _cos_sin(radians: float) -> tuple[float, float]:
    from math import cos, sin  # noqa: PLC0415

    return round(cos(radians), 9), round(sin(radians), 9)
