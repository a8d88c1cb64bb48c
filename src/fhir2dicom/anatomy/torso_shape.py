"""How one trunk differs from the donor's in shape: a smooth displacement on a grid of 16 mm, drawn from the patient's seed.

Modes (cubic B-splines) bend all of it, bumps size single organs, and a few fields have a meaning: breath, the slope of
the ribs, the curve of the spine, the axis of the heart. CT and film read the same grid, so they agree on all of it.
Amounts without a source are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.habitus import Habitus
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Edit
from fhir2dicom.noise import unit
from fhir2dicom.seed import Seed

F64 = npt.NDArray[np.float64]

LOW_MM = (-352.0, -144.0, -48.0)
NODES = (28, 40, 45)
"""Nodes of the shape grid along z, y, x, 16 mm apart."""

LENGTH_MM, DOME_MM, GIRTH = 22.0, 14.0, 0.065
"""What a full breath adds to the donor's: lungs longer, domes lower beside that, chest wider and deeper."""
RIGHT_MM = 21.0
"""How far the right atrium moves to the right: in the donor it hardly leaves the spine."""
LEAN = 0.10, 0.15
"""The donor lay aslant: how much higher its left side is, mm per mm aside, everywhere and at the apices."""

#   centre x, y, z          radius   sd of   more in a   what it sizes
#                           mm       growth  newborn
_BUMPS = (
    ((30.0, 142.0, 180.0), 95.0, 0.06, 0.0),  # heart
    ((-75.0, 150.0, 100.0), 105.0, 0.09, 0.40),  # liver
    ((105.0, 190.0, 105.0), 70.0, 0.14, 0.24),  # spleen
    ((-55.0, 205.0, 30.0), 70.0, 0.09, 0.30),  # right kidney
    ((62.0, 210.0, 33.0), 70.0, 0.09, 0.30),  # left kidney
    ((55.0, 130.0, 75.0), 80.0, 0.12, 0.20),  # stomach
    ((0.0, 200.0, 240.0), 80.0, 0.10, 0.12),  # upper mediastinum
)
"""Organ masses of children against height cubed: ICRP Publication 89 (2002), table 2.8."""
_HEART = 0
WIDEST = 0.62
"""The most that a bump grows its organ: more, and the way back to the atlas (`Warp.to_atlas`) is lost."""
_HEARTS = ((0.0, 0.62), (1.0, 0.52), (3.0, 0.30), (6.0, 0.14), (12.0, 0.0))
"""Years, how much wider a child's heart is for its chest: the ratio falls from .55 to the adult's."""

#   centre x, y, z          radius   direction          sd    in the old  what bulges
#                           mm                          mm    mm
_BULGES = (
    ((78.0, 142.0, 168.0), 62.0, (1.0, 0.0, 0.15), 5.5, 1.0),  # left ventricle, its outer wall
    ((86.0, 132.0, 132.0), 58.0, (0.8, 0.0, -0.6), 5.0, 3.0),  # its apex
    ((46.0, 155.0, 208.0), 42.0, (1.0, 0.0, 0.0), 4.0, 0.0),  # trunk of the pulmonary artery, left auricle
    ((34.0, 188.0, 250.0), 40.0, (1.0, 0.0, 0.35), 3.5, 6.0),  # knob of the aorta
    ((-28.0, 155.0, 228.0), 44.0, (-1.0, 0.0, 0.0), 3.0, 4.0),  # ascending aorta, upper caval vein
    ((-40.0, 145.0, 165.0), 50.0, (-1.0, 0.0, 0.0), 3.5, 0.0),  # right atrium
)
"""How the borders of two hearts of one size differ; the aorta unfolds with age. Ours."""

_RIBS = ((0.0, 34.0), (2.0, 18.0), (7.0, 0.0), (18.0, -9.0), (50.0, -9.0), (80.0, -5.0))
"""Years, mm: how much higher than the donor's the front ends of the ribs are: level in an infant, aslant in the grown.
The donor's arms were overhead, which lifts them."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of a trunk's shape beside its habitus; a finding adds to it."""

    heart: float = 0.0
    """How much wider the heart is, a share."""
    inflated: float = 0.0
    """0 … 1: how much more air the lungs hold than after a full breath."""
    scoliosis_mm: float = 0.0
    """How far the middle of the thoracic spine lies aside."""
    collapsed: float = 0.0
    """0 … 1: how much shallower the breath is."""


