"""Gas and stool in stomach and bowel: what shows them on a film of the belly, and differs from day to day in nobody here.

The colon runs round the belly along a path with haustra, the small bowel lies within it, the stomach above. Each is a
closed tube of varying width; in somebody upright the gas ends below at a level of fluid. Places, widths and shares are
ours, after films: the colon 5 to 6 cm at most, the small bowel under 3 cm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Surface, Tubes
from fhir2dicom.noise import unit
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
Move = Callable[[F32], F32]

_AROUND = 14
_STEP_MM = 4.0
_HAUSTRUM_MM = 27.0
AWAY = {"erect": (2, 1.0), "left-decubitus": (0, -1.0)}
"""Poses in which gas ends at a level: the axis, and the sign of the direction, that points up from the ground."""

COLON: tuple[tuple[float, float, float, float], ...] = (
    # x, y, z, half width, mm of the atlas: caecum … rectum
    (-96, 148, -82, 22), (-98, 150, -60, 27), (-104, 158, -30, 25), (-108, 166, 5, 24), (-106, 166, 38, 23),
    (-96, 140, 58, 22), (-70, 108, 40, 22), (-30, 92, 16, 22), (15, 88, 8, 21), (58, 98, 34, 21), (88, 132, 78, 20),
    (104, 166, 96, 20), (112, 186, 70, 17), (112, 190, 25, 14), (110, 188, -25, 13), (104, 180, -66, 14),
    (82, 164, -96, 16), (48, 140, -120, 17), (14, 142, -112, 17), (-14, 168, -124, 17), (-4, 205, -138, 16),
    (2, 234, -150, 17), (0, 244, -178, 19), (0, 240, -205, 13),
)  # fmt: skip
#        first, last share of the colon's length   chance of gas   chance of stool
PARTS = (
    (0.00, 0.12, 0.55, 0.9),
    (0.12, 0.24, 0.45, 0.8),
    (0.25, 0.34, 0.65, 0.3),
    (0.35, 0.47, 0.75, 0.15),
    (0.48, 0.56, 0.7, 0.15),
    (0.57, 0.64, 0.75, 0.2),
    (0.65, 0.76, 0.3, 0.5),
    (0.78, 0.86, 0.6, 0.3),
    (0.87, 0.93, 0.5, 0.3),
    (0.94, 0.995, 0.75, 0.3),
)


@dataclass(frozen=True, eq=False, slots=True)
class Bowel:
    """Gas as surfaces and the bubbles of stool as tubes, patient mm."""

    surfaces: dict[str, Surface]
    tubes: dict[str, Tubes]


def bowel(seed: Seed, to_patient: Move, pose: str, weight: float) -> Bowel:
    """Return the gas of a belly; ``weight`` is that of gas less flesh."""
    line = _spline(_own(COLON, seed.child("colon"), (8.0, 4.0, 9.0)))
    parts: list[tuple[F64, float, bool]] = []
    bubbles: list[F64] = []
    for k, (a, b, gas, stool) in enumerate(PARTS):
        draw = seed.child("part", k)
        piece = line[int(a * len(line)) : int(b * len(line))]
        if draw.child("gas").uniform() < gas:
            cut = int(draw.child("short").uniform(0.0, 0.3) * len(piece))
            parts.append((piece[cut // 2 : len(piece) - (cut + 1) // 2], 1.0, True))
        elif draw.child("stool").uniform() < stool:
            bubbles.append(piece)
    parts += [(piece, 1.0, False) for piece in _small(seed.child("small"))]
    parts.append((_spline(_own(_STOMACH, seed.child("stomach"), (6.0, 4.0, 6.0))), 1.0, False))
    surfaces = {}
    for k, (piece, wide, haustra) in enumerate(parts):
        if len(piece) < 5:
            continue
        v, t = _tube(piece, wide, seed.child("haustra", k) if haustra else None)
        room = _levelled(to_patient(v.astype(np.float32)), pose, seed.child("level", k))
        surfaces[f"bowel_gas_{k}"] = Surface(room, t, weight)
    return Bowel(surfaces, {"stool": _stool(bubbles, seed.child("stool").key(), to_patient, weight)})


_STOMACH = ((66, 158, 104, 20), (58, 140, 84, 22), (44, 112, 62, 17), (22, 98, 46, 13), (2, 98, 42, 9))


def _own(
    path: tuple[tuple[float, float, float, float], ...], seed: Seed, sd: tuple[float, float, float]
) -> F64:
    """Return a patient's own path: points moved, widths changed, each by chance."""
    out = np.array(path, np.float64)
    wide = 1 + seed.child("wide").normal(0.0, 0.12, 2.0)
    sag = seed.child("sag").normal(0.0, 14.0, 2.0)
    for k in range(len(out)):
        for c in range(3):
            out[k, c] += seed.child(k, c).normal(0.0, sd[c], 2.0)
        out[k, 3] *= wide * (1 + seed.child(k, "r").normal(0.0, 0.12, 2.0))
        if path is COLON:
            out[k, 2] += sag * max(0.0, 1 - abs(out[k, 0]) / 90) * (out[k, 1] < 130)
    return out


