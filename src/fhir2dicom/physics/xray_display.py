"""How an exposed film is shown: bands of different width with gains of their own, and a sigmoid.

The film is made in one pass of its rows. All that changes slowly (scatter, local exposure, the bands of the
display) is worked out at a quarter and a sixteenth of the matrix and read by linear interpolation.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.physics.xray_film import Detector, Map, Quarter, blur, expose, grow, shrink
from fhir2dicom.physics.xray_look import Look
from fhir2dicom.physics.xray_project import UNIT_PER_MM, Path
from fhir2dicom.physics.xray_tone import REACH, chest_tones, exposed, inverse, rank, tones

NET_PIXELS_MM = (0.10, 0.14, 0.20)
"""Pixels of the tiles bone0, bone1 and bone2."""


Tile = npt.NDArray[np.int8]


@cache
def _tiles() -> Mapping[str, Tile]:
    """Return the tiles, square, int8, they wrap: noise and lung of standard deviation 32, nets of trabeculae of 24."""
    with files("fhir2dicom.physics").joinpath("tiles/film.npz").open("rb") as f, np.load(f) as z:
        stored = {n: z[n] for n in z.files}
    nets = {n.replace("bone", "across"): t.T for n, t in stored.items() if n.startswith("bone")}
    return stored | nets | {"back": stored["noise"][:, ::-1]}


@cache
def _unrolled(name: str, length: int) -> Tile:
    """Return a tile of 512 rows, repeated sideways so that ``length`` pixels lie in one piece from any of 512 columns on."""
    tile = _tiles()[name]
    wide = -(-(length + 512) // tile.shape[1])
    return np.ascontiguousarray(np.tile(tile, (512 // len(tile), wide)))


def _textures(look: Look, pixel_mm: float, columns: int) -> tuple[Tile, Tile, Tile, Tile]:
    """Return two tiles of noise, and two of structure: of lung, or of trabeculae along the columns and along the rows."""
    length = -(-columns // 512) * 512
    ratios = [max(p / pixel_mm, pixel_mm / p) for p in NET_PIXELS_MM]
    k = ratios.index(min(ratios))
    names = ("lung", "lung") if look.lungs else (f"bone{k}", f"across{k}")
    noise, back, net, other = (_unrolled(n, length) for n in ("noise", "back", *names))
    return noise, back, net, other


@nb.njit(cache=True, error_model="numpy")
def _rows(
    path: Path,
    maps: Map,
    tiles: tuple[Tile, Tile, Tile, Tile],
    shift: npt.NDArray[np.int64],
    shutter: npt.NDArray[np.int64],
    side: float,
    top: int,
) -> npt.NDArray[np.uint16]:
    """Give each pixel t = P + Q·path + R·noise + S·net (+ T·other net) through the display's curve; the maps are at a quarter.

    The curve is an algebraic sigmoid, t / √(1 + t²), cut where t is ±`REACH` and stretched to 0 … ``top``.
    """
    rows, columns = path.shape[0], path.shape[1] - 2
    out = np.zeros((rows, columns), np.uint16)
    noise, back, net, other = tiles
    inner, last = columns - 2, maps.shape[1] - 2
    w1, w0 = np.float32(side), np.float32(1 - 2 * side)
    one, reach, middle = np.float32(1), np.float32(REACH), np.float32(top * 0.5 + 0.5)
    half = np.float32(top * 0.5 / (REACH / np.sqrt(1 + REACH * REACH)))
    kinds = maps.shape[0]
    above, below = np.zeros((kinds, columns), np.float32), np.zeros((kinds, columns), np.float32)
    up, here, down = (np.empty(inner, np.float32), np.empty(inner, np.float32), np.empty(inner, np.float32))
    half_way = np.float32(0.5)
    s1, s3, s5 = shift[1], 511 - shift[3], shift[5]
    extra = np.zeros(inner, np.float32)
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
        n, m = noise[(y + shift[0]) & 511, s1 : s1 + inner], back[(y + shift[2]) & 511, s3 : s3 + inner]
        g, h = net[(y + shift[4]) & 511, s5 : s5 + inner], other[(y + shift[4]) & 511, s5 : s5 + inner]
        if y == first:
            _across(path[y - 1], w0, w1, up)
            _across(path[y], w0, w1, here)
        else:
            up, here, down = here, down, up
        _across(path[y + 1], w0, w1, down)
        p0, q0, p1, q1 = above[0], above[1], below[0], below[1]
        r, s = (above[2], above[3]) if f < half_way else (below[2], below[3])
        row = out[y, 1 : columns - 1]
        if kinds > 4:
            o = above[4] if f < half_way else below[4]
            for x in range(inner):
                extra[x] = o[x] * np.float32(h[x])
        for x in range(inner):
            a = w0 * here[x] + w1 * (up[x] + down[x])
            t = p0[x] + (p1[x] - p0[x]) * f + (q0[x] + (q1[x] - q0[x]) * f) * a
            t += r[x] * (np.float32(n[x]) - np.float32(m[x])) + s[x] * np.float32(g[x]) + extra[x]
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


def display(
    path: Path,
    quarter: Quarter,
    detector: Detector,
    look: Look,
    shift: npt.NDArray[np.int64],
    shutter: tuple[int, int, int, int],
    bits: int,
) -> npt.NDArray[np.uint16]:
    """Return the film as shown, (rows, columns), P-values of ``bits`` bits, bone white.

    ``shutter`` (top, bottom, left, right) bounds the exposed part in pixels; outside it the film is black.
    """
    x4, contrast, noise = expose(quarter, detector)
    x16 = shrink(x4, 4)
    inside = exposed(x16, shutter, look)
    fine4 = blur(x4, 1, 2)
    low4, damp4, lo, gain = _wide(fine4, x16, quarter, inside, look)
    maps = _maps(
        (low4, damp4, x4, fine4, contrast, noise, quarter.fine, quarter.net_mm),
        lo,
        gain,
        (look.fine, look.edge, look.grain),
        (detector.water_per_mm, detector.texture, detector.bone),
        None if look.lungs else grow(_grain(shrink(quarter.net_mm, 4)), 4, *x4.shape),
    )
    return _rows(
        path,
        maps,
        _textures(look, detector.pixel_mm, x4.shape[1] * 4),
        shift,
        np.array(shutter, np.int64),
        min(detector.blur_px**2 / 2, 0.32),
        (1 << bits) - 1,
    )


def _wide(
    fine4: Map, x16: Map, quarter: Quarter, inside: npt.NDArray[np.bool_], look: Look
) -> tuple[Map, Map, np.float32, np.float32]:
    """Return at a quarter the wide bands and how much narrow ones are damped; the level and gain of the curve."""
    guide = shrink(quarter.net_mm if look.lungs else quarter.fine, 4)
    wide, mid16, damp16, (low, high) = (chest_tones if look.lungs else tones)(x16, guide, inside, look)
    a, b = inverse(look.low), inverse(look.dense)
    gain = np.float32((b - a) / (high - low))
    lo = np.float32(low - a / float(gain))
    low4 = grow((wide - damp16 * mid16 * np.float32(look.fine)).astype(np.float32), 4, *fine4.shape)
    if not look.lungs:
        edge = rank(x16[inside], 0.1)
        air = edge * look.base + np.float32(rank(x16[inside], 0.5)) * (1 - look.base) - edge * look.middle
        black = max(look.black, float(air) - float(lo) + (REACH + 0.3) / float(gain))
        toe = np.float32(max(0.7 * edge, 0.01))
        low4 -= np.float32(black) * np.maximum(1 - fine4 / toe, np.float32(0)) ** 2
    return low4, grow(damp16, 4, *fine4.shape), lo, gain


@nb.njit(cache=True, error_model="numpy")
def _maps(
    parts: tuple[Map, ...],
    lo: np.float32,
    gain: np.float32,
    bands: tuple[float, float, float],
    beam: tuple[float, float, float],
    upright: Map | None,
) -> Map:
    """Return P, Q, R, S (and T) of `_rows` at a quarter; ``upright``: how much of the net runs along the columns.

    The net of trabeculae grows with the root of the way through it, as what lies behind each other adds up by chance, and
    fades where the cortex is as thick as the marrow: in shafts.
    """
    low, damp, x, fine, contrast, noise, own, net = parts
    rows, columns = x.shape
    maps = np.empty((4 if upright is None else 5, rows, columns), np.float32)
    narrow, edge = np.float32(bands[0] - bands[1]), np.float32(bands[1])
    mu, less = np.float32(beam[0]), np.float32(1 / bands[2])
    to_path, to_noise = mu / np.float32(UNIT_PER_MM), np.float32(1 / (32 * 1.4142135))
    to_lung, to_net = mu * np.float32(beam[1] / 32), mu * np.float32(beam[1] / 24)
    to_bone = np.float32(1 / (beam[0] * beam[2]))
    for v in range(rows):
        for u in range(columns):
            d, c = damp[v, u], contrast[v, u]
            e = d * edge
            g = e * gain
            maps[0, v, u] = (low[v, u] + d * fine[v, u] * narrow + (x[v, u] - c * own[v, u]) * e - lo) * gain
            maps[1, v, u] = c * g * to_path
            maps[2, v, u] = noise[v, u] / (np.float32(1) + noise[v, u] * less) * g * to_noise
            if upright is None:
                maps[3, v, u] = c * net[v, u] * g * to_lung
            else:
                m = max(net[v, u], np.float32(0))
                cortex = max(own[v, u] * to_bone - m, np.float32(0))
                share = np.float32(1.15) * (m - cortex) / (m + np.float32(0.01))
                share = min(max(share, np.float32(0.12)), np.float32(1))
                s = c * g * to_net * share * np.sqrt(m + m * m / np.float32(40))
                w = upright[v, u]
                maps[3, v, u] = s * np.sqrt(w)
                maps[4, v, u] = s * np.sqrt(np.float32(1) - w)
    return maps


def _grain(net16: Map) -> Map:
    """Return how much of the net runs along the columns, 0.1 … 0.9: along the bone, whose sides are steeper than its ends."""
    across, down = np.zeros_like(net16), np.zeros_like(net16)
    across[:, 1:-1] = (net16[:, 2:] - net16[:, :-2]) ** 2
    down[1:-1] = (net16[2:] - net16[:-2]) ** 2
    across, down = blur(across, 4, 2) + np.float32(0.02), blur(down, 4, 2) + np.float32(0.02)
    share: Map = np.clip(across / (across + down), 0.1, 0.9).astype(np.float32)
    return share