PLAIN = Form()
"""A trunk without findings."""


def form(edits: Sequence[Edit]) -> Form:
    """Return what findings make of a shape: kinds ``heart-size``, ``inflation`` and ``scoliosis``."""

    def sum_of(kind: str) -> float:
        return sum(e.amount for e in edits if e.kind == kind)

    aside = sum(e.numbers.get("aside_mm", 18.0) * e.amount for e in edits if e.kind == "scoliosis")
    return Form(
        heart=0.55 * min(sum_of("heart-size"), 1.0),
        inflated=min(sum_of("inflation"), 1.0),
        scoliosis_mm=min(max(aside, -40.0), 40.0),
        collapsed=min(sum_of("shallow-breath"), 1.0),
    )


def displacement(build: Habitus, age_years: float, changes: Form, seed: Seed) -> F64:
    """Return the displacement at the nodes of the shape grid, (3, z, y, x), atlas mm."""
    out = np.zeros((3, *NODES))
    for level, (ratio, sd) in enumerate(((4, 12.0), (2, 2.5))):
        control = np.empty((3, *(n // ratio + 4 for n in NODES)))
        _draw(seed.child("modes", level).key(), sd, control)
        _spline(control, ratio, out)
    old = max(0.0, age_years - 45) / 40
    heart = build.heart + between(_HEARTS, age_years) + changes.heart - 0.10 * changes.inflated
    bumps = np.array([
        (*centre, radius, min(seed.child("organ", k).normal(0.0, sd, 2.0) + newborn * build.young
         + (heart if k == _HEART else 0.0), WIDEST))
        for k, (centre, radius, sd, newborn) in enumerate(_BUMPS)
    ])  # fmt: skip
    bulges = np.array([
        (*centre, radius, *(round(d * (seed.child("bulge", k).normal(0.0, sd, 2.0) * min(age_years / 15, 1.0) + aged * old), 6) for d in way))
        for k, (centre, radius, way, sd, aged) in enumerate(_BULGES)
    ])  # fmt: skip
    breath = seed.child("breath").normal(0.0, 5.0)
    across = RIGHT_MM + seed.child("heart").normal(0.0, 3.0)
    deep = 1.0 - 0.5 * build.young + 0.42 * changes.inflated - 0.6 * changes.collapsed
    low = np.array(LOW_MM)
    _bend(bumps, build.kyphosis_mm, breath, low, out)
    _inspire(across, deep, DOME_MM * (deep + 0.5 * changes.inflated), low, out)
    slope = between(_RIBS, age_years) + seed.child("ribs").normal(0.0, 4.0) + 8.0 * changes.inflated
    numbers = (
        slope / 150.0,
        seed.child("dome", "r").normal(-7.0 - 11.0 * changes.inflated, 4.5),
        seed.child("dome", "l").normal(8.0 - 24.0 * changes.inflated, 4.5),
        changes.scoliosis_mm + seed.child("spine").normal(0.0, 3.0) * min(age_years / 12, 1.0),
        seed.child("axis").normal(0.0, 0.09) - 0.10 * build.young,
    )
    _set_right(np.array(numbers), low, out)
    _bulge(bulges, low, out)
    return out


@nb.njit(cache=True, inline="always")
def smooth(t: float) -> float:
    """Return 0 below 0, 1 above 1, a smooth step between."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


@nb.njit(cache=True, inline="always")
def bump(t: float) -> float:
    """Return (1 − t²)², 0 beyond ±1."""
    s = max(0.0, 1 - t * t)
    return s * s


@nb.njit(cache=True)
def _set_right(numbers: F64, low: F64, out: F64) -> None:
    """Take off the donor's lean, and add the slope of the ribs, the domes' heights, the spine's curve, the heart's axis.

    ``numbers``: slope of the ribs (mm per mm to the front), right and left dome (mm), spine aside (mm), turn of the
    heart (mm per mm).
    """
    slope, right, left, aside, turn = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    _, nz, ny, nx = out.shape
    for k in range(nz):
        z = low[2] + 16.0 * k
        curve = aside * (bump((z - 205.0) / 115.0) - 0.45 * bump((z - 60.0) / 100.0))
        chest = smooth((z - 20.0) / 120.0) * (1.0 - 0.4 * smooth((z - 290.0) / 60.0))
        for j in range(ny):
            y = low[1] + 16.0 * j
            front = min(max(240.0 - y, 0.0), 170.0)
            for i in range(nx):
                x = low[0] + 16.0 * i
                out[2, k, j, i] += slope * front * chest - _lean(x, z)
                u, v, h = (x + 65.0) / 100.0, (y - 150.0) / 115.0, (z - 125.0) / 105.0
                s = max(0.0, 1.0 - u * u - v * v - h * h)
                out[2, k, j, i] += right * s * s
                u = (x - 75.0) / 100.0
                s = max(0.0, 1.0 - u * u - v * v - h * h)
                out[2, k, j, i] += left * s * s
                out[0, k, j, i] += curve * (1.0 - 0.6 * smooth((abs(x) - 20.0) / 130.0))
                u, v, h = (x - 30.0) / 120.0, (y - 142.0) / 95.0, (z - 185.0) / 105.0
                s = max(0.0, 1.0 - u * u - v * v - h * h)
                s *= s
                out[0, k, j, i] += turn * s * (z - 185.0)
                out[2, k, j, i] -= turn * s * (x - 30.0)


@nb.njit(cache=True)
def _bulge(bulges: F64, low: F64, out: F64) -> None:
    """Move what is within the radius of each bulge (centre, radius, displacement: 7 numbers) its way."""
    for m in range(bulges.shape[0]):
        reach = bulges[m, 3]
        first, last = np.empty(3, np.int64), np.empty(3, np.int64)
        for c in range(3):
            n = out.shape[3 - c]
            first[c] = min(max(int(np.ceil((bulges[m, c] - reach - low[c]) / 16.0)), 0), n)
            last[c] = min(max(int((bulges[m, c] + reach - low[c]) / 16.0) + 1, 0), n)
        for k in range(first[2], last[2]):
            for j in range(first[1], last[1]):
                for i in range(first[0], last[0]):
                    x = low[0] + 16.0 * i - bulges[m, 0]
                    y = low[1] + 16.0 * j - bulges[m, 1]
                    z = low[2] + 16.0 * k - bulges[m, 2]
                    s = max(0.0, 1.0 - (x * x + y * y + z * z) / (reach * reach))
                    for c in range(3):
                        out[c, k, j, i] += bulges[m, 4 + c] * s * s


@nb.njit(cache=True, inline="always")
def _lean(x: float, z: float) -> float:
    """Return how much higher a point of the donor is than the same point on the other side, halved, mm."""
    w = min(max(x, -120.0), 120.0)
    w *= w * w / (w * w + 1400.0)  # the spine itself stands upright
    return (LEAN[0] * smooth((z + 20.0) / 90.0) + LEAN[1] * bump((z - 290.0) / 100.0)) * w


@nb.njit(cache=True)
def leaning(points: npt.NDArray[np.float32], share: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return atlas points (n, 3) with the donor's lean put on, by their share: what was built upright stays upright."""
    out = points.copy()
    for n in range(len(points)):
        out[n, 2] += np.float32(share[n] * _lean(points[n, 0], points[n, 2]))
    return out


@nb.njit(cache=True)
def _draw(key: int, sd: float, control: F64) -> None:
    """Fill control values with sums of four uniform draws (variance sd²), two thirds of it alike on both sides."""
    _, nz, ny, nx = control.shape
    n = 0
    for c in range(3):
        weight = 0.6 if c == 0 else 1.0
        for k in range(nz):
            for j in range(ny):
                for i in range(nx):
                    g = 0.0
                    h = 0.0
                    m = min(i, nx - 1 - i)
                    for r in range(4):
                        g += unit(key, n * 4 + r) - 0.5
                        h += unit(key + 1, (((c * 64 + k) * 64 + j) * 64 + m) * 4 + r) - 0.5
                    n += 1
                    if c == 0:
                        h *= (1.0 if 2 * i > nx - 1 else -1.0) if 2 * i != nx - 1 else 0.0
                    control[c, k, j, i] = weight * sd * 1.7320508 * (0.55 * g + 0.83 * h)


@nb.njit(cache=True)
def _spline(control: F64, ratio: int, out: F64) -> None:
    """Add a uniform cubic B-spline to all nodes; ``ratio`` nodes to a control step."""
    w = np.empty((ratio, 4))
    for r in range(ratio):
        t = r / ratio
        w[r, 0] = (1 - t) * (1 - t) * (1 - t) / 6
        w[r, 1] = (3 * t * t * t - 6 * t * t + 4) / 6
        w[r, 2] = (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6
        w[r, 3] = t * t * t / 6
    _, nz, ny, nx = out.shape
    _, _, cy, cx = control.shape
    plane = np.empty((cy, cx))
    row = np.empty(cx)
    for c in range(3):
        for k in range(nz):
            a, p = k // ratio, w[k % ratio]
            for j in range(cy):
                for i in range(cx):
                    plane[j, i] = (
                        p[0] * control[c, a, j, i] + p[1] * control[c, a + 1, j, i]
                        + p[2] * control[c, a + 2, j, i] + p[3] * control[c, a + 3, j, i]
                    )  # fmt: skip
            for j in range(ny):
                b, q = j // ratio, w[j % ratio]
                for i in range(cx):
                    row[i] = (
                        q[0] * plane[b, i]
                        + q[1] * plane[b + 1, i]
                        + q[2] * plane[b + 2, i]
                        + q[3] * plane[b + 3, i]
                    )
                for i in range(nx):
                    d, s = i // ratio, w[i % ratio]
                    out[c, k, j, i] += (
                        s[0] * row[d] + s[1] * row[d + 1] + s[2] * row[d + 2] + s[3] * row[d + 3]
                    )


@nb.njit(cache=True)
def _bend(bumps: F64, kyphosis: float, breath: float, low: F64, out: F64) -> None:
    """Add organ sizes, the bend of the upper back and the height of the diaphragm."""
    _, nz, ny, nx = out.shape
    for k in range(nz):
        z = low[2] + 16.0 * k
        t = (z - 215.0) / 150.0
        s = max(0.0, 1.0 - t * t)
        back = kyphosis * (s * s - 0.35)
        t = max(z - 95.0, 0.0) / 160.0
        s = max(0.0, 1.0 - t * t)
        down = -breath * s * s
        for j in range(ny):
            y = low[1] + 16.0 * j
            for i in range(nx):
                x = low[0] + 16.0 * i
                out[1, k, j, i] += back
                out[2, k, j, i] += down
                for m in range(bumps.shape[0]):
                    dx, dy, dz = x - bumps[m, 0], y - bumps[m, 1], z - bumps[m, 2]
                    r = 1.0 - (dx * dx + dy * dy + dz * dz) / (bumps[m, 3] * bumps[m, 3])
                    if r > 0.0:
                        g = bumps[m, 4] * r * r
                        out[0, k, j, i] += g * dx
                        out[1, k, j, i] += g * dy
                        out[2, k, j, i] += g * dz


@nb.njit(cache=True)
def _inspire(across: float, deep: float, dome_mm: float, low: F64, out: F64) -> None:
    """Let the donor, who breathed shallowly, breathe in; and bring the heart from the left to the middle.

    ``across``: how far the heart moves to the right, mm. ``deep``: 1 for a full breath. ``dome_mm``: how far the right
    dome sinks beside that.
    """
    _, nz, ny, nx = out.shape
    for k in range(nz):
        z = low[2] + 16.0 * k
        length = deep * LENGTH_MM * bump(max(z - 68.0, 0.0) / 165.0)
        girth = deep * GIRTH * bump((z - 175.0) / 150.0)
        for j in range(ny):
            y = low[1] + 16.0 * j
            for i in range(nx):
                x = low[0] + 16.0 * i
                u, v, w = (x + 62.0) / 120.0, (y - 150.0) / 95.0, (z - 120.0) / 105.0
                s = max(0.0, 1.0 - u * u - v * v - w * w)
                out[2, k, j, i] -= length + dome_mm * s * s
                wider = 1.35 if x < 8.0 else 0.65  # so that the right lung is the larger
                out[0, k, j, i] += girth * wider * min(max(x - 8.0, -130.0), 130.0)
                out[1, k, j, i] += girth * min(max(y - 170.0, -110.0), 110.0)
                u, v, w = (x - 10.0) / (118.0 if x < 10.0 else 240.0), (y - 148.0) / 78.0, (z - 156.0) / 95.0
                s = max(0.0, 1.0 - u * u - v * v - w * w)
                out[0, k, j, i] -= across * s * s
