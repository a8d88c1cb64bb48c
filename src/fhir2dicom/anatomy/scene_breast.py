"""The breasts of a woman who stands before a detector: they hang, and their lower fold shows on the film.

The CT's labels hold what they are when she lies, spread over the chest wall; standing adds what gravity brings down.
With the arms raised they are drawn flat again, and the skin alone shows them.
"""

from __future__ import annotations

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
        out[f"breast_{side}"] = Surface(*_dome((x, z), half, 8 + 0.75 * size, front), weight, "coarse")
    return out


@nb.njit(cache=True)
def _front(skin: F32, x: float, z: float) -> float:
    """Return how far in front the skin lies at (x, z): the mean of its corners nearby, the nearest weighing most."""
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
    return total / weight


def _dome(
    centre: tuple[float, float], half: tuple[float, float, float], depth: float, skin: F32
) -> tuple[F32, npt.NDArray[np.int32]]:
    """Return a dome on the skin: ``half`` is its reach aside, below and above, ``depth`` its height, mm."""
    turn = [
        (round(cos(radians(k * 360 / _AROUND)), 9), round(sin(radians(k * 360 / _AROUND)), 9))
        for k in range(_AROUND)
    ]
    outer, inner = [], []
    for r in range(_RINGS + 1):
        rho = 1 - (1 - r / _RINGS) ** 2
        high = (1 - rho * rho) ** 0.5 if rho < 1 else 0.0
        full = high * (0.55 + 0.45 * high)
        for c, s in turn:
            u, w = half[0] * rho * c, (half[2] if s > 0 else half[1]) * rho * s
            wall = _front(skin, centre[0] + u, centre[1] + w) + 4.0
            up = max(w, 0.0) / half[2]
            outer.append((u, wall - depth * full * (1 - 0.45 * up), w - 0.42 * depth * full))
            inner.append((u, wall, w))
    n = len(outer)
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
    vertices = np.array([*outer, *inner]) + np.array((centre[0], 0.0, centre[1]))
    return vertices.astype(np.float32), np.array(t, np.int32)
