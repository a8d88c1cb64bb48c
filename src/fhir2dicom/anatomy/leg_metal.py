"""Artificial hips and knees: metal and polyethylene in place of what was cut away. Sizes are ours, after common implants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone import Bone, cut, volume_mm3
from fhir2dicom.anatomy.flesh import MUSCLE
from fhir2dicom.anatomy.leg import Leg
from fhir2dicom.anatomy.leg_soft import swept
from fhir2dicom.model import Edit, Surface, Vec3

F64 = npt.NDArray[np.float64]
COBALT, TITANIUM = 26.0, 9.5
"""Attenuation beside water at 65 keV of cobalt chrome (8.3 g/cm³) and titanium (4.5 g/cm³); NIST XCOM, rounded."""
_BONE = 1.7


def fitted(limb: Leg, edits: Sequence[Edit]) -> Leg:
    """Return a leg with the artificial joints among the edits: ``prosthesis`` of ``hip`` or ``knee``."""
    parts = {e.part for e in edits if e.kind == "prosthesis"}
    if "hip" in parts and "femur" in limb.bones:
        limb = _hip(limb)
    if "knee" in parts and "tibia" in limb.bones and "femur" in limb.bones:
        limb = _knee(limb)
    return limb


def _kept(bones: Sequence[Bone], at: Vec3, normal: Vec3) -> list[Bone]:
    """Return what lies below a cut."""
    return [b for whole in bones for b in (cut(whole, at, normal)[0],) if len(b.triangles)]


def _hip(limb: Leg) -> Leg:
    """Put in a cementless stem, a head of 32 mm and a cup."""
    s = limb.size.width
    x, y, z = limb.at["hip"]
    neck = (x - 22 * s, y + 3 * s, z - 24 * s)
    femur = _kept(limb.bones["femur"], neck, (0.75, -0.1, 0.66))
    shaft = limb.size.thigh
    stem = [
        (x - 18 * s, y + 3 * s, z - 14 * s, 6 * s, 6 * s),
        (x - 24 * s, y + 4 * s, z - 22 * s, 13 * s, 9 * s),
        (x - 27 * s, y + 4 * s, z - 45 * s, 11 * s, 8 * s),
        (x - 28 * s, y + 2 * s, z - 85 * shaft, 7.5 * s, 6.5 * s),
        (x - 27 * s, y - 1 * s, z - 130 * shaft, 6 * s, 5.5 * s),
        (x - 25.5 * s, y - 3 * s, z - 158 * shaft, 3 * s, 3 * s),
    ]
    metal = dict(limb.metal)
    metal["stem"] = swept(stem, TITANIUM - _BONE)
    metal["neck"] = _rod(
        (x - 20 * s, y + 3 * s, z - 20 * s), (x - 4 * s, y, z - 4 * s), 6.0 * s, TITANIUM - MUSCLE
    )
    metal["head"] = ball((x, y, z), 16.0 * s, COBALT - MUSCLE)
    metal["cup"] = shell((x, y, z), 25.0 * s, 20.5 * s, TITANIUM - MUSCLE)
    return replace(limb, bones={**limb.bones, "femur": femur}, metal=metal)


def _knee(limb: Leg) -> Leg:
    """Put a shield round the condyles and a tray with a keel on the tibia; what was bone there is cut off."""
    s = limb.size.width
    x, y, z = limb.at["knee"]
    level = (x, y, z + 27 * s)
    metal: dict[str, Surface] = dict(limb.metal)
    femur: list[Bone] = []
    for k, b in enumerate(limb.bones["femur"]):
        shaft, condyles = cut(b, level, (0.0, 0.0, -1.0))
        femur += [p for p in (shaft,) if len(p.triangles)]
        if len(condyles.triangles):
            femur.append(condyles.each(lambda v: _within(v, (x, y + 8 * s, z + 27 * s))))
            metal |= {f"shield {k} {n}": m for n, m in _shield(condyles, limb).items()}
    top = z - 10.5 * s
    tibia = _kept(limb.bones["tibia"], (x, y, top), (0.0, 0.0, 1.0))
    plate = ((4.0 * s, 0.98), (3.9 * s, 1.0), (0.1, 1.0), (0.0, 0.98))
    metal["tray"] = swept(
        [(x, y - 1 * s, top + t, 36 * s * w, 25 * s * w) for t, w in plate], COBALT - MUSCLE
    )
    stem = ((0.5, 7.5), (12.0, 7.0), (30.0, 6.0), (36.0, 2.0))
    metal["keel"] = swept([(x, y, top - t * s, w * s, w * s) for t, w in stem], COBALT - _BONE)
    return replace(limb, bones={**limb.bones, "femur": femur, "tibia": tibia}, metal=metal)


_ANGLES = 19
"""Stations of a shield's profile, from its front over its lower side to its back."""
_FACETS = (0, 5, 9, 13, 18)
"""Where its flat inner faces meet: what a saw leaves of the bone has five sides."""


