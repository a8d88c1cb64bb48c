"""Findings as label edits: lumps of a tissue stamped into an atlas, of exactly the volume that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Shape, Vec3
from fhir2dicom.noise import unit

U8 = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_REACH = 2.0
"""How far a lump may swell, in radii, where it cannot be round."""

_BINS = 2000


def stamped(labels: U8, origin: Vec3, shapes: Sequence[Shape], label: Mapping[str, int]) -> U8:
    """Return labels at 1 mm with the shapes in them; the given array itself when there are none."""
    if not shapes:
        return labels
    out = labels.copy()
    for shape in shapes:
        allowed = np.zeros(256, np.bool_)
        allowed[[label[name] for name in shape.within]] = True
        _stamp(out, np.array(origin), np.array(shape.center_mm), np.array(shape.radii_mm), shape.roughness,
               shape.key, allowed, label[shape.tissue])  # fmt: skip
    return out


@nb.njit(cache=True, inline="always")
def _bump(key: int, x: float, y: float, z: float) -> float:
    """Return smooth noise on the lattice of integers, −1 … 1: trilinear with smoothed steps."""
    i, j, k = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
    u, v, w = x - i, y - j, z - k
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    s = 0.0
    for c in range(2):
        for b in range(2):
            for a in range(2):
                n = ((k + c + 4096) * 8192 + (j + b + 4096)) * 8192 + (i + a + 4096)
                f = (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w)
                s += f * (2 * unit(key, n) - 1)
    return s


@nb.njit(cache=True)
def _inside(x: float, y: float, z: float, radii: F64, roughness: float, key: int) -> float:
    """Tell how deep a point is in a lump: below 1 inside; bumps of two sizes on its surface."""
    u, v, w = x / radii[0], y / radii[1], z / radii[2]
    d = float(np.sqrt(u * u + v * v + w * w))
    if roughness == 0.0 or d < 0.3 or d > 2.0:
        return d
    g = 1.0 / d
    bump = _bump(key, 2.2 * u * g, 2.2 * v * g, 2.2 * w * g) + 0.6 * _bump(
        key + 1, 5 * u * g, 5 * v * g, 5 * w * g
    )
    return d / (1.0 + roughness * bump)


@nb.njit(cache=True)
def _stamp(
    labels: U8, origin: F64, center: F64, radii: F64, roughness: float, key: int, allowed: Flags, value: int
) -> None:
    """Put a lump into labels: as many of the allowed voxels as the ellipsoid has mm³, the innermost first.

    So a lump that lies against a wall swells into the room there is, and its volume stays what was asked for.
    """
    lo, hi = np.empty(3, np.int64), np.empty(3, np.int64)
    for a in range(3):
        lo[a] = max(0, int(np.floor(center[a] - origin[a] - radii[a] * _REACH)))
        hi[a] = min(labels.shape[2 - a] - 1, int(np.ceil(center[a] - origin[a] + radii[a] * _REACH)))
    depth = np.full((hi[2] - lo[2] + 1, hi[1] - lo[1] + 1, hi[0] - lo[0] + 1), 9.0, np.float32)
    count = np.zeros(_BINS, np.int64)
    for k in range(lo[2], hi[2] + 1):
        for j in range(lo[1], hi[1] + 1):
            for i in range(lo[0], hi[0] + 1):
                if allowed[labels[k, j, i]]:
                    x, y, z = origin[0] + i - center[0], origin[1] + j - center[1], origin[2] + k - center[2]
                    d = _inside(x, y, z, radii, roughness, key)
                    depth[k - lo[2], j - lo[1], i - lo[0]] = d
                    if d < _REACH:
                        count[int(d * _BINS / _REACH)] += 1
    wanted = 4.18879020479 * radii[0] * radii[1] * radii[2]
    last, total = 0, 0
    while last < _BINS and total + 0.5 * count[last] < wanted:
        total += count[last]
        last += 1
    limit = last * _REACH / _BINS
    for k in range(depth.shape[0]):
        for j in range(depth.shape[1]):
            for i in range(depth.shape[2]):
                if depth[k, j, i] < limit:
                    labels[lo[2] + k, lo[1] + j, lo[0] + i] = value
