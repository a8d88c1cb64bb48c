"""How an exposed film is shown: bands of different width with gains of their own, and a sigmoid.

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

from fhir2dicom.physics.xray_film import WATER_PER_MM, Detector, Map, Quarter, blur, expose, grow, shrink
from fhir2dicom.physics.xray_project import UNIT_PER_MM, Path

_REACH = 1.15
"""How far into its shoulders the display's curve is used: steepness of the sigmoid."""


@dataclass(frozen=True, slots=True)
class Look:
    """Gains of the display's bands, coarse to fine, and the greys that it aims at."""

    base: float = 0.46
    """Wider than about 2 cm."""
    middle: float = 0.8
    fine: float = 1.4
    """Narrower than about 4 mm."""
    edge: float = 1.5
    """Narrower than about 1 mm."""
    damp: float = 0.55
    """Part of the fine bands that is taken off in dense parts."""
    knee: float = 0.5
    """From here on, of the way from lung to dense, what is wide gains half as much."""
    lung: float = 0.23
    """Grey, of 1, of the clear lung: the lower quartile over the lungs."""
    dense: float = 0.80
    """Grey of the densest parts: the 97th percentile of the body."""


LOOK = Look()


@cache
def _tiles() -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Return the noise and the lung-texture tiles: 512², int8, standard deviation 32, they wrap."""
    with files("fhir2dicom.physics").joinpath("tiles/film.npz").open("rb") as f, np.load(f) as z:
        return z["noise"], z["lung"]


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
    half_way = np.float32(0.5)
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
        p0, q0, p1, q1 = above[0], above[1], below[0], below[1]
        r, s = (above[2], above[3]) if f < half_way else (below[2], below[3])
        row = out[y, 1 : columns - 1]
        for x in range(inner):
            a = w0 * here[x] + w1 * (up[x] + down[x])
            t = p0[x] + (p1[x] - p0[x]) * f + (q0[x] + (q1[x] - q0[x]) * f) * a
            t += r[x] * n[x] + s[x] * g[x]
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
    wide, mid16, damp16, (low, high) = _tones(x16, shrink(quarter.lung_mm, 4), _exposed(x16, shutter))
    a, b = _inverse(LOOK.lung), _inverse(LOOK.dense)
    gain = np.float32((b - a) / (high - low))
    lo = np.float32(low - a / float(gain))
    low4 = grow((wide - damp16 * mid16 * np.float32(LOOK.fine)).astype(np.float32), 4, rows, columns)
    maps = _maps(
        (
            low4,
            grow(damp16, 4, rows, columns),
            x4,
            blur(x4, 1, 2),
            contrast,
            noise,
            quarter.fine,
            quarter.lung_mm,
        ),
        lo,
        gain,
        (LOOK.fine, LOOK.edge, detector.texture),
    )
    return _rows(
        path,
        maps,
        *_tiles(),
        shift,
        np.array(shutter, np.int64),
        min(detector.blur_px**2 / 2, 0.32),
        (1 << bits) - 1,
    )


def _tones(x16: Map, clear: Map, inside: npt.NDArray[np.bool_]) -> tuple[Map, Map, Map, tuple[float, float]]:
    """Return the wide band, the middle one, how much fine ones are damped, and the levels of lung and dense parts.

    ``x16`` is the log signal and ``clear`` the lung in mm, both at a sixteenth; ``inside`` is what was exposed.
    """
    middle = np.float32(np.sort(x16[inside])[inside.sum() // 2])
    base16, mid16 = blur(np.maximum(x16, np.float32(1.0)), 6), blur(x16, 1, 2)
    wide = (middle + (base16 - middle) * np.float32(LOOK.base)).astype(np.float32)
    low, high = _levels(wide, clear, inside)
    wide = _bent(wide, low, high, LOOK.knee) + (mid16 - base16) * np.float32(LOOK.middle)
    low, high = _levels(wide, clear, inside)
    wide = _limited(_bent(wide, low, high, LOOK.knee), low, high)
    low, high = _levels(wide, clear, inside)
    damp16 = (1 - np.float32(LOOK.damp) * np.clip((blur(wide, 2, 2) - low) / (high - low), 0, 1)).astype(
        np.float32
    )
    return wide, mid16, damp16, _levels(wide + damp16 * (x16 - mid16) * np.float32(LOOK.fine), clear, inside)


@nb.njit(cache=True, error_model="numpy")
def _maps(parts: tuple[Map, ...], lo: np.float32, gain: np.float32, bands: tuple[float, float, float]) -> Map:
    """Return P, Q, R, S of `_rows` at a quarter."""
    low, damp, x, fine, contrast, noise, own, lung = parts
    rows, columns = x.shape
    maps = np.empty((4, rows, columns), np.float32)
    narrow, edge = np.float32(bands[0] - bands[1]), np.float32(bands[1])
    mu = np.float32(WATER_PER_MM)
    to_path, to_noise = mu / np.float32(UNIT_PER_MM), np.float32(1 / (32 * 1.4142135))
    to_lung = mu * np.float32(bands[2] / 32)
    for v in range(rows):
        for u in range(columns):
            d, c = damp[v, u], contrast[v, u]
            e = d * edge
            g = e * gain
            maps[0, v, u] = (low[v, u] + d * fine[v, u] * narrow + (x[v, u] - c * own[v, u]) * e - lo) * gain
            maps[1, v, u] = c * g * to_path
            maps[2, v, u] = noise[v, u] * g * to_noise
            maps[3, v, u] = c * lung[v, u] * g * to_lung
    return maps


def _levels(shown: Map, lung_mm: Map, inside: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the level of the clear lungs and that of the densest parts."""
    body = np.sort(shown[inside])
    lungs = shown[inside & (lung_mm > 0.45 * lung_mm.max())]
    low = float(np.sort(lungs)[len(lungs) // 4]) if len(lungs) else float(body[len(body) // 10])
    return low, max(float(body[int(0.97 * len(body))]), low + 0.2)


def _bent(wide: Map, low: float, high: float, knee: float) -> Map:
    """Return a map whose dense parts are drawn nearer: half the slope beyond the knee, a parabola before it."""
    t = ((wide - np.float32(low)) / np.float32(high - low)).astype(np.float32)
    k, w = np.float32(knee), np.float32(0.2)
    over = np.clip(t - (k - w), 0, 2 * w)
    less = 0.5 * (over * over / (4 * w) + np.maximum(t - (k + w), 0))
    out: Map = (np.float32(low) + np.float32(high - low) * (t - less)).astype(np.float32)
    return out


def _limited(wide: Map, low: float, high: float) -> Map:
    """Return a map whose densest parts come near a limit, just below ``high``; just below ``low`` it falls half as steeply."""
    span = np.float32(high - low)
    t = ((wide - np.float32(low)) / span).astype(np.float32)
    over = np.maximum(t - np.float32(0.75), 0)
    less = over - over / (1 + np.float32(5) * over) + np.float32(0.5) * np.clip(t, -0.6, 0)
    out: Map = (wide - span * less).astype(np.float32)
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
