"""From path lengths to a displayed film: scatter, quantum noise, point spread, multi-scale display, sigmoid.

The film is made in one pass of its rows. All that changes slowly (scatter, local exposure, the bands of the
display) is worked out at a quarter and a sixteenth of the matrix and read by linear interpolation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.physics.xray_project import UNIT_PER_MM, Path

Map = npt.NDArray[np.float32]

WATER_PER_MM = 0.0200
"""Linear attenuation of water at the effective energy of a filtered 120 kV beam, about 65 keV (NIST XCOM: .0199)."""

_EXP_STEP, _EXP_TOP = 256, 16
_REACH = 1.15
"""How far into its shoulders the display's curve is used: steepness of the sigmoid."""


@dataclass(frozen=True, slots=True)
class Detector:
    """What the beam and the detector add to the geometry."""

    noise: float
    """Relative standard deviation of one pixel where nothing absorbs."""
    scatter: float
    """Scatter that reaches the detector behind its grid, as a share of what is absorbed nearby."""
    texture: float
    """Relative contrast of lung structure too fine for the vessel tree."""
    blur_px: float = 0.75
    """Focal spot, motion and detector: standard deviation in pixels along each axis, at most .8."""


@dataclass(frozen=True, slots=True)
class Look:
    """Gains of the display's bands, coarse to fine, and the greys that it aims at."""

    base: float = 0.46
    """Wider than about 2 cm."""
    middle: float = 0.8
    fine: float = 1.3
    """Narrower than about 4 mm."""
    edge: float = 1.3
    """Narrower than about 1 mm."""
    damp: float = 0.55
    """Part of the fine bands that is taken off in dense parts."""
    knee: float = 0.5
    """From here on, of the way from lung to dense, what is wide gains half as much."""
    lung: float = 0.24
    """Grey, of 1, of the clear lung: the lower quartile over the lungs."""
    dense: float = 0.80
    """Grey of the densest parts: the 97th percentile of the body."""


LOOK = Look()


@cache
def _exp_table() -> Map:
    """Return exp(-i / 256), i = 0 … 4096."""
    return np.array([math.exp(-i / _EXP_STEP) for i in range(_EXP_STEP * _EXP_TOP + 2)], np.float32)


@cache
def _log_table() -> Map:
    """Return −ln(i / 4096) for a mantissa i = 2048 … 4096: ln over all scales comes from powers of two."""
    return np.array([-math.log(i / 4096) if i else 0.0 for i in range(4098)], np.float32)