def _small(seed: Seed) -> list[F64]:
    """Return short loops of small bowel that hold gas, few in most."""
    loops = []
    for k in range(2 + seed.child("count").integer(5)):
        draw = seed.child(k)
        x, y, z = (
            draw.child("x").uniform(-62, 62),
            draw.child("y").uniform(95, 130),
            draw.child("z").uniform(-110, 5),
        )
        turn = [draw.child("turn", c).uniform(-1, 1) for c in range(4)]
        size = draw.child("r").uniform(7.0, 11.5)
        half = draw.child("half").uniform(14, 30)
        points = [
            (
                x + half * s * turn[0] + 14 * s * s * turn[1],
                y + 6 * s,
                z + half * s * turn[2] + 14 * s * s * turn[3],
                size,
            )
            for s in (-1.0, -0.5, 0.0, 0.5, 1.0)
        ]
        loops.append(_spline(np.array(points)))
    return loops


@nb.njit(cache=True)
def _spline(p: F64) -> F64:
    """Return a Catmull-Rom line through points (n, 4), about 4 mm between its stations."""
    count = len(p)
    total = 1
    for k in range(count - 1):
        total += _steps(p[k], p[k + 1])
    out = np.empty((total, 4))
    n = 0
    for k in range(count - 1):
        steps = _steps(p[k], p[k + 1])
        for i in range(steps):
            u = i / steps
            for c in range(4):
                b, d = p[k, c], p[k + 1, c]
                a = p[k - 1, c] if k > 0 else 2 * b - d
                e = p[k + 2, c] if k + 2 < count else 2 * d - b
                out[n, c] = 0.5 * (
                    2 * b
                    + (d - a) * u
                    + (2 * a - 5 * b + 4 * d - e) * u * u
                    + (3 * b - a - 3 * d + e) * u * u * u
                )
            n += 1
    out[n] = p[count - 1]
    return out


@nb.njit(cache=True)
def _steps(a: F64, b: F64) -> int:
    """Return how many stations a piece of the line has."""
    x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    return max(2, int(np.sqrt(x * x + y * y + z * z) / _STEP_MM))


_CIRCLE = np.array([
    (round(cos(radians(360 * k / _AROUND)), 9), round(sin(radians(360 * k / _AROUND)), 9)) for k in range(_AROUND)
])  # fmt: skip


def _unit(v: F64) -> F64:
    return np.asarray(v / np.sqrt((v * v).sum(-1, keepdims=True) + 1e-9))


def _tube(line: F64, wide: float, haustra: Seed | None) -> tuple[F64, I32]:
    """Return a closed tube round a line (n, 4): with haustra, folds that reach in from alternate sides."""
    n = len(line)
    middle = line[:, :3]
    tangent = _unit(
        np.concatenate([middle[1:2] - middle[:1], middle[2:] - middle[:-2], middle[-1:] - middle[-2:-1]])
    )
    side = np.empty((n, 3))
    last = np.array((0.3, 1.0, 0.2))
    for k in range(n):
        last = last - tangent[k] * float((last * tangent[k]).sum())
        last = _unit(last)
        side[k] = last
    other = np.cross(tangent, side)
    end = np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.35
    radius = line[:, 3] * wide * np.sqrt(np.clip(end / 3.5, 0, 1))
    shape = np.ones((n, _AROUND))
    if haustra is not None:
        shape = _haustra(n, haustra)
    ring = radius[:, None] * shape
    v = middle[:, None] + ring[..., None] * (
        side[:, None] * _CIRCLE[None, :, :1] + other[:, None] * _CIRCLE[None, :, 1:]
    )
    v = np.concatenate([v.reshape(-1, 3), middle[:1], middle[-1:]])
    return v, _faces(n)


