"""Shapes that devices are made of: bent wires, rings, lattices, cans. Patient mm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Tubes, Vec3

F64 = npt.NDArray[np.float64]
F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Wire:
    """A round wire along a line of points (n, 3)."""

    line: F64
    radius_mm: float
    weight: float


def tubes(wires: Iterable[Wire]) -> dict[str, Tubes]:
    """Return wires as tubes, those of one weight together."""
    by_weight: dict[float, list[Wire]] = {}
    for wire in wires:
        by_weight.setdefault(wire.weight, []).append(wire)
    out = {}
    for weight, some in sorted(by_weight.items()):
        radius = np.concatenate([np.full(len(w.line) - 1, w.radius_mm, np.float32) for w in some])
        start, end = (
            np.concatenate([w.line[k : len(w.line) - 1 + k] for w in some]).astype(np.float32) for k in (0, 1)
        )
        out[f"device_{weight:g}"] = Tubes(start, end, radius, radius, weight)
    return out


def spline(points: F64, steps: int) -> F64:
    """Return a Catmull-Rom line through points (n, 3), so many steps from one to the next."""
    p = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    rows = []
    for k in range(1, len(p) - 2):
        a, b, c, d = p[k - 1], p[k], p[k + 1], p[k + 2]
        for i in range(steps):
            u = i / steps
            rows.append(
                0.5
                * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u * u + (3 * b - a - 3 * c + d) * u**3)
            )
    return np.array([*rows, points[-1]])


def _unit(degrees: float) -> tuple[float, float]:
    return round(cos(radians(degrees)), 9), round(sin(radians(degrees)), 9)


def across(axis: Vec3) -> tuple[F64, F64]:
    """Return two unit vectors across an axis and each other."""
    n = np.array(axis, np.float64)
    n /= float((n * n).sum()) ** 0.5
    first = np.array((1.0, 0.0, 0.0)) if abs(float(n[0])) < 0.8 else np.array((0.0, 1.0, 0.0))
    u = first - n * float((first * n).sum())
    u /= float((u * u).sum()) ** 0.5
    v = np.cross(n, u)
    return u, np.asarray(v, np.float64)


def ring(half_wide_mm: float, half_deep_mm: float, axis: Vec3, corners: int = 24) -> F64:
    """Return a closed ellipse about the origin, across an axis: (corners + 1, 3)."""
    u, v = across(axis)
    at = [_unit(360.0 * (k % corners) / corners) for k in range(corners + 1)]
    return np.array([half_wide_mm * c * u + half_deep_mm * s * v for c, s in at])


def lattice(radius_mm: float, length_mm: float, cells: int, rows: int, waist: float, axis: Vec3) -> list[F64]:
    """Return the struts of a round stent about the origin as lines: zigzag rows; ``waist`` narrows its middle."""
    u, v = across(axis)
    n = np.array(axis, np.float64)
    n /= float((n * n).sum()) ** 0.5
    lines = []
    for row in range(rows):
        low, high = (length_mm * ((row + k) / rows - 0.5) for k in (0, 1))
        points = []
        for k in range(2 * cells + 1):
            c, s = _unit(360.0 * ((k + row) % (2 * cells)) / (2 * cells))
            z = low if k % 2 else high
            r = radius_mm * (1 - waist * (1 - (2 * z / length_mm) ** 2))
            points.append(r * c * u + r * s * v + z * n)
        lines.append(np.array(points))
    return lines


_RINGS, _AROUND = 10, 28


@cache
def _ball() -> tuple[F64, I32]:
    """Return a unit ball: rings from pole to pole along y."""
    v = [(0.0, -1.0, 0.0)]
    for r in range(1, _RINGS):
        c, s = _unit(180.0 * r / _RINGS)
        v += [(s * a, -c, s * b) for a, b in (_unit(360.0 * k / _AROUND) for k in range(_AROUND))]
    v.append((0.0, 1.0, 0.0))
    t = []
    last = 1 + (_RINGS - 1) * _AROUND
    for k in range(_AROUND):
        n = (k + 1) % _AROUND
        t += [(0, 1 + k, 1 + n), (last, last - _AROUND + n, last - _AROUND + k)]
        for r in range(_RINGS - 2):
            a, b = 1 + r * _AROUND + k, 1 + r * _AROUND + n
            t += [(a, a + _AROUND, b), (b, a + _AROUND, b + _AROUND)]
    return np.array(v), np.array(t, np.int32)


def pillow(at: F64, half: Vec3) -> tuple[F32, I32]:
    """Return a flat rounded box about a point: half its sizes across, front to back and up."""
    v, t = _ball()
    square = np.sign(v) * np.sqrt(np.abs(v))
    square[:, 1] = np.sign(v[:, 1]) * np.minimum(1.0, 1.6 * np.sqrt(np.abs(v[:, 1])))
    out = (square * np.array(half) + at).astype(np.float32)
    a, b, c = (out[t[:, k]].astype(np.float64) for k in range(3))
    turned = float((a * np.cross(b, c)).sum()) < 0
    return out, np.ascontiguousarray(t[:, ::-1]) if turned else t
