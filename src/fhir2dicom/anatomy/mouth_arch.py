"""Where teeth stand: half an arch as a curve, and each tooth's place along it."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot

from fhir2dicom.model import Vec3

_STEPS = 160

WIDTH_MM, DEPTH_MM = {True: 29.5, False: 27.5}, {True: 50.0, False: 48.0}
"""Of half an arch to behind the third molar, upper and lower; ours, from average arch forms."""

OVERJET_MM = 2.4
"""By how much the lower arch stands behind the upper one."""


@dataclass(frozen=True, slots=True)
class Arch:
    """Half an arch from the midline backwards: back = depth · (lateral / width)^2.35."""

    points: tuple[tuple[float, float, float], ...]
    """(length along it, lateral, back), mm."""

    def at(self, along: float) -> tuple[float, float, float]:
        """Return lateral, back and the direction in radians at a length along the arch; straight on beyond its end."""
        pts = self.points
        k = next((i for i in range(1, len(pts)) if pts[i][0] >= along), len(pts) - 1)
        (s0, x0, y0), (s1, x1, y1) = pts[k - 1], pts[k]
        t = (along - s0) / (s1 - s0)
        return x0 + t * (x1 - x0), y0 + t * (y1 - y0), atan2(y1 - y0, x1 - x0)


def arch(*, upper: bool, scale: float) -> Arch:
    """Return half an arch; ``scale`` is the patient's size of teeth and jaws."""
    width, depth = WIDTH_MM[upper] * scale, DEPTH_MM[upper] * scale
    points, along, before = [], 0.0, (0.0, 0.0)
    for k in range(_STEPS + 1):
        share = (k / _STEPS) ** 0.7
        x, y = width * share, depth * round(share**2.35, 9)
        along += hypot(x - before[0], y - before[1])
        before = (x, y)
        points.append((along, x, y))
    return Arch(tuple(points))


def place(
    curve: Arch, along: float, neck_mm: float, *, upper: bool, curve_of_spee: float
) -> tuple[Vec3, float]:
    """Return the middle of a neck and the direction of the arch; the lower arch sags (Spee), the upper one follows."""
    lateral, back, turn = curve.at(along)
    back += 0.0 if upper else OVERJET_MM
    sag = (along - 26.0) ** 2 * 0.0016 * curve_of_spee
    up = neck_mm - 0.5 * sag if upper else -neck_mm + sag
    return (round(lateral, 3), round(back, 3), round(up, 3)), round(turn, 4)
