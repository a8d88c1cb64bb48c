"""From path lengths to an exposed film: scatter, contrast and quantum noise, at a quarter of its matrix; and how maps are blurred."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numba as nb
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]

_EXP_STEP, _EXP_TOP = 256, 16


@dataclass(frozen=True, slots=True)
class Detector:
    """What the beam and the detector add to the geometry."""

    noise: float
    """Relative standard deviation of one pixel where nothing absorbs."""
    scatter: float
    """Scatter that reaches the detector behind its grid, as a share of what is absorbed nearby."""
    water_per_mm: float
    """Linear attenuation of water in the beam."""
    texture: float
    """Contrast of structure too fine to be drawn: of a mm of lung, beside water; of bone between trabeculae likewise."""
    pixel_mm: float
    bone: float = 1.0
    """Weight of bone in the beam, to find out how much of it is cortex."""
    blur_px: float = 0.75
    """Focal spot, motion and detector: standard deviation in pixels along each axis, at most .8."""


@cache
def _exp_table() -> Map:
    """Return exp(-i / 256), i = 0 … 4096."""
    return np.array([math.exp(-i / _EXP_STEP) for i in range(_EXP_STEP * _EXP_TOP + 2)], np.float32)


@cache
def _log_table() -> Map:
    """Return −ln(1 + i / 4096), i = 0 … 4096: what the exponent of a number leaves over."""
    return np.array([-math.log1p(i / 4096) for i in range(4098)], np.float32)


@nb.njit(cache=True, error_model="numpy")
def _transmission(a: Map, table: Map) -> Map:
    out = np.empty_like(a)
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            t = min(max(a[y, x], np.float32(0)), np.float32(15.99)) * np.float32(256)
            i = int(t)
            out[y, x] = table[i] + (table[i + 1] - table[i]) * (t - np.float32(i))
    return out


@nb.njit(cache=True, error_model="numpy")
def _developed(a: Map, scatter: Map, noise: float, exp: Map, log: Map) -> tuple[Map, Map, Map]:
    """Return −ln of primary beam and scatter, the primary's share of them, and the noise's sd, by −ln of the primary.

    A logarithm is that of the power of two, from the number's own bits, and one of 4096 mantissas, between two by a line.
    """
    signal, share, grain = np.empty_like(a), np.empty_like(a), np.empty_like(a)
    least, ln2 = np.float32(1e-7), np.float32(0.6931471805599453)
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            t = min(max(a[y, x], np.float32(0)), np.float32(15.99)) * np.float32(256)
            i = int(t)
            primary = exp[i] + (exp[i + 1] - exp[i]) * (t - np.float32(i))
            both = primary + scatter[y, x]
            share[y, x] = primary / both
            grain[y, x] = np.float32(noise) / np.sqrt(both)
            signal[y, x] = max(both, least)
    bits = signal.view(np.int32)
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            b = bits[y, x]
            i = (b >> 11) & 4095
            f = np.float32(b & 2047) * np.float32(1 / 2048)
            signal[y, x] = log[i] + (log[i + 1] - log[i]) * f - np.float32((b >> 23) - 127) * ln2
    return signal, share, grain


@nb.njit(cache=True, error_model="numpy")
def _box(a: Map, radius: int) -> Map:
    """Return the mean over (2 radius + 1)², edges repeated: a running sum along rows, then along columns."""
    n, m = a.shape
    half = np.empty_like(a)
    w = 1.0 / (2 * radius + 1)
    for y in range(n):
        s = 0.0
        for i in range(-radius, radius + 1):
            s += a[y, min(max(i, 0), m - 1)]
        for x in range(m):
            half[y, x] = np.float32(s * w)
            s += a[y, min(x + radius + 1, m - 1)] - np.float64(a[y, max(x - radius, 0)])
    out = np.empty_like(a)
    total = np.zeros(m)
    for i in range(-radius, radius + 1):
        for x in range(m):
            total[x] += half[min(max(i, 0), n - 1), x]
    for y in range(n):
        for x in range(m):
            out[y, x] = np.float32(total[x] * w)
            total[x] += half[min(y + radius + 1, n - 1), x] - np.float64(half[max(y - radius, 0), x])
    return out


def blur(a: Map, radius: int, rounds: int = 3) -> Map:
    """Return a blurred map: ``rounds`` boxes come close to a Gaussian of variance rounds·radius·(radius + 1)/3."""
    for _ in range(rounds):
        a = _box(a, radius)
    return a


@nb.njit(cache=True, error_model="numpy")
def shrink(a: Map, factor: int) -> Map:
    """Return the mean of each block of ``factor`` by ``factor``."""
    out = np.zeros((a.shape[0] // factor, a.shape[1] // factor), np.float32)
    w = np.float32(1.0 / (factor * factor))
    for y in range(out.shape[0] * factor):
        for x in range(out.shape[1]):
            s = np.float32(0)
            for i in range(factor):
                s += a[y, x * factor + i]
            out[y // factor, x] += s * w
    return out


@nb.njit(cache=True, error_model="numpy")
def grow(a: Map, factor: int, rows: int, columns: int) -> Map:
    """Return a map ``factor`` times larger, by linear interpolation between the centres of its blocks."""
    out = np.empty((rows, columns), np.float32)
    line = np.empty(a.shape[1], np.float32)
    for y in range(rows):
        v = min(max((y + 0.5) / factor - 0.5, 0.0), a.shape[0] - 1.0)
        k = min(int(v), a.shape[0] - 2)
        f = np.float32(v - k)
        for x in range(a.shape[1]):
            line[x] = a[k, x] + (a[k + 1, x] - a[k, x]) * f
        for x in range(columns):
            u = min(max((x + 0.5) / factor - 0.5, 0.0), a.shape[1] - 1.0)
            i = min(int(u), a.shape[1] - 2)
            out[y, x] = line[i] + (line[i + 1] - line[i]) * np.float32(u - i)
    return out


@dataclass(frozen=True, eq=False, slots=True)
class Quarter:
    """The film at a quarter of its matrix, before display."""

    attenuation: Map
    """−ln of the primary beam, whole."""
    fine: Map
    """The part of it that the full matrix holds too; the rest is of coarse surfaces."""
    net_mm: Map
    """Path through what bears fine structure, mm: lung in a chest, marrow elsewhere."""


_SCATTER_TO_PRIMARY = 7.0
"""The most that scatter outweighs the primary beam, behind the spine without a grid (9 behind the mediastinum: Niklason et
al., Med Phys 8:677, 1981; 7 is ours)."""


def expose(quarter: Quarter, detector: Detector) -> tuple[Map, Map, Map]:
    """Return, at a quarter: −ln of the exposure with scatter, how much contrast is left, and the noise's sd.

    Scatter is what a wide area absorbs, spread over it: its ratio to the primary beam grows behind dense parts
    (after Barrett & Swindell 1981, not checked). Small contrast falls by 1 / (1 + scatter/primary).
    """
    a4 = np.maximum(quarter.attenuation, np.float32(0))
    a16 = shrink(a4, 4)
    primary = _transmission(a16, _exp_table())
    absorbed = (primary * (1 - primary)).astype(np.float32)
    spread = np.minimum(
        blur(absorbed, 5) * np.float32(detector.scatter), primary * np.float32(_SCATTER_TO_PRIMARY)
    )
    scatter = grow(spread.astype(np.float32), 4, *a4.shape)
    return _developed(a4, scatter, detector.noise, _exp_table(), _log_table())
