"""From paths to the panoramic film: bone with its net, the crest, the canal, and the blurred rest of the head."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.physics.io_bone import WALL_BONE, Tile
from fhir2dicom.physics.io_tooth import Array
from fhir2dicom.physics.xray_project import UNIT_PER_MM, Path

_BONE = 0.078
"""Attenuation of a mm of water's worth of bone at the 38 keV of `io_tooth`; ours, so that cortex is near its CORTICAL."""
_TAKEN = 0.055
"""What a mm of spongy bone absorbs that a tooth takes the place of."""


@nb.njit(cache=True, error_model="numpy")
def stroke(
    layer: Array, points: npt.NDArray[np.float64], reach: float, core: float, middle: float, rim: float
) -> None:
    """Draw a line through pixels: ``middle`` within ``core`` of its width, ``rim`` from there to its edge; the stronger stays."""
    rows, columns = layer.shape
    for k in range(points.shape[0] - 1):
        ax, ay = points[k, 0], points[k, 1]
        bx, by = points[k + 1, 0] - ax, points[k + 1, 1] - ay
        long = bx * bx + by * by + 1e-9
        j0, j1 = int(min(ay, ay + by) - reach), int(max(ay, ay + by) + reach) + 2
        i0, i1 = int(min(ax, ax + bx) - reach), int(max(ax, ax + bx) + reach) + 2
        for j in range(max(j0, 0), min(j1, rows)):
            for i in range(max(i0, 0), min(i1, columns)):
                px, py = i - ax, j - ay
                t = min(max((px * bx + py * by) / long, 0.0), 1.0)
                ex, ey = px - t * bx, py - t * by
                q = np.sqrt(ex * ex + ey * ey) / reach
                if q >= 1:
                    continue
                if q < core:
                    p = q / core
                    v = middle * (1 - p * p * p * p) + rim * p * p * p * p
                else:
                    p = (q - core) / (1 - core)
                    v = rim * (1 - p) * (1 - p) * (1 + 2 * p)
                there = layer[j, i]
                if (
                    there == 0
                    or (there * v > 0 and abs(v) > abs(there))
                    or (v * middle > 0 and there * middle < 0)
                ):
                    layer[j, i] = np.float32(v)


@nb.njit(cache=True, error_model="numpy")
def shadow(layer: Array, x: float, y: float, rx: float, ry: float, value: float) -> None:
    """Add a soft ellipse: (1 − r²)²."""
    rows, columns = layer.shape
    for j in range(max(0, int(y - ry)), min(rows, int(y + ry) + 2)):
        for i in range(max(0, int(x - rx)), min(columns, int(x + rx) + 2)):
            u, v = (i - x) / rx, (j - y) / ry
            p = 1 - u * u - v * v
            if p > 0:
                layer[j, i] += np.float32(value * p * p)


@nb.njit(cache=True, error_model="numpy")
def _blurred(path: Path) -> Array:
    """Return path lengths in mm, each the mean of 3 × 3 twice: what is not quite in focus."""
    rows, columns = path.shape[0], path.shape[1] - 2
    a, b = np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
    unit, third = np.float32(1 / UNIT_PER_MM), np.float32(1 / 3)
    for j in range(rows):
        for i in range(columns):
            a[j, i] = np.float32(path[j, i]) * unit
    for j in range(rows):
        up, down = max(j - 1, 0), min(j + 1, rows - 1)
        for i in range(columns):
            b[j, i] = (a[up, i] + a[j, i] + a[down, i]) * third
    for j in range(rows):
        a[j, 0], a[j, columns - 1] = b[j, 0], b[j, columns - 1]
        for i in range(1, columns - 1):
            a[j, i] = (b[j, i - 1] + b[j, i] + b[j, i + 1]) * third
    return a


def composed(
    film: Array,
    jaw: Path,
    face: Path,
    ghosts: Array,
    canal: Array,
    crests: Array,
    net: tuple[Tile, Tile],
    look: Array,
) -> Array:
    """Return attenuation, (rows, columns).

    film: planes of the teeth, the first is added to; face at half, ghosts at an eighth of the matrix; crests: rows of the
    upper and lower crest by column, beyond the film where there is none; look: density, coarseness, rows and columns by
    which the nets are moved.
    """
    out = film[0]
    _compose(out, film, jaw, _blurred(face), ghosts, canal, crests, net[0], net[1], look)
    return np.asarray(out, np.float32)


