"""A tooth as a film sees it: paths through its layers, added up from the contours that cut it in the planes of the rays.

A chord through a closed curve is the sum, over its edges, of the depths at which a ray crosses them, one sense positive and
the other negative; so enamel, dentine, pulp and the works of a dentist need no order and no grid, and any yaw is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model.mouth import CORE, LAMINA, LAYERS, LIGAMENT, OUTER, PULP, STAGES, Tooth

Array = npt.NDArray[np.float32]

COLUMN_MM = 0.06
"""Width of a column of a raster that is not made for one film."""
_LEVEL = 0.7
"""Sine of the lean up to which a raster's columns are the film's, so that it is laid run by run."""

# Attenuation in 1/mm at 65 kV behind a cheek, about 38 keV: hydroxyapatite and soft tissue as xraydb (NIST) has them at
# that energy, enamel, dentine and bone by their share of mineral, rounded by us; materials of dentists judged by eye.
SOFT, ENAMEL, DENTINE = 0.0284, 0.300, 0.172

ATTENUATION, DISPLACED, WALL = range(3)
"""Planes of a raster: attenuation × mm; mm of bone that the tooth takes the place of; mm of socket wall."""


@dataclass(frozen=True, eq=False, slots=True)
class Raster:
    """A tooth seen along one direction, in its own upright frame."""

    planes: Array
    """(3, rows, columns)."""
    column_mm: float
    left_mm: float
    """Of the middle of column 0, mesial positive."""
    heights: Array
    """(rows,): mm over the neck; evenly spaced below and from ``split``."""
    split: int
    low_step: float
    high_step: float
    between: tuple[int, int]
    """First plane of the solid in it, and the one after the last."""


def raster(
    tooth: Tooth,
    yaw: float,
    low_mm: float,
    high_mm: float,
    column_mm: float = COLUMN_MM,
    bench: Array | None = None,
) -> Raster | None:
    """Return the sound tooth between two heights over its neck, turned by ``yaw``; None if nothing of it is there.

    ``bench`` is memory to draw in, good until the next tooth is drawn in it.
    """
    solid = tooth.solid
    a, b = _between(tooth, low_mm, high_mm)
    if b - a < 4:
        return None
    heights = solid.heights[a:b]
    half = solid.reach_mm[0] * abs(cos(yaw)) + solid.reach_mm[1] * abs(sin(yaw)) + abs(tooth.bend_mm)
    columns = 2 * int((half * tooth.scale[0] + 0.3) / column_mm) + 1
    planes = _clean(bench, (3, b - a, columns))
    c0, c1 = np.searchsorted(solid.plane, (a, b))
    weights, wide = _weights(tooth, heights)
    view = np.array((round(cos(yaw), 7), round(sin(yaw), 7), tooth.scale[0] / column_mm), np.float32)
    curves = (solid.points, solid.first[c0 : c1 + 1], solid.plane[c0:c1] - a, solid.layer[c0:c1])
    _add(planes, *curves, weights, wide, _bends(tooth, heights), view)
    np.maximum(planes[0], 0, out=planes[0])
    if tooth.primary and tooth.root < 0.995:
        _gnaw(planes, heights, np.float32(-solid.root_mm * tooth.root), tooth.key)
    crown, root = np.float32(tooth.scale[1]), np.float32(tooth.scale[2])
    return Raster(
        planes,
        column_mm,
        -(columns // 2) * column_mm,
        np.where(heights < 0, heights * root, heights * crown).astype(np.float32),
        max(0, min(solid.split - a, b - a)),
        round(float(solid.heights[1] - solid.heights[0]) * tooth.scale[2], 6),
        round(float(solid.heights[-1] - solid.heights[-2]) * tooth.scale[1], 6),
        (a, b),
    )


def _between(tooth: Tooth, low_mm: float, high_mm: float) -> tuple[int, int]:
    """Return the first plane of the solid that is seen, and the one after the last."""
    heights = tooth.solid.heights
    low, high = (mm / tooth.scale[2 if mm < 0 else 1] for mm in (low_mm, high_mm))
    return max(0, int(np.searchsorted(heights, low)) - 1), min(
        len(heights), int(np.searchsorted(heights, high)) + 1
    )


def _clean(bench: Array | None, shape: tuple[int, int, int]) -> Array:
    """Return zeros, in the bench's memory if they fit."""
    size = shape[0] * shape[1] * shape[2]
    if bench is None or bench.size < size:
        return np.zeros(shape, np.float32)
    planes = bench[:size].reshape(shape)
    planes[:] = 0
    return planes