@cache
def _tiles() -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Return the noise and the lung-texture tiles: 512², int8, standard deviation 32, they wrap."""
    with files("fhir2dicom.physics").joinpath("tiles/film.npz").open("rb") as f, np.load(f) as z:
        return z["noise"], z["lung"]


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
def _logarithm(p: Map, table: Map) -> Map:
    """Return −ln p."""
    out = np.empty_like(p)
    for y in range(p.shape[0]):
        for x in range(p.shape[1]):
            v, e = max(p[y, x], np.float32(1e-7)), np.float32(0)
            while v < np.float32(0.5):
                v *= np.float32(2)
                e += np.float32(0.6931471805599453)
            while v > np.float32(1):
                v *= np.float32(0.5)
                e -= np.float32(0.6931471805599453)
            t = v * np.float32(4096)
            i = int(t)
            out[y, x] = e + table[i] + (table[i + 1] - table[i]) * (t - np.float32(i))
    return out


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


@nb.njit(cache=True, error_model="numpy")
def _rows(
    path: Path,
    maps: Map,
    noise: npt.NDArray[np.int8],
    lung: npt.NDArray[np.int8],
    shift: npt.NDArray[np.int64],
    shutter: npt.NDArray[np.int64],
    side: float,
    top: int,
) -> npt.NDArray[np.uint16]:
    """Give each pixel t = P + Q·path + R·noise + S·texture through the display's curve; the maps are at a quarter.

    The curve is an algebraic sigmoid, t / √(1 + t²), cut where t is ±`_REACH` and stretched to 0 … ``top``.
    """
    rows, columns = path.shape[0], path.shape[1] - 2
    out = np.zeros((rows, columns), np.uint16)
    inner, last = columns - 2, maps.shape[1] - 2
    w1, w0 = np.float32(side), np.float32(1 - 2 * side)
    one, reach, middle = np.float32(1), np.float32(_REACH), np.float32(top * 0.5 + 0.5)
    half = np.float32(top * 0.5 / (_REACH / np.sqrt(1 + _REACH * _REACH)))
    n, g = np.zeros(columns + 516, np.float32), np.zeros(columns + 516, np.float32)
    above, below = np.zeros((4, columns), np.float32), np.zeros((4, columns), np.float32)
    up, here, down = (np.empty(inner, np.float32), np.empty(inner, np.float32), np.empty(inner, np.float32))
    at, first = -2, max(shutter[0], 1)
    for y in range(first, min(shutter[1], rows - 1)):
        v = min(max((y + 0.5) * 0.25 - 0.5, 0.0), last + 1.0)
        k = min(int(v), last)
        f = np.float32(v - k)
        if k != at:
            if k == at + 1:
                above, below = below, above
            else:
                _widen(maps[:, k], above)
            _widen(maps[:, k + 1], below)
            at = k
        _wrap(noise[(y + shift[0]) & 511], noise[(y + shift[2]) & 511], shift[1], shift[3], n)
        _wrap(lung[(y + shift[4]) & 511], lung[(y + shift[4]) & 511], shift[5], -1, g)
        if y == first:
            _across(path[y - 1], w0, w1, up)
            _across(path[y], w0, w1, here)
        else:
            up, here, down = here, down, up
        _across(path[y + 1], w0, w1, down)
        p0, q0, r0, s0 = above[0], above[1], above[2], above[3]
        p1, q1, r1, s1 = below[0], below[1], below[2], below[3]
        row = out[y, 1 : columns - 1]
        for x in range(inner):
            a = w0 * here[x] + w1 * (up[x] + down[x])
            t = p0[x] + (p1[x] - p0[x]) * f + (q0[x] + (q1[x] - q0[x]) * f) * a
            t += (r0[x] + (r1[x] - r0[x]) * f) * n[x] + (s0[x] + (s1[x] - s0[x]) * f) * g[x]
            u = min(max(t, -reach), reach)
            row[x] = np.uint16(np.int32(middle + half * (u / np.sqrt(one + u * u))))
        out[y, : max(shutter[2], 1)] = 0
        out[y, min(shutter[3], columns - 1) :] = 0
    return out


@nb.njit(cache=True, error_model="numpy")
def _across(row: npt.NDArray[np.int32], middle: np.float32, side: np.float32, out: Map) -> None:
    """Blur a row of paths with three taps, first and last pixel left out."""
    n = out.shape[0]
    left, here, right = row[0:n], row[1 : n + 1], row[2 : n + 2]
    for x in range(n):
        out[x] = middle * np.float32(here[x]) + side * (np.float32(left[x]) + np.float32(right[x]))


@nb.njit(cache=True, error_model="numpy")
def _widen(maps: Map, out: Map) -> None:
    """Read a row of the maps at each pixel but the first: linear between the centres of its blocks of four."""
    last = maps.shape[1] - 1
    for c in range(out.shape[0]):
        row, coarse = out[c], maps[c]
        row[:] = coarse[last]
        row[0] = coarse[0]
        for x in range(last):
            a, b = coarse[x], (coarse[x + 1] - coarse[x]) * np.float32(0.125)
            row[4 * x + 1] = a + b
            row[4 * x + 2] = a + b * np.float32(3)
            row[4 * x + 3] = a + b * np.float32(5)
            row[4 * x + 4] = a + b * np.float32(7)


@nb.njit(cache=True, error_model="numpy")
def _wrap(a: npt.NDArray[np.int8], b: npt.NDArray[np.int8], start: int, back: int, out: Map) -> None:
    """Repeat a tile's row from ``start`` on; unless ``back`` is negative, less another read backwards from there."""
    for x in range(512):
        out[x] = np.float32(a[(x + start) & 511])
        if back >= 0:
            out[x] -= np.float32(b[(back - x) & 511])
    for o in range(512, out.shape[0] - 511, 512):
        for x in range(512):
            out[o + x] = out[x]
    done = out.shape[0] // 512 * 512
    for x in range(done, out.shape[0]):
        out[x] = out[x - done]


@dataclass(frozen=True, eq=False, slots=True)
class Quarter:
    """The film at a quarter of its matrix, before display."""

    attenuation: Map
    lung_mm: Map
    """Path through lung, mm."""


def expose(quarter: Quarter, detector: Detector) -> tuple[Map, Map, Map]:
    """Return, at a quarter: −ln of the exposure with scatter, how much contrast is left, and the noise's sd.

    Scatter is what a wide area absorbs, spread over it: its ratio to the primary beam grows behind dense parts
    (Barrett & Swindell 1981, 11.3). Small contrast falls by 1 / (1 + scatter/primary).
    """
    a4 = np.maximum(quarter.attenuation, np.float32(0))
    a16 = shrink(a4, 4)
    primary = _transmission(a16, _exp_table())
    absorbed = (primary * (1 - primary)).astype(np.float32)
    spread = np.minimum(blur(absorbed, 5) * np.float32(detector.scatter), primary * np.float32(2.2))
    scatter = grow(spread.astype(np.float32), 4, *a4.shape)
    primary4 = _transmission(a4, _exp_table())
    signal = primary4 + scatter
    contrast = primary4 / signal
    noise = np.float32(detector.noise) / np.sqrt(signal)
    return _logarithm(signal, _log_table()), contrast, noise