_EDGE = (0.4, 0.75, 1.0)
"""A runner's thickness from its edge inwards, in shares."""


def _shield(condyles: Bone, limb: Leg) -> dict[str, Surface]:
    """Return the metal round both condyles: two runners that follow the bone's outline, and the bridge in front."""
    s, (x, y, z) = limb.size.width, limb.at["knee"]
    rim, bone = _profile(condyles, (y + 8 * s, z + 25 * s), s)
    low, high = float(condyles.vertices[:, 0].min()), float(condyles.vertices[:, 0].max())
    front = 7
    return {
        "outer": _runner(rim, bone, (low + 2 * s, x - 8 * s)),
        "inner": _runner(rim, bone, (x + 8 * s, high - 2 * s)),
        "bridge": _runner(rim[:front], bone[:front], (x - 13 * s, x + 13 * s)),
    }


def _profile(condyles: Bone, middle: tuple[float, float], s: float) -> tuple[F64, F64]:
    """Return outer and inner face of a shield in the plane of y and z, (n, 2) mm, round the middle of the condyles."""
    d = condyles.vertices[:, 1:].astype(np.float64) - np.array(middle)
    way = np.array([_unit(pi * k / (_ANGLES - 1)) for k in range(_ANGLES)]) * (-1.0, -1.0)
    reach = [max(float((d[:, 0] * a + d[:, 1] * b).max()), 8.0) for a, b in way]
    out = np.array([0.5 * (r + _ray(d, w)) for r, w in zip(reach, way, strict=True)])
    outer = way * out[:, None]
    thick = np.interp(np.arange(_ANGLES), (0, 5, 9, 14, 18), (4.0, 7.0, 9.0, 8.0, 7.0)) * s
    inner = way * np.maximum(out - thick, 4.0)[:, None]
    flat = np.stack([np.interp(np.arange(_ANGLES), _FACETS, inner[list(_FACETS), k]) for k in range(2)], 1)
    return outer + np.array(middle), flat + np.array(middle)


def _ray(d: F64, way: F64) -> float:
    """Return how far the farthest point within some degrees of a direction lies, (n, 2) points from the middle."""
    far = np.sqrt(d[:, 0] ** 2 + d[:, 1] ** 2)
    near = (d[:, 0] * way[0] + d[:, 1] * way[1]) > 0.985 * far
    return float(far[near].max()) if near.any() else 20.0