def _weights(tooth: Tooth, heights: Array) -> tuple[Array, Array]:
    """Return what each layer counts in each plane of the raster, (layers, 3, rows), and how wide it is, (layers, rows)."""
    z, solid = heights, tooth.solid
    there = np.clip((solid.crown_mm - tooth.wear_mm / tooth.scale[1] + 0.6 - z) * 6 + 0.5, 0, 1)
    if tooth.wear_mm <= 0:
        there = np.ones_like(z)
    bone, crown = z < -0.9, z > -1.5
    end = -solid.root_mm * tooth.root
    wide = np.ones((LAYERS, len(z)), np.float32)
    socket = wall = np.ones_like(z)
    if tooth.root < 0.995:
        there = there * np.clip((z - end) * 5 + 0.5, 0, 1)
        socket, wall = (z > end - 1.0).astype(np.float32), (z > end - 1.4).astype(np.float32)
        for layer, deep in ((LIGAMENT, 1.0), (LAMINA, 1.4)):  # the socket's floor is round
            q = np.clip((end - z) / deep, 0, 0.999)
            wide[layer] = np.sqrt(1 - q * q)
        if not tooth.primary:
            wide[PULP : PULP + STAGES] = 1 + 1.5 * np.clip((end + 4.5 - z) / 4.5, 0, 1)
    w = np.zeros((LAYERS, 3, len(z)), np.float32)
    w[OUTER, ATTENUATION] = np.where(crown, ENAMEL, DENTINE) * there
    w[OUTER, DISPLACED] = np.where(bone, 0, there)
    w[CORE, ATTENUATION] = (DENTINE - ENAMEL) * there
    stage = min(STAGES - 1, int(tooth.old * STAGES))
    w[PULP + stage, ATTENUATION] = (SOFT - DENTINE) * there
    w[LIGAMENT, DISPLACED] = np.where(bone, socket, 0)
    w[LIGAMENT, WALL] = np.where(bone, -socket, 0)
    w[LAMINA, WALL] = np.where(bone, wall, 0)
    return w, wide


def _gnaw(planes: Array, heights: Array, end: np.float32, key: int) -> None:
    """Make the end of a root that is being resorbed uneven, aslant, and soft."""
    columns = planes.shape[2]
    u = np.linspace(-1.0, 1.0, columns, dtype=np.float32)
    a, b, c = ((key >> k) % 1024 / 512 - 1.0 for k in (0, 10, 20))
    cut = (
        end
        + np.float32(0.9)
        + 4 * u * np.float32(a)
        + np.float32(0.7 * b) * _wave(u * 5 + c)
        + np.float32(0.5) * _wave(u * 11 - a)
    )
    left = np.clip((heights[:, None] - cut[None]) * 2 + 0.5, 0, 1)
    planes[0] *= left
    planes[1:] *= np.clip((heights[:, None] - cut[None] + 0.5) * 2 + 0.5, 0, 1)


def _wave(x: Array) -> Array:
    """Return a smooth wave of period 4 between −1 and 1, by parabolas."""
    t = x - 4 * np.floor(x / 4) - 2
    return np.asarray(t * (2 - np.abs(t)), np.float32)


def _bends(tooth: Tooth, heights: Array) -> Array:
    """Return how far each plane is moved to the mesial side by the root's own curve, mm."""
    down = np.clip(-heights / tooth.solid.root_mm, 0, 1.2)
    return np.asarray(-tooth.bend_mm * down * down, np.float32)


@nb.njit(cache=True, error_model="numpy")
def edge(
    row: Array, u0: np.float32, t0: np.float32, u1: np.float32, t1: np.float32, weight: np.float32
) -> None:
    """Add an edge's depth to the columns it crosses: positive to the right, negative to the left."""
    if u1 < u0:
        u0, u1, t0, t1, weight = u1, u0, t1, t0, -weight
    i0, i1 = int(np.ceil(u0)), int(np.ceil(u1))
    if i1 <= i0:
        return
    i0, i1 = max(i0, 0), min(i1, row.shape[0])
    slope = (t1 - t0) / (u1 - u0) * weight
    start = t0 * weight - u0 * slope
    for i in range(i0, i1):
        row[i] += start + np.float32(i) * slope


