"""One smooth displacement makes the atlas a patient: atlas mm → fat and belly → shape → proportions → patient mm.

``to_patient = scale ∘ shape ∘ fat``. *Fat* moves points along rays from the body's axis; how far depends on the
distance to the skin: between the body wall and the skin the slope changes in two short ramps, so that the wall stays,
the fat stretches and the skin stays thin. *Shape* is a displacement on a grid of 16 mm, linear between: cubic B-spline modes drawn
from the patient's seed, and bumps that size single organs. Fat and scale are inverted in closed form, shape by
fixed-point iteration (its slope is far below 1).

Atlas frame: see atlas/donor.py. Only + − × ÷ and square roots, so that all machines agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.fat_layer import ANGLES, PROFILE_STEP_MM, direction, fatten
from fhir2dicom.anatomy.habitus import Habitus, habitus
from fhir2dicom.anatomy.torso_shape import PLAIN, Form, displacement
from fhir2dicom.anatomy.torso_shape import bump as _bump
from fhir2dicom.anatomy.torso_shape import smooth as _smooth
from fhir2dicom.model import Box, Field, Person
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

AXIS_Y_MM = 170.0
"""The rays start at x = 0, y = this, at every height."""

LEANER_MM = (-8.0, -7.0)
"""Waist, chest: how much less fat than the padded atlas a lean grown person has (atlas/build_torso.py, `_pad`)."""

_FIELD_MM = (5.0, 5.0, 7.0)
"""Spacing of a field, atlas mm."""
_ITERATIONS, _MOST = 2, 24
"""Of the fixed point at a node of a field, from its neighbours': so many at least, and at most where it is steep."""
_SETTLED_MM = 0.4
"""A node is done when a step moves it by less: each step leaves about a third of what was wrong."""
_DAMPED = 0.75
"""Share of a step that is taken where it is steep: a slope of up to 1.6 still settles (undamped it must be below 1)."""


@dataclass(frozen=True, eq=False, slots=True)
class Profile:
    """Where the atlas' body wall and skin lie on each ray: (heights, ANGLES) mm from the axis."""

    wall: F64
    skin: F64


@dataclass(frozen=True, eq=False, slots=True)
class Warp:
    """The map between the atlas and one patient."""

    scale: tuple[float, float, float]
    profile: Profile
    fat: F64
    """(heights, ANGLES): how far the skin moves out beyond the wall, atlas mm."""
    belly: F64
    """(heights, ANGLES): how far the wall moves out."""
    shape: F64
    """(3, z, y, x): displacement at the nodes of the shape grid, atlas mm."""

    def to_patient(self, points: F32) -> F32:
        """Return patient mm of atlas points, (n, 3) float32."""
        out = np.empty((len(points), 3), np.float32)
        _forward(
            np.ascontiguousarray(points, np.float32), self._layers(), self.shape, np.array(self.scale), out
        )
        return out

    def to_atlas(self, points: F32) -> F32:
        """Return atlas mm of patient points, (n, 3) float32: the inverse of `to_patient`."""
        out = np.empty((len(points), 3), np.float32)
        _backward(
            np.ascontiguousarray(points, np.float32), self._layers(), self.shape, np.array(self.scale), out
        )
        return out

    def field(self, box: Box) -> Field:
        """Return the inverse on a grid over a part of patient space; finer in the small."""
        x, y, z = (round(s * mm, 3) for s, mm in zip(self.scale, _FIELD_MM, strict=True))
        spacing = (x, y, z)
        nx, ny, nz = (int((h - low) / s) + 2 for low, h, s in zip(box.low, box.high, spacing, strict=True))
        points = np.empty((3, nz, ny, nx), np.float32)
        _grid(
            np.array(box.low),
            np.array(spacing),
            self._layers(),
            self.shape,
            np.array(self.scale),
            points,
        )
        return Field(box.low, spacing, points)

    def _layers(self) -> F64:
        """Return wall, skin, fat and belly as one table (4, heights, ANGLES)."""
        return np.stack((self.profile.wall, self.profile.skin, self.fat, self.belly))


def warp(person: Person, seed: Seed, profile: Profile, changes: Form = PLAIN) -> Warp:
    """Return the warp of a person; equal persons and seeds, equal warps."""
    build = habitus(person, seed)
    heights = profile.skin.shape[0]
    fat, belly = np.empty((heights, ANGLES)), np.empty((heights, ANGLES))
    _fill(build, profile, fat, belly)
    return Warp(
        build.scale, profile, fat, belly, displacement(build, person.age_years, changes, seed.child("shape"))
    )


def _fill(build: Habitus, profile: Profile, fat: F64, belly: F64) -> None:
    """Fill the tables of fat and belly by height and angle."""
    numbers = (build.abdomen_fat_mm, build.chest_fat_mm, build.breast_mm, build.visceral_mm)
    _layer(_DIRECTIONS, profile.skin - profile.wall, *numbers, fat, belly)


_DIRECTIONS = np.array([direction(a) for a in range(ANGLES)])