@nb.njit(cache=True, error_model="numpy")
def _compose(  # noqa: PLR0917 - a kernel
    out: Array,
    film: Array,
    jaw: Path,
    face: Array,
    ghosts: Array,
    canal: Array,
    crests: Array,
    upper_net: Tile,
    lower_net: Tile,
    look: Array,
) -> None:
    rows, columns = out.shape
    nil, one, half = np.float32(0), np.float32(1), np.float32(0.5)
    bone, unit = np.float32(_BONE), np.float32(1 / UNIT_PER_MM)
    density, coarse, r0, c0 = look[0], look[1], int(look[2]), int(look[3])
    middle, fade = np.float32(columns / 2), np.float32(5.0 / columns)
    high, wide = upper_net.shape[0] - 1, upper_net.shape[1] - 1
    eighth, wall, taken_mu = np.float32(0.125), np.float32(WALL_BONE), np.float32(_TAKEN)
    gy, gx, fy, fx = ghosts.shape[0] - 2, ghosts.shape[1] - 2, face.shape[0] - 2, face.shape[1] - 2
    ghost, faced = np.empty(ghosts.shape[1], np.float32), np.empty(face.shape[1], np.float32)
    for j in range(rows):
        v = min(max((np.float32(j) - np.float32(3.5)) * eighth, nil), np.float32(gy) + np.float32(0.999))
        b = int(v)
        v -= np.float32(b)
        for i in range(ghosts.shape[1]):
            ghost[i] = ghosts[b, i] + v * (ghosts[b + 1, i] - ghosts[b, i])
        v = min(max((np.float32(j) - half) * half, nil), np.float32(fy) + np.float32(0.999))
        b = int(v)
        v -= np.float32(b)
        for i in range(face.shape[1]):
            faced[i] = face[b, i] + v * (face[b + 1, i] - face[b, i])
        upper_row, lower_row = upper_net[(2 * j + r0) & high], lower_net[(2 * j + r0) & high]
        for i in range(columns):
            u = min(max((np.float32(i) - np.float32(3.5)) * eighth, nil), np.float32(gx) + np.float32(0.999))
            b = int(u)
            u -= np.float32(b)
            a = ghost[b] + u * (ghost[b + 1] - ghost[b])
            u = min(max((np.float32(i) - half) * half, nil), np.float32(fx) + np.float32(0.999))
            b = int(u)
            u -= np.float32(b)
            f = faced[b] + u * (faced[b + 1] - faced[b])
            taken, socket = film[1, j, i], film[2, j, i]
            q = np.float32(j) - crests[1, i]
            e = min(max(q * np.float32(0.35) + half, nil), one)
            p = np.float32(jaw[j, i]) * unit * e
            t = min(p * np.float32(0.12), one)
            if p > 0:
                texture = np.float32(lower_row[(2 * i + c0) & wide]) * np.float32(1 / 32)
                p *= one + np.float32(0.055) * coarse * texture * t
            s = one - (q - np.float32(1.5)) * (q - np.float32(1.5)) * np.float32(0.16)
            p += max(s, nil) * np.float32(3.0) * t
            edge = crests[0, i] - np.float32(j)
            e = min(max(edge * np.float32(0.35) + half, nil), one)
            f *= min(max(np.float32(2.75) - abs(np.float32(i) - middle) * fade, np.float32(0.35)), one)
            if f < 0:
                f *= np.float32(0.33)
            else:
                if edge < 0 and edge > np.float32(-140):
                    f *= e
                texture = np.float32(upper_row[(2 * i + c0) & wide]) * np.float32(1 / 32)
                f *= one + np.float32(0.045) * coarse * texture
                t = max(t, min(f * np.float32(0.12), one))
            a += bone * density * (p + f) + canal[j, i] * min(max(p, nil) * np.float32(0.15), one)
            a += t * (wall * np.float32(0.5) * socket - taken_mu * min(taken, np.float32(9.0)))
            out[j, i] += max(a, nil)
