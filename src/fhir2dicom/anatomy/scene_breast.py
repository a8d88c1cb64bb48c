"""The breasts of a woman who stands before a detector: they hang, and their lower fold shows on the film.

The CT's labels hold what they are when she lies, spread over the chest wall; standing adds what gravity brings down.
With the arms raised they are drawn flat again, and the skin alone shows them.
"""

from __future__ import annotations

from functools import cache
from math import cos, radians, sin

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.habitus import habitus
from fhir2dicom.model import Person, Surface
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]

_RINGS, _AROUND = 12, 40
_PLACE = (0.50, 0.34)
"""Middle of a breast: beside the middle in half breadths of the lungs, above their base in heights of them."""


def breasts(person: Person, seed: Seed, skin: F32, lungs: F32, weight: float) -> dict[str, Surface]:
    """Return both breasts of a grown woman as closed surfaces on her skin, else nothing; patient mm."""
    build = habitus(person, seed)
    size = build.breast_mm * (build.scale[0] + build.scale[1]) / 2
    if person.sex != "F" or size < 3:
        return {}
    low, high = lungs.min(0).astype(np.float64), lungs.max(0).astype(np.float64)
    near = (skin[:, 1] < (low[1] + high[1]) / 2) & (skin[:, 2] < high[2]) & (skin[:, 2] > low[2] - 120)
    front = np.ascontiguousarray(skin[near])
    draw = seed.child("breasts")
    out = {}
    for side, sign in (("r", -1.0), ("l", 1.0)):
        own = draw.child(side)
        x = sign * 0.5 * (high[0] - low[0]) * (_PLACE[0] + own.normal(0, 0.015))
        z = low[2] + (high[2] - low[2]) * (_PLACE[1] + own.normal(0, 0.01)) - 0.2 * size
        half = (46 + 0.7 * size, 32 + 0.4 * size, 66 + 0.6 * size)
        out[f"breast_{side}"] = Surface(*_dome((x, z), half, 6 + 0.4 * size, front), weight, "coarse")
    return out


@nb.njit(cache=True)
def _walls(skin: F32, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how far in front the skin lies at each (x, z): the mean of its corners nearby, the nearest weighing most."""
    out = np.empty(len(points))
    for n in range(len(points)):
        x, z = points[n, 0], points[n, 1]
        first = 1e9
        for k in range(skin.shape[0]):
            if abs(skin[k, 0] - x) < 40 and abs(skin[k, 2] - z) < 40 and skin[k, 1] < first:
                first = skin[k, 1]
        total, weight = 0.0, 1e-12
        for k in range(skin.shape[0]):
            u, w = skin[k, 0] - x, skin[k, 2] - z
            d = u * u + w * w
            if d < 2500 and skin[k, 1] < first + 110:
                f = 1.0 / (d + 450.0)
                total += f * f * skin[k, 1]
                weight += f * f
        out[n] = total / weight
    return out


def _dome(
    centre: tuple[float, float], half: tuple[float, float, float], depth: float, skin: F32
) -> tuple[F32, npt.NDArray[np.int32]]:
    """Return a dome on the skin: ``half`` is its reach aside, below and above, ``depth`` its height, mm."""
    turn = np.array(
        [
            (round(cos(radians(k * 360 / _AROUND)), 9), round(sin(radians(k * 360 / _AROUND)), 9))
            for k in range(_AROUND)
        ]
    )
    rho = np.repeat(1 - (1 - np.arange(_RINGS + 1) / _RINGS) ** 2, _AROUND)
    c, s = np.tile(turn[:, 0], _RINGS + 1), np.tile(turn[:, 1], _RINGS + 1)
    u, w = half[0] * rho * c, np.where(s > 0, half[2], half[1]) * rho * s
    high = np.sqrt(np.maximum(1 - rho * rho, 0))
    full = high * (0.55 + 0.45 * high)
    reach = np.array((max(half[0], 1.0), max(half[1], half[2]))) + 55
    near = (np.abs(skin[:, 0] - centre[0]) < reach[0]) & (np.abs(skin[:, 2] - centre[1]) < reach[1])
    wall = _walls(np.ascontiguousarray(skin[near]), np.stack([u + centre[0], w + centre[1]], axis=1)) + 4.0
    up = np.maximum(w, 0) / half[2]
    outer = np.stack([u, wall - depth * full * (1 - 0.45 * up), w - 0.42 * depth * full], axis=1)
    inner = np.stack([u, wall, w], axis=1)
    vertices = np.concatenate([outer, inner]) + np.array((centre[0], 0.0, centre[1]))
    return vertices.astype(np.float32), _faces()


@cache
def _faces() -> npt.NDArray[np.int32]:
    """Return the triangles of a dome and of the skin under it."""
    n = (_RINGS + 1) * _AROUND
    fan = range(1, _AROUND - 1)
    t = [*((0, k, k + 1) for k in fan), *((n, n + k + 1, n + k) for k in fan)]
    for r in range(_RINGS):
        for k in range(_AROUND):
            a, b = r * _AROUND + k, r * _AROUND + (k + 1) % _AROUND
            t += [(a, a + _AROUND, b), (b, a + _AROUND, b + _AROUND)]
            t += [(n + a, n + b, n + a + _AROUND), (n + b, n + b + _AROUND, n + a + _AROUND)]
    last = _RINGS * _AROUND
    for k in range(_AROUND):
        a, b = last + k, last + (k + 1) % _AROUND
        t += [(a, n + a, b), (b, n + a, n + b)]
    return np.array(t, np.int32)
