"""Soft tissue of a limb: skin mixed from a few shapes by age, sex and body mass, and the muscle under its fat.

The shapes are MakeHuman's, laid over the bones of an atlas (atlas/flesh.py); all share their triangles. Skin and muscle
bend with joints by turning each point by its share of the angle, so that nothing collapses in a crease.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import radians, tan

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone_mesh import F32, I32, UNITS_PER_MM
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Person, Surface, Vec3

F64 = npt.NDArray[np.float64]

FAT, MUSCLE = 0.93, 1.05
"""Attenuation beside water at about 50 keV: adipose tissue and skeletal muscle of ICRU 44, coefficients of NIST XCOM,
rounded by us."""

Table = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Skin:
    """A limb's skin in the atlas' pose, mm."""

    vertices: F32
    """(n, 3): a man of average build."""
    triangles: I32
    shapes: Mapping[str, F32]
    """Differences of other shapes to it: woman, thin, stout, old, child, baby."""
    follows: Mapping[str, F32]
    """(n,) by joint: how much of the joint's turn each vertex makes, 0 … 1."""
    depth_mm: F32
    """(n,): from the thin shape's skin to the muscle."""


@cache
def load(atlas: str) -> Skin:
    """Return the skin in anatomy/atlas/ATLAS.npz."""
    with (
        (files("fhir2dicom.anatomy") / "atlas" / f"{atlas}.npz").open("rb") as file,
        np.load(file) as data,
    ):
        names = data.files
        unit = np.float32(UNITS_PER_MM)
        return Skin(
            data["skin.v"].astype(np.float32) / unit,
            data["skin.t"].astype(np.int32),
            {n[7:]: data[n].astype(np.float32) / unit for n in names if n.startswith("skin.d.")},
            {n[7:]: data[n].astype(np.float32) / np.float32(255) for n in names if n.startswith("skin.f.")},
            data["skin.n"].astype(np.float32) / np.float32(8),
        )


_BABY: Table = ((0.0, 1.0), (1.0, 0.92), (3.0, 0.45), (6.0, 0.1), (8.0, 0.0))
_CHILD: Table = ((0.0, 0.0), (1.0, 0.08), (3.0, 0.55), (6.0, 0.9), (9.0, 1.0), (12.0, 0.7), (17.0, 0.0))
_OLD: Table = ((50.0, 0.0), (70.0, 0.5), (85.0, 0.85), (100.0, 1.0))
_USUAL_BMI: Table = (
    (0.0, 15.5),
    (1.0, 17.0),
    (3.0, 15.8),
    (6.0, 15.3),
    (10.0, 16.8),
    (14.0, 19.5),
    (18.0, 22.0),
    (25.0, 23.0),
)
"""The body mass index of a lean to average person of that age; children's: CDC growth charts 2000, medians rounded."""


def mixture(person: Person, *, lean: bool = False) -> dict[str, float]:
    """Return how much of each shape's difference a person's skin has; ``lean``: without any fat of choice."""
    age = person.age_years
    baby, child = between(_BABY, age), between(_CHILD, age)
    grown = max(0.0, 1 - baby - child)
    female = {"F": 1.0, "M": 0.0}.get(person.sex, 0.5)
    over = person.bmi / between(_USUAL_BMI, age) - 1
    mix = {"baby": baby, "child": child, "old": grown * between(_OLD, age), "woman": female * grown}
    mix["thin"] = 1.0 if lean else min(max(-over / 0.28, 0.0), 1.0)
    mix["stout"] = 0.0 if lean else min(max(over / 0.6, 0.0), 1.5)
    return mix


def skin(atlas: Skin, person: Person) -> F32:
    """Return the vertices of a person's skin in the atlas' pose and size, (n, 3) mm."""
    return _mixed(atlas, mixture(person))


def muscle(atlas: Skin, person: Person) -> F32:
    """Return the vertices of what lies under the fat: a lean person's skin, drawn in; never nearer the skin than it may."""
    outer = _mixed(atlas, mixture(person, lean=True))
    mix = mixture(person)
    young = mix["baby"] + 0.45 * mix["child"] + 0.25 * mix["woman"]
    depth = atlas.depth_mm * np.float32(1.0 + 0.9 * young)
    inward = normals(outer, atlas.triangles)
    return (outer - inward * depth[:, None]).astype(np.float32)


