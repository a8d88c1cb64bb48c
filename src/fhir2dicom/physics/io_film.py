"""From attenuation to grey: hardening of the beam, what the sensor's software does to contrast and edges, and noise.

The tone is of the kind that dental software shows: a power of the logarithm with a shoulder, so that enamel keeps its detail
and only metal is white. Noise is of photons: in the logarithm it grows as the square root of what was absorbed.
"""

from __future__ import annotations

import math
from functools import cache

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.physics.io_tooth import Array

BITS = 12
_UNIT = 512
_MOST = 6
"""Attenuation beyond which all is white."""
_HARDENING, _BLACK, _SPAN, _POWER, _KNEE = 0.045, 0.17, 2.75, 0.82, 0.74


@cache
def tables(*, raw: bool = False) -> tuple[Array, Array]:
    """Return grey and standard deviation of noise (at unit exposure) by attenuation in steps of 1 / 512; (3072,) each.

    Raw: linear in the exposure of the sensor, without the tone.
    """
    grey, noise = [], []
    for k in range(_MOST * _UNIT):
        effective = k / _UNIT / (1 + _HARDENING * k / _UNIT)
        grey.append(4000.0 * math.exp(-effective) if raw else _tone(effective))
        slope = grey[-1] if raw else (_tone(effective + 0.01) - _tone(effective - 0.01)) / 0.02
        sd = slope * 0.0085 * math.exp(effective / 2)
        noise.append(sd if raw else min(90.0, max(5.0, sd)))
    return np.round(np.array(grey), 3).astype(np.float32), np.round(np.array(noise), 3).astype(np.float32)


def _tone(effective: float) -> float:
    v = max(0.0, (effective - _BLACK) / _SPAN) ** _POWER
    v = v if v < _KNEE else _KNEE + (1 - _KNEE) * (1 - math.exp(-(v - _KNEE) / (1 - _KNEE)))
    return 60.0 + v * 3980.0


def presented(
    attenuation: Array,
    *,
    gain: float,
    sharpness: float,
    noise: float,
    tile: npt.NDArray[np.int8],
    shift: tuple[int, int],
    raw: bool = False,
) -> npt.NDArray[np.uint16]:
    """Return the film at twice the matrix, 12 bits: P-values, mineral white, or raw; (2 rows, 2 columns)."""
    rows, columns = attenuation.shape
    grey, sd = tables(raw=raw)
    v, s = np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
    _tones(attenuation, np.float32(gain), np.float32(sharpness), grey, sd, np.float32(noise / 32), v, s)
    out = np.empty((2 * rows, 2 * columns), np.uint16)
    _doubled(v, s, tile, shift[0], shift[1], out)
    return out


@nb.njit(cache=True, error_model="numpy")
def _tones(
    a: Array,
    gain: np.float32,
    sharp: np.float32,
    grey: Array,
    sd: Array,
    noise: np.float32,
    v: Array,
    s: Array,
) -> None:
    """Sharpen by what a pixel has over the mean of 7 × 7, then look up grey and noise."""
    n, m = a.shape
    unit, top = np.float32(_UNIT), np.float32(_MOST * _UNIT - 2)
    column = np.zeros(m, np.float32)
    for k in range(-3, 4):
        for i in range(m):
            column[i] += a[max(k, 0), i]
    each, halo = np.float32(1 / 49), np.float32(0.32)
    for j in range(n):
        total = np.float32(0)
        for k in range(-3, 4):
            total += column[max(k, 0)]
        for i in range(m):
            here = a[j, i]
            over = min(max(here - total * each, -halo), halo)
            q = int(min(max(gain * (here + sharp * over) * unit, np.float32(0)), top))
            v[j, i], s[j, i] = grey[q], sd[q] * noise
            total += column[min(i + 4, m - 1)] - column[max(i - 3, 0)]
        low, high = min(j + 4, n - 1), max(j - 3, 0)
        for i in range(m):
            column[i] += a[low, i] - a[high, i]


@nb.njit(cache=True, error_model="numpy")
def _doubled(
    v: Array, s: Array, tile: npt.NDArray[np.int8], r0: int, c0: int, out: npt.NDArray[np.uint16]
) -> None:
    """Put four pixels for one, by a cubic through four neighbours either way, and add the noise."""
    n, m = v.shape
    w0, w1, w2, w3 = (
        np.float32(-0.0546875),
        np.float32(0.8671875),
        np.float32(0.2265625),
        np.float32(-0.0390625),
    )
    nil, most = np.float32(0), np.float32(4095)
    t = np.empty(m + 4, np.float32)
    g = np.empty(2 * m, np.float32)
    high, wide = tile.shape[0] - 1, tile.shape[1]
    for j in range(n):
        a, b, c, d, e = max(j - 2, 0), max(j - 1, 0), j, min(j + 1, n - 1), min(j + 2, n - 1)
        for half in range(2):
            if half == 0:
                for i in range(m):
                    t[i + 2] = w3 * v[a, i] + w2 * v[b, i] + w1 * v[c, i] + w0 * v[d, i]
            else:
                for i in range(m):
                    t[i + 2] = w0 * v[b, i] + w1 * v[c, i] + w2 * v[d, i] + w3 * v[e, i]
            t[0] = t[1] = t[2]
            t[m + 2] = t[m + 3] = t[m + 1]
            row = tile[(2 * j + half + r0) & high]
            for i in range(m):
                g[2 * i] = w3 * t[i] + w2 * t[i + 1] + w1 * t[i + 2] + w0 * t[i + 3]
                g[2 * i + 1] = w0 * t[i + 1] + w1 * t[i + 2] + w2 * t[i + 3] + w3 * t[i + 4]
            line = out[2 * j + half]
            start = c0
            i = 0
            while i < m:
                run = min(m - i, (wide - start) // 2)
                for k in range(run):
                    sd = s[j, i + k]
                    p, q = 2 * (i + k), start + 2 * k
                    line[p] = np.uint16(min(max(g[p] + sd * np.float32(row[q]), nil), most))
                    line[p + 1] = np.uint16(min(max(g[p + 1] + sd * np.float32(row[q + 1]), nil), most))
                i += run
                start = 0
