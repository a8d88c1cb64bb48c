"""Slow maps of a mammogram: depth under the skin, rays from the nipple, where gland may be; a sixteenth of the matrix and less.

Node (j, i) of a map of factor f lies at pixel ((j + ½) f, (i + ½) f). Lengths in mm, planes as in `model.breast`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Pressed
from fhir2dicom.noise import unit

Map = npt.NDArray[np.float32]

LAYERS = 6
"""Depths across the breast at which lobules are drawn."""

_SUPERFICIAL = np.array([0.40, 0.10, 0.0, 0.04, 0.14, 0.44], np.float32)
"""What the outer layers, in the fat under the skin, lose of the envelope."""

_NOWHERE = -60.0
"""u of a muscle that is not there, mm."""
_FOCUS_MM = 30.0
"""The rays of gland meet so far outside the nipple."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which part of the plane a map covers: v of its upper edge, rows and columns of the film's pixels, their size."""

    top_mm: float
    rows: int
    columns: int
    pixel_mm: float

    def nodes(self, factor: int) -> tuple[int, int, float]:
        """Return rows, columns and step in mm of a map."""
        return -(-self.rows // factor), -(-self.columns // factor), self.pixel_mm * factor


@nb.njit(cache=True, error_model="numpy")
def lattice2(key: int, y: float, x: float) -> float:
    """Return smooth noise, -1 … 1, of a lattice of random values at whole numbers."""
    j, i = int(np.floor(y)), int(np.floor(x))
    v, u = y - j, x - i
    v, u = v * v * (3 - 2 * v), u * u * (3 - 2 * u)
    n = (j + 4096) * 8192 + i + 4096
    a, b = unit(key, n), unit(key, n + 1)
    c, d = unit(key, n + 8192), unit(key, n + 8193)
    return 2 * ((a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v) - 1


@nb.njit(cache=True, error_model="numpy")
def lattice3(key: int, z: float, y: float, x: float) -> float:
    """Return smooth noise in space, -1 … 1."""
    k = int(np.floor(z))
    w = z - k
    w = w * w * (3 - 2 * w)
    a, b = lattice2(key + 7919 * k, y, x), lattice2(key + 7919 * (k + 1), y, x)
    return a + (b - a) * w


@nb.njit(cache=True, error_model="numpy")
def _skin(line: Map, out: Map, step: float, top: float) -> None:
    """Write the distance to the outline, inside positive; near a node's neighbour the nearest piece is near the neighbour's."""
    n = line.shape[0] - 1
    for j in range(out.shape[0]):
        y = top - (j + 0.5) * step
        near = 0
        for i in range(out.shape[1]):
            x = (i + 0.5) * step
            low, high = (0, n) if i % 8 == 0 else (max(0, near - 7), min(n, near + 8))
            best, sign = 1e18, 1.0
            for k in range(low, high):
                ax, ay = line[k, 0], line[k, 1]
                bx, by = line[k + 1, 0] - ax, line[k + 1, 1] - ay
                t = ((x - ax) * bx + (y - ay) * by) / (bx * bx + by * by + 1e-9)
                t = min(1.0, max(0.0, t))
                dx, dy = x - ax - t * bx, y - ay - t * by
                q = dx * dx + dy * dy
                if q < best:
                    best, near = q, k
                    sign = 1.0 if bx * (y - ay) - by * (x - ax) > 0 else -1.0
            out[j, i] = np.sqrt(best) * sign


@nb.njit(cache=True, error_model="numpy")
def _rays(out: Map, step: float, top: float, focus: npt.NDArray[np.float64], key: int) -> None:
    """Write U, the distance from the focus, and V, the arc across the rays; both warped a little."""
    for j in range(out.shape[1]):
        for i in range(out.shape[2]):
            x, y = (i + 0.5) * step, top - (j + 0.5) * step
            dx = focus[0] - x + 3.0 * lattice2(key, y / 17, x / 17)
            dy = y - focus[1] + 3.0 * lattice2(key + 1, y / 17, x / 17)
            u = np.sqrt(dx * dx + dy * dy)
            flat = abs(dy) < abs(dx)
            t = dy / dx if flat else dx / dy
            angle = t * (0.97239 - 0.19195 * t * t)
            if not flat:
                angle = (1.5708 if dy > 0 else -1.5708) - angle
            out[0, j, i] = u
            out[1, j, i] = angle * (42 + 0.55 * u)


@nb.njit(cache=True, error_model="numpy")
def _envelope(
    out: Map, skin: Map, lobes: Map, edge: Map, loss: Map, numbers: npt.NDArray[np.float64], key: int
) -> None:
    """Write, for each layer, how much gland there may be: lobes, the cone behind the nipple, less the fat around it.

    ``skin`` has half the step. ``numbers``: nipple's u and v, width of the breast; amount, spread, rim and back of the gland;
    depth of the breast, step of the map, v of its upper edge, tilt of the cone.
    """
    nipple, (amount, spread, rim, back) = numbers[:3], (numbers[3], numbers[4], numbers[5], numbers[6])
    deep, step, top, tilt = numbers[7], numbers[8], numbers[9], numbers[10]
    for j in range(out.shape[1]):
        y = top - (j + 0.5) * step
        for i in range(out.shape[2]):
            x = (i + 0.5) * step
            d = skin[min(2 * j, skin.shape[0] - 1), min(2 * i, skin.shape[1] - 1)]
            if d < -14:
                for k in range(out.shape[0]):
                    out[k, j, i] = -3.0
                continue
            away = np.sqrt((x - nipple[0]) ** 2 + (y - nipple[1]) ** 2)
            wide = 0.14 * nipple[2] + spread * max(0.0, nipple[0] - x)
            high = min(1.0, np.sqrt(max(d, 0.0) / 45.0))
            fat = 1 - (d - 2) / (rim * (1 + 0.45 * lattice2(key + 5, y / 11, x / 11)))
            fat = min(max(fat, 0.0), 1.0)
            fat = (1.5 + max(amount + 0.4, 0.0)) * fat * np.sqrt(fat) * min(max(away / 24 - 0.2, 0.0), 1.0)
            behind = 1 - (x + 1 + min(9.0, 0.7 * back) * lattice2(key + 6, y / 19, x / 19)) / back
            fat += 0.95 * min(max(behind, 0.0), 1.2)
            fat += (
                0.5 * min(max((-y / nipple[2] - 0.45) / 0.5, 0.0), 1.5)
                + 9 * max(-y / nipple[2] - 0.76, 0.0)
                + (0.5 + 0.6 * max(amount, 0.0)) * min(max((y / nipple[2] - 0.75) / 0.5, 0.0), 2.0)
            )
            muscle = 0.0
            if edge.size:
                muscle = min(max(1.15 - (x - edge[j]) / 15, 0.0), 1.15)
            near = 0.32 * max(0.0, 1 - away * away / 190)
            for k in range(out.shape[0]):
                w = ((k + 0.5) / out.shape[0] * 2 - 1) * deep * high
                e = 0.0
                for n in range(lobes.shape[0]):
                    du, dv, dw = x - lobes[n, 0], y - lobes[n, 1], w - lobes[n, 2]
                    a = (du * lobes[n, 3] + dv * lobes[n, 4]) / lobes[n, 5]
                    c = (du * lobes[n, 4] - dv * lobes[n, 3]) / lobes[n, 6]
                    b = dw / (1.5 * lobes[n, 6])
                    q = 1 - (a * a + b * b + c * c) * 0.125
                    if q > 0:
                        e += lobes[n, 7] * q * q * q * q
                aside = y - tilt * max(0.0, nipple[0] - x)
                r = (aside * aside + 0.6 * w * w) / (wide * wide)
                e += 0.62 / (1 + r + 0.6 * r * r)
                e += 0.46 * lattice3(key, w / 22, y / 22, x / 22) + 0.20 * lattice3(
                    key + 3, w / 7, y / 7, x / 7
                )
                e += amount - fat - loss[k] * (1 - 0.35 * amount) - muscle * (0.55 if k == 0 else 1.1)
                out[k, j, i] = min(e, 0.55 + 0.5 * amount) + near * (1.0 if amount > -0.9 else 0.5)


def skin_depth(breast: Pressed, frame: Frame) -> Map:
    """Return the distance to the skin at a sixteenth of the matrix, inside positive, without the nipple, mm."""
    rows, columns, step = frame.nodes(16)
    out = np.empty((rows, columns), np.float32)
    _skin(breast.outline, out, step, frame.top_mm)
    return out


def rays(breast: Pressed, frame: Frame) -> Map:
    """Return (2, rows, columns): distance from the focus of the rays, and arc across them, at a sixteenth, mm."""
    rows, columns, step = frame.nodes(16)
    out, nipple = np.empty((2, rows, columns), np.float32), breast.nipple
    focus = np.array([nipple.u_mm + _FOCUS_MM * nipple.along, nipple.v_mm + _FOCUS_MM * nipple.up])
    _rays(out, step, frame.top_mm, focus, breast.key)
    return out


def envelope(breast: Pressed, frame: Frame, skin: Map) -> Map:
    """Return (`LAYERS`, rows, columns): how much gland there may be at each depth, at a 32nd; about 0 where half is."""
    rows, columns, step = frame.nodes(32)
    out, g = np.empty((LAYERS, rows, columns), np.float32), breast.gland
    edge = muscle_edge(breast, frame, 32) - np.float32(10.0 if breast.view == "CC" else 0.0)
    numbers = np.array([
        breast.nipple.u_mm, breast.nipple.v_mm, breast.deep_mm / 0.82, g.amount, g.spread, g.rim_mm, g.back_mm,
        breast.deep_mm, step, frame.top_mm, g.tilt,
    ])  # fmt: skip
    _envelope(out, skin, breast.lobes, edge, _SUPERFICIAL, numbers, breast.key)
    return out


def muscle_edge(breast: Pressed, frame: Frame, factor: int) -> Map:
    """Return u of the muscle's edge for each row of a map, mm; empty where it is not in view."""
    if not len(breast.pectoral):
        return np.zeros(0, np.float32)
    rows, _, step = frame.nodes(factor)
    above = float(breast.pectoral[0, 0]) if breast.view == "MLO" else _NOWHERE
    out = np.empty(rows, np.float32)
    _edge(breast.pectoral, out, step, frame.top_mm, above)
    return out


@nb.njit(cache=True, error_model="numpy")
def _edge(line: Map, out: Map, step: float, top: float, above: float) -> None:
    """Write u of a line whose v falls, for each row; ``above`` over its upper end, on behind the film under its lower one."""
    k, last = 0, line.shape[0] - 1
    for j in range(out.shape[0]):
        v = top - (j + 0.5) * step
        while k < last - 1 and line[k + 1, 1] > v:
            k += 1
        if v > line[0, 1]:
            out[j] = above
        elif v < line[last, 1]:
            out[j] = max(line[last, 0] - 0.5 * (line[last, 1] - v), _NOWHERE)
        else:
            t = (line[k, 1] - v) / (line[k, 1] - line[k + 1, 1])
            out[j] = line[k, 0] + (line[k + 1, 0] - line[k, 0]) * t
