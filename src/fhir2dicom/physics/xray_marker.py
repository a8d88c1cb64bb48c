"""The lead letter that says which side is which: laid on the detector by the radiographer, at a free corner."""

from __future__ import annotations

from collections.abc import Mapping

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Laterality
from fhir2dicom.physics.xray_place import Place
from fhir2dicom.physics.xray_project import UNIT_PER_MM, Path
from fhir2dicom.seed import Seed

_LEAD_MM = 1000
"""A lead letter's path, mm of water: nothing gets through, and whatever lies over it the number still fits."""
_HEIGHT_MM, _STROKE_MM = 13.0, 2.3

_STROKES: Mapping[str, tuple[tuple[float, float, float, float], ...]] = {
    "L": ((0, 0, 0, 1), (0, 1, 0.6, 1)),
    "R": ((0, 0, 0, 1), (0, 0, 0.42, 0), (0.42, 0, 0.6, 0.1), (0.6, 0.1, 0.64, 0.26), (0.64, 0.26, 0.6, 0.42),
          (0.6, 0.42, 0.42, 0.52), (0.42, 0.52, 0, 0.52), (0.34, 0.52, 0.68, 1)),
}  # fmt: skip
"""Strokes (x, y, x, y) of the lead letters, height 1."""


def lay(path: Path, place: Place, letter: str, at: tuple[float, float], seed: Seed) -> None:
    """Write a letter into path lengths, whose upper left corner is at ``at``, pixels (column, row)."""
    pixel = place.camera.pixel_mm
    height, width = _HEIGHT_MM / pixel, _STROKE_MM / pixel
    lean = seed.child("lean").normal(0, 0.06)
    strokes = np.array(_STROKES[letter], np.float64) * height
    strokes[:, 0] += lean * strokes[:, 1]
    strokes[:, 2] += lean * strokes[:, 3]
    strokes += np.array((*at, *at))
    _stroke(path, strokes, width / 2, _LEAD_MM * UNIT_PER_MM)


def chest_corner(place: Place, letter: str, *, lateral: bool, seed: Seed) -> tuple[float, float]:
    """Return where a letter lies on a chest film: at the top, at the side it names."""
    pixel, shutter = place.camera.pixel_mm, place.shutter
    top = shutter[0] + (16.0 + seed.child("y").uniform(0, 30)) / pixel
    inset = (12.0 + seed.child("x").uniform(0, 8)) / pixel
    on_right = letter == "L" and not lateral
    return (shutter[3] - inset - 0.65 * _HEIGHT_MM / pixel if on_right else shutter[2] + inset), top


def letter_of(laterality: Laterality, position: str, seed: Seed) -> str:
    """Return the letter of a film: the imaged side, a lateral's side at the detector, else by chance."""
    if laterality in {"R", "L"}:
        return laterality
    if position in {"LL", "RL"}:
        return position[0]
    return "RL"[seed.child("marker").integer(2)]


def free_corner(
    body: npt.NDArray[np.float32], place: Place, letter: str, laterality: Laterality, seed: Seed
) -> tuple[float, float]:
    """Return where a letter covers least of the body: of a trunk in front only at the side that it names.

    ``body`` is the path through the body at a sixteenth of the matrix, mm.
    """
    pixel, (top, bottom, left, right) = place.camera.pixel_mm, place.shutter
    tall, wide = _HEIGHT_MM / pixel, 0.7 * _HEIGHT_MM / pixel
    inset = [(5.0 + seed.child(axis).uniform(0, 5)) / pixel for axis in "xy"]
    columns: tuple[float, ...] = (left + inset[0], right - inset[0] - wide)
    rows = (top + inset[1], bottom - inset[1] - tall)
    across = place.camera.axes[0][0]
    if laterality not in {"R", "L"} and abs(across) > 0.5:
        columns = columns[:1] if (letter == "L") == (across < 0) else columns[1:]
    places = [(x, y) for y in rows for x in columns]
    covered = [_covered(body, x, y, wide, tall) for x, y in places]
    return places[covered.index(min(covered))]


def _covered(body: npt.NDArray[np.float32], x: float, y: float, wide: float, tall: float) -> float:
    """Return how much of the body lies under a letter, mm, at a sixteenth of the matrix."""
    i, j = max(int(x) // 16 - 1, 0), max(int(y) // 16 - 1, 0)
    part = body[j : int(y + tall) // 16 + 2, i : int(x + wide) // 16 + 2]
    return float(round(float(part.max()), 0)) if part.size else 0.0


@nb.njit(cache=True, error_model="numpy")
def _stroke(path: Path, strokes: npt.NDArray[np.float64], radius: float, value: int) -> None:
    """Set path lengths to ``value`` where a pixel is within ``radius`` of a stroke."""
    rows, columns = path.shape[0], path.shape[1] - 2
    x0 = max(0, int(min(strokes[:, 0].min(), strokes[:, 2].min()) - radius - 1))
    x1 = min(columns - 1, int(max(strokes[:, 0].max(), strokes[:, 2].max()) + radius + 1))
    y0 = max(0, int(min(strokes[:, 1].min(), strokes[:, 3].min()) - radius - 1))
    y1 = min(rows - 1, int(max(strokes[:, 1].max(), strokes[:, 3].max()) + radius + 1))
    for y in range(y0, y1 + 1):
        for x in range(x0, x1 + 1):
            inside = False
            for s in range(strokes.shape[0]):
                ax, ay = strokes[s, 0], strokes[s, 1]
                dx, dy = strokes[s, 2] - ax, strokes[s, 3] - ay
                t = min(max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0), 1.0)
                u, v = x - ax - t * dx, y - ay - t * dy
                inside = inside or u * u + v * v < radius * radius
            if inside:
                path[y, x] = np.int32(value)