def _mixed(atlas: Skin, mix: Mapping[str, float]) -> F32:
    out = atlas.vertices.copy()
    for name in sorted(mix):
        if mix[name]:
            out += atlas.shapes[name] * np.float32(mix[name])
    return out


def normals(vertices: F32, triangles: I32) -> F32:
    """Return outward unit normals at vertices: the sum of the area vectors of the triangles around."""
    total = _areas(vertices, triangles)
    length = np.sqrt(total[:, 0] ** 2 + total[:, 1] ** 2 + total[:, 2] ** 2)
    return np.asarray(total / np.maximum(length, 1e-9)[:, None], np.float32)


@nb.njit(cache=True)
def _areas(vertices: F32, triangles: I32) -> F64:
    """Return twice the sum of the area vectors of the triangles around each corner, (n, 3)."""
    area, total = np.empty(triangles.shape), np.zeros(vertices.shape)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = np.float64(vertices[a, 0]), np.float64(vertices[a, 1]), np.float64(vertices[a, 2])
        ex, ey, ez = vertices[b, 0] - ax, vertices[b, 1] - ay, vertices[b, 2] - az
        fx, fy, fz = vertices[c, 0] - ax, vertices[c, 1] - ay, vertices[c, 2] - az
        area[t, 0], area[t, 1], area[t, 2] = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
    for k in range(3):
        for t in range(len(triangles)):
            for i in range(3):
                total[triangles[t, k], i] += area[t, i]
    return total


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn about a joint's axis in the atlas' pose; those of one limb are made from the far end to the near one."""

    joint: str
    at: Vec3
    axis: Vec3
    degrees: float


def bent(points: F32, turns: Iterable[Turn], follows: Mapping[str, npt.NDArray[np.float32] | float]) -> F32:
    """Return points after the turns; each makes the share of a turn that ``follows`` says (a number: all alike).

    A point's angle is 2 · atan(share · tan(angle / 2)): Rodrigues' formula with the half-angle's tangent needs no
    sine, and is the same on every machine. |angle| < 180.
    """
    p = points.astype(np.float64)
    for turn in turns:
        share = np.asarray(follows.get(turn.joint, 0.0), np.float64)
        if turn.degrees and share.any():
            t = share * round(tan(radians(turn.degrees) / 2), 12)
            p = _half_tangent(p, np.broadcast_to(t, (len(p),)), turn.at, turn.axis)
    return p.astype(np.float32)


def _half_tangent(
    p: npt.NDArray[np.float64], t: npt.NDArray[np.float64], at: Vec3, axis: Vec3
) -> npt.NDArray[np.float64]:
    """Return p turned about an axis: p + 2 (t u × d + t² u × (u × d)) / (1 + t²), with d = p − at."""
    size = (axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2) ** 0.5
    u = (axis[0] / size, axis[1] / size, axis[2] / size)
    return _rotated(p, t, at, u)


@nb.njit(cache=True)
def _rotated(p: F64, t: F64, at: Vec3, u: Vec3) -> F64:
    out = np.empty_like(p)
    for n in range(len(p)):
        x, y, z = p[n, 0] - at[0], p[n, 1] - at[1], p[n, 2] - at[2]
        cx, cy, cz = u[1] * z - u[2] * y, u[2] * x - u[0] * z, u[0] * y - u[1] * x
        ex, ey, ez = u[1] * cz - u[2] * cy, u[2] * cx - u[0] * cz, u[0] * cy - u[1] * cx
        s = t[n]
        k = 2 / (1 + s * s)
        out[n, 0] = p[n, 0] + k * (s * cx + s * s * ex)
        out[n, 1] = p[n, 1] + k * (s * cy + s * s * ey)
        out[n, 2] = p[n, 2] + k * (s * cz + s * s * ez)
    return out


def surfaces(skin_vertices: F32, muscle_vertices: F32, triangles: I32) -> dict[str, Surface]:
    """Return skin and muscle of a limb for a scene: ``skin`` holds fat, ``lean`` in it muscle. Nested, closed."""
    return {
        "skin": Surface(skin_vertices, triangles, FAT, "coarse"),
        "lean": Surface(muscle_vertices, triangles, MUSCLE - FAT, "coarse"),
    }