def display(
    path: Path,
    quarter: Quarter,
    detector: Detector,
    shift: npt.NDArray[np.int64],
    shutter: tuple[int, int, int, int],
    bits: int,
) -> npt.NDArray[np.uint16]:
    """Return the film as shown, (rows, columns), P-values of ``bits`` bits, bone white.

    ``shutter`` (top, bottom, left, right) bounds the exposed part in pixels; outside it the film is black.
    """
    x4, contrast, noise = expose(quarter, detector)
    rows, columns = x4.shape
    x16 = shrink(x4, 4)
    inside = _exposed(x16, shutter)
    middle = np.float32(np.sort(x16[inside])[inside.sum() // 2])
    base16, mid16 = blur(np.maximum(x16, np.float32(1.0)), 6), blur(x16, 1, 2)
    wide = (middle + (base16 - middle) * np.float32(LOOK.base)).astype(np.float32)
    clear = shrink(quarter.lung_mm, 4)
    low, high = _levels(wide, clear, inside)
    wide = _bent(wide, low, high) + (mid16 - base16) * np.float32(LOOK.middle)
    low, high = _levels(wide, clear, inside)
    wide = _bent(wide, low, high)
    low, high = _levels(wide, clear, inside)
    damp16 = (1 - np.float32(LOOK.damp) * np.clip((blur(wide, 2, 2) - low) / (high - low), 0, 1)).astype(
        np.float32
    )
    low, high = _levels(wide + damp16 * (x16 - mid16) * np.float32(LOOK.fine), clear, inside)
    a, b = _inverse(LOOK.lung), _inverse(LOOK.dense)
    gain = np.float32((b - a) / (high - low))
    lo = np.float32(low - a / float(gain))
    fine4, damp = blur(x4, 1, 2), grow(damp16, 4, rows, columns)
    low4 = grow((wide - damp16 * mid16 * np.float32(LOOK.fine)).astype(np.float32), 4, rows, columns)
    edge = damp * np.float32(LOOK.edge)
    mu = np.float32(WATER_PER_MM)
    maps = np.empty((4, rows, columns), np.float32)
    maps[0] = (
        low4
        + damp * fine4 * np.float32(LOOK.fine - LOOK.edge)
        + (x4 - contrast * quarter.attenuation) * edge
        - lo
    ) * gain
    maps[1] = contrast * (edge * gain * mu / np.float32(UNIT_PER_MM))
    maps[2] = noise * (edge * gain / np.float32(32 * 1.4142135))
    maps[3] = contrast * quarter.lung_mm * (edge * gain * mu * np.float32(detector.texture / 32))
    return _rows(
        path,
        maps,
        *_tiles(),
        shift,
        np.array(shutter, np.int64),
        min(detector.blur_px**2 / 2, 0.32),
        (1 << bits) - 1,
    )


def _levels(shown: Map, lung_mm: Map, inside: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the level of the clear lungs and that of the densest parts."""
    body = np.sort(shown[inside])
    lungs = shown[inside & (lung_mm > 0.45 * lung_mm.max())]
    low = float(np.sort(lungs)[len(lungs) // 4]) if len(lungs) else float(body[len(body) // 10])
    return low, max(float(body[int(0.97 * len(body))]), low + 0.2)


def _bent(wide: Map, low: float, high: float) -> Map:
    """Return a map whose dense parts are drawn nearer: half the slope beyond the knee, a parabola before it."""
    t = ((wide - np.float32(low)) / np.float32(high - low)).astype(np.float32)
    k, w = np.float32(LOOK.knee), np.float32(0.2)
    over = np.clip(t - (k - w), 0, 2 * w)
    less = 0.5 * (over * over / (4 * w) + np.maximum(t - (k + w), 0))
    out: Map = (np.float32(low) + np.float32(high - low) * (t - less)).astype(np.float32)
    return out


def _inverse(grey: float) -> float:
    """Return where the display's curve gives a grey of 0 … 1."""
    g = (2 * grey - 1) * _REACH / math.sqrt(1 + _REACH * _REACH)
    return g / math.sqrt(1 - g * g)


def _exposed(x16: Map, shutter: tuple[int, int, int, int]) -> npt.NDArray[np.bool_]:
    """Return where, at a sixteenth, the beam fell and met something."""
    inside = np.zeros(x16.shape, bool)
    top, bottom, left, right = (v // 16 for v in shutter)
    inside[top + 1 : max(bottom - 1, top + 2), left + 1 : max(right - 1, left + 2)] = True
    body = inside & (x16 > 0.7)
    return body if body.any() else inside