@nb.njit(cache=True, error_model="numpy")
def _add(  # noqa: PLR0917 - a kernel
    planes: Array,
    points: Array,
    first: npt.NDArray[np.int32],
    plane: npt.NDArray[np.int32],
    layer: npt.NDArray[np.uint8],
    weights: Array,
    wide: Array,
    shift: Array,
    view: Array,
) -> None:
    """Add closed curves to the planes of a raster; see `_weights`. ``view``: cosine, sine of the yaw, columns a mm."""
    cosine, sine, scale = view[0], view[1], view[2]
    columns = planes.shape[2]
    middle = np.float32(columns // 2)
    line = np.zeros(columns, np.float32)
    for c in range(plane.shape[0]):
        k, which = plane[c], layer[c]
        w0, w1, w2 = weights[which, 0, k], weights[which, 1, k], weights[which, 2, k]
        if w0 == 0 and w1 == 0 and w2 == 0:
            continue
        a, b = first[c], first[c + 1]
        gx, gy, grow = np.float32(0), np.float32(0), wide[which, k]
        if grow != 1:
            for p in range(a, b):
                gx += points[p, 0]
                gy += points[p, 1]
            gx /= np.float32(b - a)
            gy /= np.float32(b - a)
        x, y = gx + (points[b - 1, 0] - gx) * grow + shift[k], gy + (points[b - 1, 1] - gy) * grow
        u0, t0 = (x * cosine + y * sine) * scale + middle, x * sine - y * cosine
        low, high = u0, u0
        for p in range(a, b):
            x, y = gx + (points[p, 0] - gx) * grow + shift[k], gy + (points[p, 1] - gy) * grow
            u1, t1 = (x * cosine + y * sine) * scale + middle, x * sine - y * cosine
            edge(line, u0, t0, u1, t1, np.float32(1))
            low, high = min(low, u1), max(high, u1)
            u0, t0 = u1, t1
        i0, i1 = max(int(low), 0), min(int(high) + 2, columns)
        for q, weight in ((0, w0), (1, w1), (2, w2)):
            if weight != 0:
                row = planes[q, k]
                for i in range(i0, i1):
                    row[i] += weight * line[i]
        for i in range(i0, i1):
            line[i] = 0


def _row_above(heights: Array, mm: float) -> float:
    """Return the first row that lies wholly above a height: no socket's wall there, or no gum."""
    return float(np.searchsorted(heights, mm)) + 1.0


def column_for(lean: float, step_mm: float, magnification: float) -> float:
    """Return how wide a raster's columns should be for a film whose pixels are ``step_mm``; lean: its cosine and sine."""
    c, s = cosine_and_sine(lean)
    return step_mm * c / magnification if abs(s) < _LEVEL else COLUMN_MM


def cosine_and_sine(angle: float) -> tuple[float, float]:
    """Return cosine and sine of an angle up to about π/2, by their series: the same on every machine."""
    a = angle
    c = 1 - a**2 / 2 + a**4 / 24 - a**6 / 720
    return round(c, 6), round(a - a**3 / 6 + a**5 / 120 - a**7 / 5040, 6)


def lay(film: Array, tooth: Raster, pose: tuple[float, ...], step_mm: float) -> None:
    """Add a raster to the planes of a film, (3, rows, columns).

    ``pose``: x, y of the neck's middle from the film's middle, mm; its lean; mirror; up: +1 in the upper jaw, −1 in the
    lower; magnification.
    """
    x, y, lean, mirror, up, magnification = pose
    c, s = cosine_and_sine(lean)
    rows, columns = film.shape[1:]
    left, right = tooth.left_mm, -tooth.left_mm
    low, high = float(tooth.heights[0]), float(tooth.heights[-1])
    down = [(s * u + c * w) * up * magnification + y for u in (left, right) for w in (low, high)]
    half_x, half_y = columns * step_mm / 2, rows * step_mm / 2
    j0 = max(0, int((min(down) + half_y) / step_mm))
    j1 = min(rows, int((max(down) + half_y) / step_mm) + 2)
    split = float(tooth.heights[tooth.split]) if tooth.split < len(tooth.heights) else high + 1.0
    level = abs(s) < _LEVEL
    turned = 1.0 if level else mirror
    numbers = np.array(
        (
            (0.5 * step_mm - half_x - x) * turned / magnification,
            (0.5 * step_mm - half_y - y) * up / magnification,
            step_mm * turned / magnification,
            step_mm * up / magnification,
            c, s * mirror if level else s, 1.0 / tooth.column_mm, -left / tooth.column_mm,
            split, tooth.split, 1.0 / tooth.low_step, 1.0 / tooth.high_step,
            _row_above(tooth.heights, -0.8), _row_above(tooth.heights, 3.6),
        ),
        np.float32,
    )  # fmt: skip
    if level:
        planes = tooth.planes if mirror > 0 else np.ascontiguousarray(tooth.planes[:, :, ::-1])
        _lay_level(film, planes, numbers, j0, j1)
    else:
        _lay(film, tooth.planes, numbers, j0, j1)


@nb.njit(cache=True, error_model="numpy")
def _ends(planes: Array) -> npt.NDArray[np.int32]:
    """Return the first and the last column of each row that hold something; (rows, 2)."""
    rows, columns = planes.shape[1], planes.shape[2]
    out = np.empty((rows, 2), np.int32)
    for r in range(rows):
        a, b = 0, columns - 1
        while a < columns and planes[0, r, a] == 0 and planes[1, r, a] == 0 and planes[2, r, a] == 0:
            a += 1
        while b >= a and planes[0, r, b] == 0 and planes[1, r, b] == 0 and planes[2, r, b] == 0:
            b -= 1
        out[r, 0], out[r, 1] = a, b
    return out


@nb.njit(cache=True, error_model="numpy")
def _row_of(w: np.float32, n: Array, last: np.float32) -> np.float32:
    """Return the raster's row at a height."""
    r = n[9] + (w - n[8]) * (n[10] if w < n[8] else n[11])
    return min(max(r, np.float32(0)), last)


@nb.njit(cache=True, error_model="numpy")
def _lay_level(film: Array, planes: Array, n: Array, j0: int, j1: int) -> None:
    """Lay a raster whose columns are the film's: along a row of the film it is read in runs between two of its rows."""
    rows, columns, wide = planes.shape[1], planes.shape[2], film.shape[2]
    one = np.float32(1.0)
    c, s = n[4], n[5]
    ends, last_row = _ends(planes), np.float32(rows - 1.001)
    flat, out, down, step = planes.ravel(), film.reshape(-1), np.uintp(columns), np.uintp(1)
    for j in range(j0, j1):
        ay = n[1] + np.float32(j) * n[3]
        start = (c * n[0] + s * ay) * n[6] + n[7]
        b0 = int(np.floor(start))
        fu = start - np.float32(b0)
        gu = one - fu
        i0, i1 = max(0, -b0), min(wide, columns - 1 - b0)
        w0, dw = c * ay - s * n[0], -s * n[2]
        ra, rb = (
            _row_of(w0 + np.float32(i0) * dw, n, last_row),
            _row_of(w0 + np.float32(i1) * dw, n, last_row),
        )
        first, last = columns, -1
        for r in range(int(min(ra, rb)), min(int(max(ra, rb)) + 2, rows)):
            first, last = min(first, ends[r, 0]), max(last, ends[r, 1])
        i, i1 = max(i0, first - 1 - b0), min(i1, last + 1 - b0)
        count = 1 if min(ra, rb) > n[13] else 2 if min(ra, rb) > n[12] else 3
        while i < i1:
            w = w0 + np.float32(i) * dw
            slope = n[10] if w < n[8] else n[11]
            r = n[9] + (w - n[8]) * slope
            if r < 0 or r > last_row:
                i += 1
                continue
            dr = dw * slope
            a = int(r)
            f = r - np.float32(a)
            run = i1 - i
            if dr > np.float32(1e-6):
                run = min(run, int((one - f) / dr) + 1)
            elif dr < np.float32(-1e-6):
                run = min(run, int(f / -dr) + 1)
            for q in range(count):
                base = np.uintp((q * rows + a) * columns + b0 + i)
                to = np.uintp((q * film.shape[1] + j) * wide + i)
                for t in range(np.uintp(run)):
                    k = base + t
                    g = f + np.float32(t) * dr
                    upper = gu * flat[k] + fu * flat[k + step]
                    out[to + t] += upper + g * (gu * flat[k + down] + fu * flat[k + down + step] - upper)
            i += run


@nb.njit(cache=True, error_model="numpy")
def _lay(film: Array, planes: Array, n: Array, j0: int, j1: int) -> None:
    """Lay any raster: each pixel of the film between two rows and two columns."""
    rows, columns, wide = planes.shape[1], planes.shape[2], film.shape[2]
    one = np.float32(1.0)
    c, s = n[4], n[5]
    last_row, last_column = np.float32(rows - 1.001), np.float32(columns - 1.001)
    for j in range(j0, j1):
        ay = n[1] + np.float32(j) * n[3]
        xa, xb = ((-n[7]) / n[6] - s * ay) / c, ((last_column - n[7]) / n[6] - s * ay) / c
        ia, ib = (xa - n[0]) / n[2], (xb - n[0]) / n[2]
        for i in range(max(0, int(min(ia, ib))), min(wide, int(max(ia, ib)) + 2)):
            ax = n[0] + np.float32(i) * n[2]
            u, w = (c * ax + s * ay) * n[6] + n[7], c * ay - s * ax
            r = n[9] + (w - n[8]) * (n[10] if w < n[8] else n[11])
            if u < 0 or r < 0 or u > last_column or r > last_row:
                continue
            a, b = int(r), int(u)
            fr, fu = r - np.float32(a), u - np.float32(b)
            for q in range(3):
                p = planes[q]
                upper = (one - fu) * p[a, b] + fu * p[a, b + 1]
                film[q, j, i] += upper + fr * ((one - fu) * p[a + 1, b] + fu * p[a + 1, b + 1] - upper)