def _runner(rim: F64, bone: F64, between: tuple[float, float]) -> Surface:
    """Return the closed band between two lines of points in y and z, (n, 2) mm, from one x to another, its edges rounded."""
    n = len(rim)
    rings = []
    for x, share in zip(_spaced(between), _EDGE + _EDGE[::-1], strict=True):
        line = np.concatenate([bone + (rim - bone) * share, bone[::-1]])
        rings.append(np.column_stack([np.full(2 * n, x), line]))
    v = np.concatenate(rings).astype(np.float32)
    k, m = np.arange(2 * n), 2 * n
    after = (k + 1) % m
    faces = []
    last = 2 * len(_EDGE) - 1
    for r in range(last):
        a, b = r * m, (r + 1) * m
        faces += [np.stack([a + k, a + after, b + k], 1), np.stack([a + after, b + after, b + k], 1)]
    strip = np.arange(n - 1)
    quad = np.concatenate(
        [
            np.stack([strip, m - 1 - strip, strip + 1], 1),
            np.stack([strip + 1, m - 1 - strip, m - 2 - strip], 1),
        ]
    )
    faces += [quad, quad[:, ::-1] + last * m]
    t = np.concatenate(faces).astype(np.int32)
    return Surface(v, t if volume_mm3(v, t) > 0 else np.ascontiguousarray(t[:, ::-1]), COBALT - MUSCLE)


def _spaced(between: tuple[float, float]) -> tuple[float, ...]:
    """Return places from one x to another: the edges, and where they round."""
    low, high = between
    edge = min(7.0, (high - low) / 3)
    return low, low + 0.3 * edge, low + edge, high - edge, high - 0.3 * edge, high


def _within(v: npt.NDArray[np.float32], centre: Vec3) -> npt.NDArray[np.float32]:
    """Return points drawn in from front, back and below, where the shield lies, and not from the sides."""
    c = np.array(centre)
    return np.asarray(c + (v - c) * np.array((1.0, 0.84, 0.85)), np.float32)


def ball(at: Vec3, radius: float, weight: float, rings: int = 12) -> Surface:
    """Return a closed ball."""
    rows = []
    for k in range(rings):
        c, s = _unit(0.02 + (pi - 0.04) * k / (rings - 1))
        rows.append((at[0], at[1], at[2] + c * radius, s * radius, s * radius))
    return replace(swept(rows, weight), detail="fine")


def shell(at: Vec3, outer: float, inner: float, weight: float) -> Surface:
    """Return half a hollow ball, a cup, open downwards and outwards by 45 degrees."""
    around, n = 24, 9
    up = [0.04 + (pi / 2 - 0.04) * k / (n - 1) for k in range(n)]
    v = [(0.0, 0.0, outer)]
    for radius, order in ((outer, up), (inner, up[::-1])):
        for a in order:
            c, s = _unit(a)
            for k in range(around):
                x, y = _unit(2 * pi * k / around)
                v.append((radius * s * x, radius * s * y, radius * c))
    p = np.array([*v, (0.0, 0.0, inner)])
    c = 0.70710678
    tilted = np.stack([c * p[:, 0] + c * p[:, 2], p[:, 1], -c * p[:, 0] + c * p[:, 2]], 1) + np.array(at)
    return Surface(tilted.astype(np.float32), _lathe(2 * n, around), weight)


def _lathe(rows: int, around: int) -> npt.NDArray[np.int32]:
    """Return the triangles of rings between a first and a last point."""
    faces = []
    last = rows * around + 1
    for k in range(around):
        after = (k + 1) % around
        faces.append((0, 1 + k, 1 + after))
        for r in range(rows - 1):
            a, b = 1 + r * around + k, 1 + r * around + after
            faces += [(a, a + around, b), (b, a + around, b + around)]
        end = 1 + (rows - 1) * around
        faces.append((last, end + after, end + k))
    return np.array(faces, np.int32)


def _unit(angle: float) -> tuple[float, float]:
    """Return cosine and sine, rounded so that all machines agree."""
    return round(cos(angle), 9), round(sin(angle), 9)


def _rod(a: Vec3, b: Vec3, radius: float, weight: float) -> Surface:
    """Return a rod whose rings lie level."""
    rows = []
    for k, w in ((0.0, 0.4), (0.02, 1.0), (0.5, 1.0), (0.98, 1.0), (1.0, 0.4)):
        x, y, z = (q + (p - q) * k for p, q in zip(a, b, strict=True))
        rows.append((x, y, z, radius * w, radius * w))
    return replace(swept(rows, weight), detail="fine")