def _haustra(n: int, seed: Seed) -> F64:
    """Return how wide the colon is at each station and angle: incisions every few centimetres, deep on one side."""
    folds: list[tuple[float, float, float]] = []
    at, k = seed.child("first").uniform(0, _HAUSTRUM_MM), 0
    while at < n * _STEP_MM:
        face = seed.child("face", k).integer(_AROUND)
        folds.append((at, float(face), seed.child("deep", k).uniform(0.22, 0.48)))
        at += _HAUSTRUM_MM * seed.child("next", k).uniform(0.7, 1.35)
        k += 1
    return _folded(n, np.array(folds or [(-100.0, 0.0, 0.0)]), _CIRCLE)


@nb.njit(cache=True)
def _folded(n: int, folds: F64, circle: F64) -> F64:
    """Return widths (n, around) with folds (place along in mm, middle of its face, depth) in them."""
    around = len(circle)
    shape = np.ones((n, around))
    for m in range(len(folds)):
        at, face, deep = folds[m, 0], int(folds[m, 1]), folds[m, 2]
        for i in range(n):
            near = max(0.0, 1 - abs(i * _STEP_MM - at) / 7.5)
            if near > 0:
                for j in range(around):
                    c = circle[(j - face + around) % around, 0]
                    shape[i, j] -= (
                        deep * near * near * (3 - 2 * near) * (0.45 + (0.55 if c > 0 else 0.25) * c)
                    )
    for i in range(n):
        for j in range(around):
            shape[i, j] = max(shape[i, j], 0.3)
    return shape


def _faces(n: int) -> I32:
    """Return the triangles of a closed tube of n rings; its ends are the last two corners."""
    m = _AROUND
    i, j = np.arange(n - 1)[:, None] * m, np.arange(m)[None, :]
    p, r = (i + j).ravel(), (i + (j + 1) % m).ravel()
    k = np.arange(m)
    first = np.stack([(k + 1) % m, k, np.full(m, n * m)], 1)
    last = np.stack([(n - 1) * m + k, (n - 1) * m + (k + 1) % m, np.full(m, n * m + 1)], 1)
    t = np.concatenate([np.stack([p, r, p + m], 1), np.stack([r, r + m, p + m], 1), first, last])
    return np.asarray(t, np.int32)


def _levelled(v: F32, pose: str, seed: Seed) -> F32:
    """Return the gas over a level of fluid, where the pose makes one; about half the room is gas."""
    if pose not in AWAY:
        return v
    axis, sign = AWAY[pose]
    up = v[:, axis].astype(np.float64) * sign
    level = up.min() + (up.max() - up.min()) * seed.uniform(0.35, 0.7)
    out = v.copy()
    out[:, axis] = (np.maximum(up, level) * sign).astype(np.float32)
    return out


def _stool(pieces: list[F64], key: int, to_patient: Move, weight: float) -> Tubes:
    """Return the bubbles in stool: short tubes of gas, some hundred to a hand's breadth of bowel."""
    table = np.concatenate([_bubbles(piece, key + m) for m, piece in enumerate(pieces)] or [_NOTHING])
    ends = to_patient(np.concatenate([table[:, :3], table[:, 3:6]]).astype(np.float32))
    radius = table[:, 6].astype(np.float32)
    return Tubes(ends[: len(table)].copy(), ends[len(table) :].copy(), radius, radius, 0.8 * weight)


_NOTHING = np.array([(0.0, 150.0, 0.0, 0.0, 150.0, 1.0, 0.01)])
"""A tube that nobody sees: ends and radius, mm."""


@nb.njit(cache=True)
def _bubbles(piece: F64, key: int) -> F64:
    """Return tubes (n, 7) about a piece of bowel (stations, 4): both ends and the radius, atlas mm."""
    out = np.zeros((12 * len(piece) + 1, 7))
    out[0, 1], out[0, 4], out[0, 5], out[0, 6] = 150.0, 150.0, 1.0, 0.01
    n = 1
    d = np.empty(6)
    for k in range(12 * len(piece)):
        for c in range(6):
            d[c] = 2 * unit(key, 7 * k + c) - 1
        if d[1] * d[1] + d[2] * d[2] + d[3] * d[3] < 1:
            station = piece[int((d[0] * 0.5 + 0.5) * (len(piece) - 1))]
            half = d[4] * 0.5 + 0.5
            size = 0.7 + 2.0 * half * half * half
            for c in range(3):
                out[n, c] = station[c] + d[1 + c] * station[3] * 0.92
            out[n, 3] = out[n, 0] + d[5] * size
            out[n, 4] = out[n, 1] + d[4] * size
            out[n, 5] = out[n, 2] + d[0] * size
            out[n, 6] = size
            n += 1
    return out[:n]
