"""Path lengths through closed surfaces and tubes, seen from a point source: the geometry of a film.

A closed surface crossed by a ray adds depth on the way out and takes it on the way in, so the path through
it is the sum of signed depths of all its triangles under a pixel. Along one row that sum is a broken line,
and a broken line is kept by its second differences: a triangle costs four integer additions in each row it
crosses, however wide it is. Two running sums (`integrate`) give the film. All sums are integers modulo 2³²,
so what a triangle adds at its left edge is taken off exactly at its right edge: nothing can leak along a row,
in any order, on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Scene, Tubes, Vec3

UNIT_PER_MM = 1 << 20
"""Steps of the film of path lengths in one mm of water: exact up to 2048 mm."""

_SUBPIXEL = 64.0
"""Corners are rounded to 1/64 pixel, so that triangles that share an edge agree on it."""

_FAINT_MM = 0.42
"""A tube of a smaller radius is too faint to need the full matrix."""

_METAL_MM = 90.0
"""The most that metal may add to a path, mm of water: it is white then."""

Path = npt.NDArray[np.int32]
"""(rows, columns + 2): second differences of path lengths, then path lengths, in 1/UNIT_PER_MM mm."""

Axes = tuple[Vec3, Vec3, Vec3]
"""Directions in the patient of a film's columns, of its rows, and towards the source."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A point source in front of a flat detector."""

    axes: Axes
    rows: int
    columns: int
    pixel_mm: float
    sid_mm: float
    """Source to detector."""
    centre: Vec3
    """Where the central ray meets the middle of the detector, in the patient, mm."""

    def scaled(self, factor: int) -> Camera:
        """Return the same camera with pixels ``factor`` times larger."""
        return replace(
            self,
            rows=self.rows // factor,
            columns=self.columns // factor,
            pixel_mm=self.pixel_mm * factor,
        )

    def project(self, points: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return (points, 3): column and row in pixels (centres whole), depth above the detector in mm."""
        axes = np.array(self.axes, np.float64)
        return _project(
            points, axes, np.array(self.centre), self.sid_mm, self.pixel_mm, self.columns, self.rows
        )

    @property
    def handedness(self) -> float:
        """Return the sign that makes outward surfaces give positive paths."""
        (a, b, c), (d, e, f), (g, h, i) = self.axes
        return 1.0 if a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) > 0 else -1.0


def new_path(camera: Camera) -> Path:
    """Return an empty film."""
    return np.zeros((camera.rows, camera.columns + 2), np.int32)


def project(scene: Scene, camera: Camera, *, coarse: bool = True, fine: bool = True) -> Path:
    """Return the film of a scene: surfaces and tubes of coarse detail and faint tubes, the others, or all."""
    path = new_path(camera)
    for surface in scene.surfaces.values():
        if coarse if surface.detail == "coarse" else fine:
            add_surface(path, camera, surface.vertices, surface.triangles, surface.weight)
    sum_up(path)
    for tubes in scene.tubes.values():
        faint = tubes.start_radius_mm < _FAINT_MM
        add_tubes(path, camera, tubes if coarse and fine else _some(tubes, faint if coarse else ~faint))
    return path


def _some(tubes: Tubes, chosen: npt.NDArray[np.bool_]) -> Tubes:
    return Tubes(
        tubes.start[chosen],
        tubes.end[chosen],
        tubes.start_radius_mm[chosen],
        tubes.end_radius_mm[chosen],
        tubes.weight,
    )


def add_surface(
    path: Path,
    camera: Camera,
    vertices: npt.NDArray[np.float32],
    triangles: npt.NDArray[np.int32],
    weight: float,
) -> None:
    """Add ``weight`` times the path through one closed surface, as second differences."""
    _triangles(path, camera.project(vertices), triangles, weight * camera.handedness * UNIT_PER_MM)


def triangles_added(
    path: Path, p: npt.NDArray[np.float64], triangles: npt.NDArray[np.int32], weight: float
) -> None:
    """Add closed surfaces whose corners are on the film already: column, row (in 64ths) and depth, mm; as second differences."""
    _triangles(path, p, triangles, weight)


def add_tubes(path: Path, camera: Camera, tubes: Tubes) -> None:
    """Add ``weight`` times the path through tubes to path lengths; each keeps its volume, however thin."""
    length = _distance(tubes.start, tubes.end)
    _tubes(
        path,
        camera.project(tubes.start),
        camera.project(tubes.end),
        length,
        tubes.start_radius_mm,
        tubes.end_radius_mm,
        tubes.weight * UNIT_PER_MM,
        camera.pixel_mm,
        camera.sid_mm,
    )


@nb.njit(cache=True, error_model="numpy")
def _distance(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    out = np.empty(a.shape[0])
    for k in range(a.shape[0]):
        x, y, z = b[k, 0] - a[k, 0], b[k, 1] - a[k, 1], b[k, 2] - a[k, 2]
        out[k] = np.sqrt(np.float64(x * x + y * y + z * z))
    return out


@nb.njit(cache=True, error_model="numpy")
def _project(
    points: npt.NDArray[np.float32],
    axes: npt.NDArray[np.float64],
    centre: npt.NDArray[np.float64],
    sid: float,
    pixel: float,
    columns: int,
    rows: int,
) -> npt.NDArray[np.float64]:
    out = np.empty((points.shape[0], 3))
    middle = ((columns - 1) * 0.5, (rows - 1) * 0.5)
    for k in range(points.shape[0]):
        x, y, z = points[k, 0] - centre[0], points[k, 1] - centre[1], points[k, 2] - centre[2]
        depth = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
        magnification = sid / (sid - depth) / pixel
        for c in range(2):
            w = axes[c, 0] * x + axes[c, 1] * y + axes[c, 2] * z
            out[k, c] = np.floor((w * magnification + middle[c]) * _SUBPIXEL + 0.5) / _SUBPIXEL
        out[k, 2] = depth
    return out


@nb.njit(cache=True, error_model="numpy")
def _triangles(
    path: Path, p: npt.NDArray[np.float64], triangles: npt.NDArray[np.int32], weight: float
) -> None:
    rows, columns, stride = path.shape[0], path.shape[1] - 2, path.shape[1]
    flat = path.reshape(-1)  # unsigned places in one dimension: no check for negative ones, no view a row
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        if max(p[a, 1], p[b, 1], p[c, 1]) <= 0.0 or min(p[a, 1], p[b, 1], p[c, 1]) > rows - 1:
            continue
        if max(p[a, 0], p[b, 0], p[c, 0]) < -1.0 or min(p[a, 0], p[b, 0], p[c, 0]) > columns:
            continue
        area = (p[b, 0] - p[a, 0]) * (p[c, 1] - p[a, 1]) - (p[c, 0] - p[a, 0]) * (p[b, 1] - p[a, 1])
        if area == 0.0:
            continue
        if p[b, 1] < p[a, 1]:
            a, b = b, a
        if p[c, 1] < p[a, 1]:
            a, c = c, a
        if p[c, 1] < p[b, 1]:
            b, c = c, b
        xa, ya, xb, yb, xc, yc = p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[c, 0], p[c, 1]
        first, last = max(0, int(np.ceil(ya))), min(rows, int(np.ceil(yc)))
        if first >= last:
            continue
        whole = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
        s = weight if area > 0 else -weight
        part_b, part_c, scale = p[b, 2] - p[a, 2], p[c, 2] - p[a, 2], s / whole
        dx = (part_b * (yc - ya) - part_c * (yb - ya)) * scale
        dy = ((xb - xa) * part_c - (xc - xa) * part_b) * scale
        base = s * p[a, 2] - dx * xa - dy * ya
        step = np.int64(np.floor(dx + 0.5))
        long = (xc - xa) / (yc - ya)
        turn = min(last, max(first, int(np.ceil(yb))))
        upper = (xb - xa) / (yb - ya) if yb > ya else 0.0
        lower = (xc - xb) / (yc - yb) if yc > yb else 0.0
        if whole < 0:  # the long side is the right one: what is added there is taken
            dx, dy, base, step = -dx, -dy, -base, -step
        inside = min(xa, xb, xc) > 0.0 and max(xa, xb, xc) < columns - 1
        for part in range(2):
            lo, hi, ox, oy, short = (first, turn, xa, ya, upper) if part == 0 else (turn, last, xb, yb, lower)
            if inside:
                for y in range(lo, hi):
                    i, k = int(xa + (y - ya) * long + 1.0), int(ox + (y - oy) * short + 1.0)
                    z = np.int64(base + dx * i + dy * y)
                    end = z + (k - i) * step
                    at, to = np.uint64(y * stride + i), np.uint64(y * stride + k)
                    flat[at] += np.int32(z)
                    flat[at + np.uint64(1)] += np.int32(step - z)
                    flat[to] -= np.int32(end)
                    flat[to + np.uint64(1)] -= np.int32(step - end)
                continue
            for y in range(lo, hi):
                i = min(max(int(np.floor(xa + (y - ya) * long + 1.0)), 0), columns)
                k = min(max(int(np.floor(ox + (y - oy) * short + 1.0)), 0), columns)
                if i != k:
                    z = np.int64(base + dx * i + dy * y)
                    end = z + (k - i) * step
                    at, to = np.uint64(y * stride + i), np.uint64(y * stride + k)
                    flat[at] += np.int32(z)
                    flat[at + np.uint64(1)] += np.int32(step - z)
                    flat[to] -= np.int32(end)
                    flat[to + np.uint64(1)] -= np.int32(step - end)


@nb.njit(cache=True, error_model="numpy")
def _tubes(  # noqa: PLR0917 - compiled
    path: Path,
    p: npt.NDArray[np.float64],
    q: npt.NDArray[np.float64],
    length: npt.NDArray[np.float64],
    r0: npt.NDArray[np.float32],
    r1: npt.NDArray[np.float32],
    weight: float,
    pixel: float,
    sid: float,
) -> None:
    """Draw each tube as a slanted band; a thin one is widened to what pixels can carry, its volume kept.

    Across, thin ones have the profile (1 − t²)², thick ones the chord √(1 − t²). Along, ends fade over about a
    radius, so that tubes laid end to end join without a seam, and one seen from its end is as wide as it is thick.
    """
    rows, columns = path.shape[0], path.shape[1] - 2
    none, one = np.float32(0), np.float32(1)
    for k in range(p.shape[0]):
        magnification = sid / (sid - 0.5 * (p[k, 2] + q[k, 2])) / pixel
        cx, cy = 0.5 * (p[k, 0] + q[k, 0]), 0.5 * (p[k, 1] + q[k, 1])
        ux, uy = q[k, 0] - p[k, 0], q[k, 1] - p[k, 1]
        flat = np.sqrt(ux * ux + uy * uy)
        if flat < 1e-6:
            ux, uy = 1.0, 0.0
        else:
            ux, uy = ux / flat, uy / flat
        r = 0.5 * (r0[k] + r1[k]) * magnification
        soft = max(2.0, 1.0 + 1.2 * r)
        plateau, ramp = max(flat, soft), soft
        outer = 0.5 * (plateau + ramp)
        mass = 3.141592653589793 * r * r * length[k] / plateau * weight
        thin = r < 2.5
        wide = np.sqrt(1.8 * r * r + 1.9) if thin else np.sqrt(r * r + 0.6)
        peak = mass / (wide * (1.0666666666666667 if thin else 1.5707963267948966))
        top = np.float32(peak)
        reach_y = outer * abs(uy) + wide * abs(ux)
        lo, hi = max(0, int(np.ceil(cy - reach_y))), min(rows - 1, int(np.floor(cy + reach_y)))
        along, across = 1.0 / ramp, 1.0 / wide
        ax, ay = abs(ux), abs(uy)
        reach_x = outer * ax + wide * ay
        steep, level = ay > 1e-3, ax > 1e-3
        lean = ux / uy if steep else 0.0
        band = wide / ay if steep else 1e9
        slant = uy / ux if level else 0.0
        stretch = outer / ax if level else 1e9
        for y in range(lo, hi + 1):
            left, right = cx - reach_x, cx + reach_x
            if steep:
                m = cx + (y - cy) * lean
                left, right = max(left, m - band), min(right, m + band)
            if level:
                m = cx - (y - cy) * slant
                left, right = max(left, m - stretch), min(right, m + stretch)
            i, j = max(0, int(np.ceil(left))), min(columns - 1, int(np.floor(right)))
            d = np.float32(((i - cx) * uy - (y - cy) * ux) * across)
            f = np.float32(((i - cx) * ux + (y - cy) * uy) * along)
            dd, df, end = np.float32(uy * across), np.float32(ux * along), np.float32(outer * along)
            row = path[y, i : max(i, j + 1)]
            if thin:
                for x in range(row.shape[0]):
                    t = d + dd * np.float32(x)
                    e = max(none, one - t * t)
                    row[x] += np.int32(top * e * e * min(max(end - abs(f + df * np.float32(x)), none), one))
            else:
                for x in range(row.shape[0]):
                    t = d + dd * np.float32(x)
                    e = max(none, one - t * t)
                    row[x] += np.int32(
                        top * np.sqrt(e) * min(max(end - abs(f + df * np.float32(x)), none), one)
                    )


def integrate(path: Path, factor: int) -> npt.NDArray[np.float32]:
    """Turn second differences into path lengths, in place; return them in mm, averaged ``factor`` by ``factor``."""
    sum_up(path)
    return mean(path, factor)


@nb.njit(cache=True, error_model="numpy")
def sum_up(path: Path) -> None:
    """Turn second differences into path lengths, in place: four rows side by side, for each sum waits for the last."""
    rows, columns = path.shape[0], path.shape[1] - 2
    spare = np.zeros((3, columns), np.int32)
    for top in range(0, rows, 4):
        if top + 4 <= rows:
            _four(path[top], path[top + 1], path[top + 2], path[top + 3], columns)
        else:
            for y in range(top, rows):
                spare[:] = 0
                _four(path[y], spare[0], spare[1], spare[2], columns)


@nb.njit(cache=True, error_model="numpy", inline="always")
def _four(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    c: npt.NDArray[np.int32],
    d: npt.NDArray[np.int32],
    columns: int,
) -> None:
    p, q, r, s = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    i, j, k, m = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for x in range(columns):
        p, q, r, s = np.int32(p + a[x]), np.int32(q + b[x]), np.int32(r + c[x]), np.int32(s + d[x])
        i, j, k, m = np.int32(i + p), np.int32(j + q), np.int32(k + r), np.int32(m + s)
        a[x], b[x], c[x], d[x] = i, j, k, m


@nb.njit(cache=True, error_model="numpy")
def mean(path: Path, factor: int) -> npt.NDArray[np.float32]:
    """Return path lengths in mm, averaged ``factor`` by ``factor``."""
    rows, columns = path.shape[0] // factor, (path.shape[1] - 2) // factor
    out = np.empty((rows, columns), np.float32)
    scale = np.float32(1.0 / (factor * factor * 1048576.0))
    total = np.zeros(columns * factor, np.int64)
    for v in range(rows):
        total[:] = 0
        for y in range(v * factor, v * factor + factor):
            row = path[y]
            for x in range(total.shape[0]):
                total[x] += row[x]
        for u in range(columns):
            t = np.int64(0)
            for x in range(factor):
                t += total[u * factor + x]
            out[v, u] = np.float32(t) * scale
    return out


@nb.njit(cache=True, error_model="numpy")
def burn(path: Path, opaque: Path) -> None:
    """Add what metal takes of the beam to path lengths, both in place: ever less of it, for scatter fills its shadow."""
    rows, columns = path.shape[0], path.shape[1] - 2
    most = np.float32(_METAL_MM * UNIT_PER_MM)
    for y in range(rows):
        for x in range(columns):
            if opaque[y, x] > 0:
                p = np.float32(opaque[y, x])
                path[y, x] += np.int32(most * (p / (p + most)))
