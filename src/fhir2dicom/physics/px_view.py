"""The unrolled jaw: where a point of the patient falls on a panoramic film, and how much of it is in focus.

A panoramic machine keeps one curved layer sharp; what lies before or behind it is smeared away. Here a point falls where the
nearest point of that curve does, and a path counts by its distance from the curve: `layer` is the integral of that share, so a
closed surface that is wholly outside the layer adds nothing, and one that the layer cuts adds its part.
Shape and width of the layer after Scarfe, Eraso & Farman (Dentomaxillofac Radiol 27:334, 1998: narrow at the front, about three
times as wide behind); the magnification of 1.2 is that of most machines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model.panorama import F32, Meshes
from fhir2dicom.physics.xray_project import UNIT_PER_MM, Path, sum_up, triangles_added

MAGNIFICATION = 1.2
_UPWARDS = 0.10
"""The beam comes from below by about 6°: what lies behind the layer is thrown higher."""
_INSIDE, _OUTSIDE, _FADE = 11.0, 9.0, 14.0
"""mm from the curve that are sharp behind, and over which focus is lost."""


@dataclass(frozen=True, eq=False, slots=True)
class Unrolled:
    """The film's way round the jaw."""

    arch: F32
    along: F32
    """(points,): mm along the arch, 0 where it crosses the midline."""
    level_mm: float
    """Height (z) that falls on the middle row."""
    rows: int
    columns: int
    step_mm: float

    def place(self, points: F32) -> npt.NDArray[np.float64]:
        """Return (points, 3): column and row, pixels (centres whole), and mm of the layer in focus that lie behind it."""
        return self.coarser(1, points)

    def coarser(self, factor: int, points: F32) -> npt.NDArray[np.float64]:
        """Return places on a matrix whose pixels are ``factor`` times larger."""
        unit = MAGNIFICATION / (self.step_mm * factor)
        return _placed(
            np.ascontiguousarray(points, np.float32), self.arch, self.along, unit, self.level_mm,
            (self.columns // factor - 1) / 2, (self.rows // factor - 1) / 2,
        )  # fmt: skip

    def paths(self, meshes: Meshes, factor: int) -> Path:
        """Return path lengths through closed surfaces, (rows, columns + 2), in 1 / UNIT_PER_MM mm of water."""
        path = np.zeros((self.rows // factor, self.columns // factor + 2), np.int32)
        for vertices, triangles, weight in meshes:
            at = self.coarser(factor, vertices)
            triangles_added(path, at, _in_focus(at, triangles), -weight * UNIT_PER_MM)
        sum_up(path)
        return path


def unrolled(arch: F32, level_mm: float, rows: int, columns: int, step_mm: float) -> Unrolled:
    """Return the way round an arch whose middle point is in the midline."""
    steps = np.diff(arch.astype(np.float64), axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.sqrt((steps * steps).sum(1)))])
    middle = float(along[int(np.argmin(arch[:, 1]))])
    return Unrolled(arch, (along - middle).astype(np.float32), level_mm, rows, columns, step_mm)


@nb.njit(cache=True, error_model="numpy")
def _layer(d: float, narrow: float) -> float:
    """Return mm in focus from far inside the arch to ``d`` mm outside its curve."""
    inside, outside, fade = _INSIDE * narrow, _OUTSIDE * narrow, _FADE * narrow
    half = 0.5 * fade
    if d <= -inside:
        t = max(d + inside + fade, 0.0) / fade
        return fade * t * t * t * (1 - 0.5 * t)
    if d <= outside:
        return half + d + inside
    t = min((d - outside) / fade, 1.0)
    return half + outside + inside + fade * (t - t * t * t * (1 - 0.5 * t))


@nb.njit(cache=True, error_model="numpy")
def _placed(
    points: F32, arch: F32, along: F32, unit: float, level: float, middle_x: float, middle_y: float
) -> npt.NDArray[np.float64]:
    out = np.empty((points.shape[0], 3))
    count = arch.shape[0] - 1
    for k in range(points.shape[0]):
        x, y = points[k, 0], points[k, 1]
        best, u, d = np.float32(1e9), np.float32(0), np.float32(0)
        first, last = 0, count  # a point well to one side is nearest to that side's half
        if x > arch[count // 2 + 3, 0]:
            first = count // 2
        elif x < arch[count // 2 - 3, 0]:
            last = count // 2 + 1
        for i in range(first, last):
            ax, ay = arch[i, 0], arch[i, 1]
            bx, by = arch[i + 1, 0] - ax, arch[i + 1, 1] - ay
            px, py = x - ax, y - ay
            long = bx * bx + by * by
            t = min(max((px * bx + py * by) / long, np.float32(0)), np.float32(1))
            ex, ey = px - t * bx, py - t * by
            far = ex * ex + ey * ey
            if far < best:
                best = far
                u = along[i] + t * (along[i + 1] - along[i])
                d = np.sqrt(far) if bx * py - by * px < 0 else -np.sqrt(far)
        narrow = 0.9 + 0.5 * min(abs(float(u)) / 60.0, 1.0)
        out[k, 0] = np.floor((u * unit + middle_x) * 64.0 + 0.5) / 64.0
        high = points[k, 2] - level - min(max(d, np.float32(-30)), np.float32(12)) * _UPWARDS
        out[k, 1] = np.floor((middle_y - high * unit) * 64.0 + 0.5) / 64.0
        out[k, 2] = _layer(np.float64(d), narrow)
    return out


@nb.njit(cache=True, error_model="numpy")
def _in_focus(at: npt.NDArray[np.float64], triangles: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the triangles that count: not those wholly behind the layer."""
    kept, n = np.empty_like(triangles), 0
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        if at[a, 2] > 0 or at[b, 2] > 0 or at[c, 2] > 0:
            kept[n, 0], kept[n, 1], kept[n, 2] = a, b, c
            n += 1
    return kept[:n]
