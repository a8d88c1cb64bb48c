"""Findings as label edits: lumps of a tissue stamped into an atlas, with their volume exact to a few percent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Shape, Vec3
from fhir2dicom.noise import unit

U8 = npt.NDArray[np.uint8]


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
def _bump(key, x, y, z):
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
def _inside(x, y, z, radii, roughness, key):
    """Tell how deep a point is in a lump: below 1 inside; bumps of two sizes on its surface."""
    u, v, w = x / radii[0], y / radii[1], z / radii[2]
    d = np.sqrt(u * u + v * v + w * w)
    if roughness == 0.0 or d < 0.3 or d > 2.0:
        return d
    g = 1.0 / d
    bump = _bump(key, 2.2 * u * g, 2.2 * v * g, 2.2 * w * g) + 0.6 * _bump(
        key + 1, 5 * u * g, 5 * v * g, 5 * w * g
    )
    return d / (1.0 + roughness * bump)


@nb.njit(cache=True)
def _stamp(labels, origin, center, radii, roughness, key, allowed, value):
    """Put a lump into labels; its radii are scaled so that bumps do not change its volume."""
    cut = 0.0
    count = 0
    for n in range(2000):
        # directions from the hash: the mean of (1 + bump)³ over the sphere is what the bumps add to the volume
        x, y, z = (
            2 * unit(key + 7, 3 * n) - 1,
            2 * unit(key + 7, 3 * n + 1) - 1,
            2 * unit(key + 7, 3 * n + 2) - 1,
        )
        r = np.sqrt(x * x + y * y + z * z)
        if 0.1 < r <= 1.0:
            d = 1.0 / _inside(x / r * radii[0], y / r * radii[1], z / r * radii[2], radii, roughness, key)
            cut += d * d * d
            count += 1
    grow = cut / max(count, 1)
    limit = 1.0
    for _ in range(30):  # cube root by Newton: pow differs between machines
        limit -= (limit * limit * limit - 1.0 / grow) / (3 * limit * limit)
    reach = 1.0 + 1.6 * roughness
    lo, hi = np.empty(3, np.int64), np.empty(3, np.int64)
    for a in range(3):
        lo[a] = max(0, int(np.floor(center[a] - origin[a] - radii[a] * reach)))
        hi[a] = min(labels.shape[2 - a] - 1, int(np.ceil(center[a] - origin[a] + radii[a] * reach)))
    for k in range(lo[2], hi[2] + 1):
        for j in range(lo[1], hi[1] + 1):
            for i in range(lo[0], hi[0] + 1):
                if allowed[labels[k, j, i]]:
                    x, y, z = origin[0] + i - center[0], origin[1] + j - center[1], origin[2] + k - center[2]
                    if _inside(x, y, z, radii, roughness, key) < limit:
                        labels[k, j, i] = value
