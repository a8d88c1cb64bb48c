"""How the layer of fat between body wall and skin is stretched along rays from the body's axis; both ways, closed form.

Used by `fhir2dicom.anatomy.warp` alone; the tables by height and angle are those of its `Profile`.
"""

from __future__ import annotations

from math import sqrt

import numba as nb
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

ANGLES = 64
"""Columns of the tables: quarters of the diamond |x| + |y| = 1, from the patient's left to the back."""

PROFILE_STEP_MM = 6.0
"""Step of the rows of the tables up the body, atlas mm."""


def direction(angle: int) -> tuple[float, float]:
    """Return the unit vector (x, y) of a row of the angle table."""
    d = 4.0 * angle / ANGLES
    x, y = (1 - d, d) if d < 1 else (1 - d, 2 - d) if d < 2 else (d - 3, 2 - d) if d < 3 else (d - 3, d - 4)
    r: float = (x * x + y * y) ** 0.5
    return x / r, y / r


@nb.njit(cache=True, inline="always")
def _ray(x: float, y: float, z: float, heights: int) -> tuple[int, float, int, int, float]:
    """Return row, column and fractions of a point in the tables by height and angle."""
    s = abs(x) + abs(y)
    if s < 1e-9:
        d = 0.0
    elif x >= 0:
        d = y / s if y >= 0 else 4 + y / s
    else:
        d = 2 - y / s
    a = d * (ANGLES / 4.0)
    i = int(a)
    f = a - i
    i %= ANGLES
    h = min(max(z / PROFILE_STEP_MM, 0.0), heights - 1.000001)
    k = int(h)
    return k, h - k, i, (i + 1) % ANGLES, f


@nb.njit(cache=True, inline="always")
def _read(table: F64, k: int, u: float, i: int, m: int, f: float) -> float:
    """Return a table at a ray."""
    value: float = (table[k, i] * (1 - f) + table[k, m] * f) * (1 - u) + (
        table[k + 1, i] * (1 - f) + table[k + 1, m] * f
    ) * u
    return value


@nb.njit(cache=True, inline="always")
def _zone(
    wall: float, skin: float, fat: float, belly: float
) -> tuple[float, float, float, float, float, float, float, float]:
    """Return how the layer between wall and skin is stretched.

    Seen from the patient, slope is d(before)/d(after): it leaves the wall as it comes, falls (or rises) to ``slope``
    over ``near`` mm, stays, and comes to ``last`` over the ``rim`` mm under the skin. All so that the spans agree.
    """
    inner = wall - 4.0 - min(12.0, max(0.0, -0.8 * fat))  # a thin layer leaves no room for a ramp
    first = 1.0 / (1.0 + 2.0 * belly * inner / (wall * wall))
    inner_after = inner + belly * (inner / wall) * (inner / wall)
    skin_after = skin + belly + fat
    span, span_after = skin - inner, skin_after - inner_after
    mean = span / span_after
    if mean > 0.9 * first:
        near, rim = min(14.0, 0.7 * span_after), 0.0
        slope = (span - 0.5 * near * first) / (span_after - 0.5 * near)
        last = slope
    else:
        last = min(0.75 * first, 2.0 * mean)
        near = min(12.0, span / (first + last))
        rim = near
        slope = (span - 0.5 * near * first - 0.5 * rim * last) / (span_after - 0.5 * near - 0.5 * rim)
    return inner, inner_after, skin_after, first, slope, last, near, rim


@nb.njit(cache=True, inline="always")
def _radius_before(r: float, wall: float, skin: float, fat: float, belly: float) -> float:
    """Return the atlas radius of a radius after fat and belly."""
    inner, inner_after, skin_after, first, slope, last, near, rim = _zone(wall, skin, fat, belly)
    if r >= skin_after:
        return skin + (r - skin_after) * last
    if r < inner_after:
        g = belly / (wall * wall)
        if abs(g) < 1e-9:
            return r
        return (sqrt(1.0 + 4.0 * g * r) - 1.0) / (2.0 * g)
    t = r - inner_after
    if t < near:
        return inner + t * (first + 0.5 * (slope - first) * t / near)
    t = skin_after - r
    if t < rim:
        return skin - t * (last + 0.5 * (slope - last) * t / rim)
    return skin - 0.5 * rim * (last + slope) - (t - rim) * slope


@nb.njit(cache=True, inline="always")
def _radius_after(r: float, wall: float, skin: float, fat: float, belly: float) -> float:
    """Return the radius after fat and belly of an atlas radius: the inverse of `_radius_before`."""
    inner, inner_after, skin_after, first, slope, last, near, rim = _zone(wall, skin, fat, belly)
    if r >= skin:
        return skin_after + (r - skin) / last
    if r < inner:
        return r + belly * (r / wall) * (r / wall)
    t = r - inner
    if t < 0.5 * near * (first + slope):
        return inner_after + 2.0 * t / (first + sqrt(first * first + 2.0 * (slope - first) / near * t))
    t = skin - r
    if t < 0.5 * rim * (last + slope):
        return skin_after - 2.0 * t / (last + sqrt(last * last + 2.0 * (slope - last) / rim * t))
    return skin_after - rim - (t - 0.5 * rim * (last + slope)) / slope


@nb.njit(cache=True, inline="always")
def fatten(x: float, y: float, z: float, layers: F64, forward: int) -> tuple[float, float]:
    """Move a point along its ray, out (forward) or back; x and y are from the axis."""
    r = sqrt(x * x + y * y)
    if r < 1e-6:
        return x, y
    k, u, i, m, f = _ray(x, y, z, layers.shape[1])
    w, s = _read(layers[0], k, u, i, m, f), _read(layers[1], k, u, i, m, f)
    t, b = _read(layers[2], k, u, i, m, f), _read(layers[3], k, u, i, m, f)
    g = (_radius_after(r, w, s, t, b) if forward else _radius_before(r, w, s, t, b)) / r
    return x * g, y * g
