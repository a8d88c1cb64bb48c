"""Noise by integers: the value at a place is a hash of (key, place), the same on every machine.

The pixel loops may use + − × ÷ and square roots, which IEEE 754 fixes to the last bit; no fastmath, no
sums whose order a library chooses, and exponentials and logarithms only through small tables.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, inline="always")
def mix(key: int, counter: int) -> np.uint64:
    """Return 64 well-mixed bits of (key, counter): the finaliser of splitmix64 (Steele 2014)."""
    z = np.uint64(key) + np.uint64(counter) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@nb.njit(cache=True, inline="always")
def unit(key: int, counter: int) -> np.float64:
    """Return a draw from [0, 1) for (key, counter)."""
    return np.float64(mix(key, counter) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
