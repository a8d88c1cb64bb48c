"""What the patient lies on: a curved couch for the body, a cradle for the head."""

from __future__ import annotations

import math

import numba as nb
import numpy as np
import numpy.typing as npt

SHELL_HU = 620.0
"""Carbon fibre 1.5 mm thick, above air."""
CORE_HU = 45.0
"""Foam, above air."""
PAD_HU = 30.0
"""Mattress, above air."""


@nb.njit(cache=True)
def _draw(first: float, pixel: float, left: float, head: float, out: npt.NDArray[np.int16]) -> None:
    """Draw HU above air: a couch is two arcs that meet at its edges, a cradle two concentric ones.

    ``first``: mm of the first row below the body's back, ``left``: mm of the first column from the middle.
    """
    width = max(1.5, 1.2 * pixel)
    shell = SHELL_HU * 1.5 / width
    for r in range(out.shape[0]):
        y = first + r * pixel
        for c in range(out.shape[1]):
            x = left + c * pixel
            if head > 0.0:
                radius = math.sqrt(x * x + (y + 96.0) * (y + 96.0))
                top, low = radius - 106.0, radius - 118.0
                inside = y > -70.0
                pad = -8.0 < top < 0.0 and inside
            else:
                top = y - 8.0 + x * x / 2200.0
                low = y - 50.0 + x * x / 722.0
                inside = -212.0 < x < 212.0
                pad = -16.0 < top < 0.0 and -190.0 < x < 190.0  # the body sinks in
            value = 0.0
            if inside:
                edge = min(abs(top), abs(low))
                value = shell * max(0.0, 1.0 - edge / width)
                if top > 0.0 > low:
                    value = max(value, CORE_HU)
            if pad:
                value = max(value, PAD_HU)
            out[r, c] = np.int16(value)


def table(
    back_mm: float, top_mm: float, left_mm: float, pixel: float, side: int, *, head: bool
) -> tuple[int, npt.NDArray[np.int16]]:
    """Return the first row of the table and its HU above air from there on, (rows, ``side``).

    ``back_mm``: y of the body's back; ``top_mm``: y of the image's first row; ``left_mm``: x of its first column
    from the middle of the table.
    """
    start = back_mm - (70.0 if head else 40.0)
    row = min(max(math.floor((start - top_mm) / pixel), 0), side)
    out = np.zeros((side - row, side), np.int16)
    _draw(top_mm + row * pixel - back_mm, pixel, left_mm, float(head), out)
    return row, out