@nb.njit(cache=True)
def _layer(
    rays: F64,
    layer: F64,
    waist_mm: float,
    chest_mm: float,
    breast_mm: float,
    visceral_mm: float,
    fat: F64,
    belly: F64,
) -> None:
    """Fill fat and belly from a build's numbers and the padded atlas' ``layer`` of fat, all (heights, ANGLES)."""
    for k in range(len(fat)):
        z = k * PROFILE_STEP_MM
        chest = _smooth((z - 90) / 110)
        arms = _smooth((z - 235) / 60)
        padded = 1 - _smooth((z - 225) / 40)
        for a in range(ANGLES):
            x, y = rays[a]
            front, side = max(-y, 0.0), abs(x)
            waist = waist_mm * (0.55 + 0.6 * front + 0.35 * side) * (1 - chest)
            t = (waist + chest_mm * (0.7 + 0.3 * front + 0.3 * side) * chest) * (1 - 0.65 * arms)
            breast = _bump((x * x - 0.42) / 0.36) * _bump((z - 190) / 62) * front * 1.5
            t += max(breast_mm, -4.0) * min(breast, 1.3)
            t += (LEANER_MM[0] * (1 - chest) + LEANER_MM[1] * chest) * padded
            fat[k, a] = max(t, min(3.0, 0.6 * layer[k, a]) - layer[k, a])
            belly[k, a] = visceral_mm * (0.25 * side + 0.9 * front) * (1 - _smooth((z - 60) / 120))


@nb.njit(cache=True, inline="always")
def _shift(grid: F64, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return the displacement (dx, dy, dz) at a point, linear between nodes, flat beyond the grid."""
    u = min(max((x + 352.0) / 16.0, 0.0), grid.shape[3] - 1.000001)
    v = min(max((y + 144.0) / 16.0, 0.0), grid.shape[2] - 1.000001)
    w = min(max((z + 48.0) / 16.0, 0.0), grid.shape[1] - 1.000001)
    i, j, k = int(u), int(v), int(w)
    u -= i
    v -= j
    w -= k
    c00, c01 = (1 - w) * (1 - v), (1 - w) * v
    c10, c11 = w * (1 - v), w * v
    d0 = d1 = d2 = 0.0
    for s in range(2):
        f = u if s else 1 - u
        a, b, c, d = f * c00, f * c01, f * c10, f * c11
        m = i + s
        d0 += (
            a * grid[0, k, j, m]
            + b * grid[0, k, j + 1, m]
            + c * grid[0, k + 1, j, m]
            + d * grid[0, k + 1, j + 1, m]
        )
        d1 += (
            a * grid[1, k, j, m]
            + b * grid[1, k, j + 1, m]
            + c * grid[1, k + 1, j, m]
            + d * grid[1, k + 1, j + 1, m]
        )
        d2 += (
            a * grid[2, k, j, m]
            + b * grid[2, k, j + 1, m]
            + c * grid[2, k + 1, j, m]
            + d * grid[2, k + 1, j + 1, m]
        )
    return d0, d1, d2


@nb.njit(cache=True)
def _forward(points: F32, layers: F64, shape: F64, scale: F64, out: F32) -> None:
    for n in range(len(points)):
        z = np.float64(points[n, 2])
        x, y = fatten(np.float64(points[n, 0]), points[n, 1] - AXIS_Y_MM, z, layers, 1)
        dx, dy, dz = _shift(shape, x, y + AXIS_Y_MM, z)
        out[n, 0] = (x + dx) * scale[0]
        out[n, 1] = (y + dy) * scale[1]
        out[n, 2] = (z + dz) * scale[2]


@nb.njit(cache=True)
def _backward(points: F32, layers: F64, shape: F64, scale: F64, out: F32) -> None:
    for n in range(len(points)):
        px, py, pz = points[n, 0] / scale[0], points[n, 1] / scale[1], points[n, 2] / scale[2]
        x, y, z = px, py, pz
        for _ in range(60):
            dx, dy, dz = _shift(shape, x, y + AXIS_Y_MM, z)
            x += _DAMPED * (px - dx - x)
            y += _DAMPED * (py - dy - y)
            z += _DAMPED * (pz - dz - z)
        x, y = fatten(x, y, z, layers, 0)
        out[n, 0], out[n, 1], out[n, 2] = x, y + AXIS_Y_MM, z


@nb.njit(cache=True)
def _grid(low: F64, spacing: F64, layers: F64, shape: F64, scale: F64, out: F32) -> None:
    """Fill a field: atlas mm at each node of a patient grid. A node begins from its neighbours' displacement."""
    _, nz, ny, nx = out.shape
    for k in range(nz):
        pz = (low[2] + spacing[2] * k) / scale[2]
        for j in range(ny):
            py = (low[1] + spacing[1] * j) / scale[1]
            dx = dy = dz = ex = ey = ez = 0.0
            for i in range(nx):
                px = (low[0] + spacing[0] * i) / scale[0]
                if i > 1:  # go on as from the last node to this
                    dx, ex = 2 * dx - ex, dx
                    dy, ey = 2 * dy - ey, dy
                    dz, ez = 2 * dz - ez, dz
                else:
                    ex, ey, ez = dx, dy, dz
                for n in range(_MOST):
                    tx, ty, tz = _shift(shape, px - dx, py - dy + AXIS_Y_MM, pz - dz)
                    off = abs(tx - dx) + abs(ty - dy) + abs(tz - dz)
                    w = 1.0 if n < _ITERATIONS else _DAMPED
                    dx += w * (tx - dx)
                    dy += w * (ty - dy)
                    dz += w * (tz - dz)
                    if n + 1 >= _ITERATIONS and off < _SETTLED_MM:
                        break
                z = pz - dz
                x, y = fatten(px - dx, py - dy, z, layers, 0)
                out[0, k, j, i] = x
                out[1, k, j, i] = y + AXIS_Y_MM
                out[2, k, j, i] = z
