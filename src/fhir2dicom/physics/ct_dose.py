"""How much noise, and where: water-equivalent paths through the body, tube current, sigma.

The variance of filtered back projection at a point is the mean over all angles of exp(path)/photons
(Brooks & Di Chiro, Med Phys 1976;3:237; Barrett & Swindell, Radiological Imaging, 1981). A tube current that follows
the square root of the attenuation with the angle makes that the square of the mean of exp(path/2) (Gies et al.,
Med Phys 1999;26:2235); along the body the current follows the attenuation with half strength, as
scanners' automatic control does (McCollough et al., Radiographics 2006;26:503).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Volume

Array = npt.NDArray[np.float32]

WATER_PER_MM = 0.0193
"""Linear attenuation of water in the beam of a body scan at 120 kV, 1/mm: 70 keV (NIST XCOM)."""
LONGEST_MM = 900
_GROWTH = np.array([round(math.exp(WATER_PER_MM * mm / 2), 6) for mm in range(LONGEST_MM + 2)], np.float32)
"""exp(path / 2) by mm of water."""


@dataclass(frozen=True, eq=False, slots=True)
class Attenuation:
    """The body as the beam meets it, on the planes of the field."""

    growth: Array
    """(plane, j, i): mean over the angles of exp(path / 2) through each node."""
    streak: Array
    """(plane, j, i): what the path from side to side adds over that mean, 0 where it does not starve."""
    centre: Array
    """(plane,): growth at the middle of the body."""
    back: float
    """The farthest y of the body, field nodes; the table lies under it."""


def attenuation(volume: Volume) -> Attenuation:
    """Measure a body on the coarse grid of its field: about a thousandth of its voxels."""
    field = volume.to_atlas
    water = np.zeros(256, np.float32)
    for i, t in enumerate(volume.tissues):
        water[i] = min(max(1.0 + t.hu / 1000.0, 0.0), 1.9)
    origin = np.array(volume.origin, np.float64)
    spacing = np.array(volume.spacing, np.float64)
    mu = np.empty(field.points[0].shape, np.float32)
    _look_up(volume.labels, water, field.points, origin, spacing, mu)
    growth, streak = np.empty_like(mu), np.empty_like(mu)
    centre = np.empty(mu.shape[0], np.float32)
    _paths(mu, field.spacing[0], field.spacing[1], _GROWTH, growth, streak, centre)
    return Attenuation(growth, streak, centre, _back(volume.labels, field.points, origin, spacing))


def milliampere_seconds(centre: float, reference: float, reference_growth: float) -> float:
    """Return the tube's mAs for a plane: grows with half the attenuation, within the generator's limits."""
    wanted = reference * centre / reference_growth
    return min(max(wanted, 0.2 * reference), 3.0 * reference)


@nb.njit(cache=True)
def _look_up(
    labels: npt.NDArray[np.uint8],
    water: Array,
    points: Array,
    origin: npt.NDArray[np.float64],
    spacing: npt.NDArray[np.float64],
    out: Array,
) -> None:
    for k in range(out.shape[0]):
        for j in range(out.shape[1]):
            for i in range(out.shape[2]):
                x = int((points[0, k, j, i] - origin[0]) / spacing[0] + 0.5)
                y = int((points[1, k, j, i] - origin[1]) / spacing[1] + 0.5)
                z = int((points[2, k, j, i] - origin[2]) / spacing[2] + 0.5)
                z = min(max(z, 0), labels.shape[0] - 1)
                inside = 0 <= y < labels.shape[1] and 0 <= x < labels.shape[2]
                out[k, j, i] = water[labels[z, y, x]] if inside else np.float32(0.0)


@nb.njit(cache=True)
def _paths(mu: Array, dx: float, dy: float, growth: Array, out: Array, streak: Array, centre: Array) -> None:
    nz, ny, nx = mu.shape
    diagonal = math.sqrt(dx * dx + dy * dy)
    top = np.float32(growth.shape[0] - 2)
    across, down = np.empty(ny, np.float32), np.empty(nx, np.float32)
    fall, rise = np.empty(nx + ny, np.float32), np.empty(nx + ny, np.float32)
    for k in range(nz):
        across[:], down[:], fall[:], rise[:] = 0.0, 0.0, 0.0, 0.0
        for j in range(ny):
            for i in range(nx):
                m = mu[k, j, i]
                across[j] += m * np.float32(dx)
                down[i] += m * np.float32(dy)
                fall[i - j + ny] += m * np.float32(diagonal)
                rise[i + j] += m * np.float32(diagonal)
        peak = np.float32(1.0)
        for j in range(ny):
            a = growth[int(min(across[j], top))]
            for i in range(nx):
                b = growth[int(min(down[i], top))]
                c = growth[int(min(fall[i - j + ny], top))]
                d = growth[int(min(rise[i + j], top))]
                mean = np.float32(0.25) * (a + b + c + d)
                out[k, j, i] = mean
                streak[k, j, i] = np.float32(0.8) * max(a - np.float32(2.2) * mean, np.float32(0.0))
                if mu[k, j, i] > 0.0:
                    peak = max(peak, mean)
        centre[k] = peak


@nb.njit(cache=True)
def _back(
    labels: npt.NDArray[np.uint8],
    points: Array,
    origin: npt.NDArray[np.float64],
    spacing: npt.NDArray[np.float64],
) -> float:
    """Return the farthest y, in nodes, at which any column of nodes still lies in the body."""
    nz, ny, nx = points.shape[1:]
    best = 0.0
    for k in range(0, nz, 2):
        for i in range(nx // 3, nx - nx // 3, 2):
            for step in range((ny - 1) * 6):
                at = ny - 1 - step / 6.0
                if at <= best:
                    break
                j = min(int(at), ny - 2)
                v = at - j
                p = points[:, k, j, i] + (points[:, k, j + 1, i] - points[:, k, j, i]) * np.float32(v)
                x = int((p[0] - origin[0]) / spacing[0] + 0.5)
                y = int((p[1] - origin[1]) / spacing[1] + 0.5)
                z = int((p[2] - origin[2]) / spacing[2] + 0.5)
                inside = 0 <= x < labels.shape[2] and 0 <= y < labels.shape[1] and 0 <= z < labels.shape[0]
                if inside and labels[z, y, x] > 0:
                    best = at
                    break
    return best
