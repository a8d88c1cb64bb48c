"""Build anatomy/atlas/teeth.npz: 26 kinds of tooth as stacks of contours.

    python atlas/build_teeth.py

A tooth is an implicit solid of our own: a superellipse crown with its widest points at the contacts, cusps as cones
under a smooth maximum, a trunk with a saddle-shaped furcation, roots and canals as bent tapering tubes, dentine as the
crown drawn inwards from a curved neck line. The averages that size it are rows of `fhir2dicom.anatomy.tooth_tables`; where
roots, cusps and canals lie is set by us, to look like the drawings and films of textbooks. No tooth of a person was used.

Axes of a tooth: x mesial, y buccal, z towards the cusps, 0 at the neck. It is cut by planes that rise towards the cheek
(`RISE`), as the beam of a film does, so that a ray of any yaw stays in one plane.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from skimage.measure import find_contours

from fhir2dicom.anatomy.tooth_tables import KINDS, Kind, is_primary, is_upper

Grid = npt.NDArray[np.float64]

OUT = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/teeth.npz"
RISE = 0.07
"""Tangent of the angle between the beam and the tooth's cross section."""
STEP_MM = 0.09
CROWN_MM, ROOT_MM = 0.07, 0.13
"""Between the planes, above and below `BREAK_MM`."""
BREAK_MM = -0.6
LIGAMENT_MM, LAMINA_MM = 0.24, 0.36
UNIT_MM = 0.01
OUTER, CORE, PULP, LIGAMENT, LAMINA = 0, 1, 2, 6, 7
STAGES = (0.0, 0.33, 0.67, 1.0)
"""Of the pulp, from the young to the old."""
POINTS = (32, 28, 13, 13, 12, 12, 22, 22)
"""Of a contour, by layer."""

# Cusps: x, y as shares of the half widths, height against the table's crown.
CUSPS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "U6": ((0.50, 0.56, 0.0), (-0.44, 0.55, -0.25), (0.40, -0.54, -0.05), (-0.58, -0.52, -0.8)),
    "U7": ((0.48, 0.56, 0.0), (-0.44, 0.53, -0.5), (0.32, -0.54, -0.1), (-0.56, -0.52, -1.2)),
    "U8": ((0.42, 0.54, 0.0), (-0.42, 0.50, -0.6), (0.1, -0.54, -0.3)),
    "L6": (
        (0.54, 0.56, -0.15),
        (-0.08, 0.58, -0.2),
        (-0.68, 0.36, -0.75),
        (0.50, -0.54, 0.1),
        (-0.42, -0.54, -0.05),
    ),
    "L7": ((0.50, 0.56, 0.0), (-0.48, 0.56, -0.2), (0.48, -0.54, 0.05), (-0.48, -0.54, -0.15)),
    "L8": ((0.47, 0.54, 0.0), (-0.47, 0.54, -0.4), (0.42, -0.54, -0.1), (-0.47, -0.54, -0.5)),
    "U4": ((-0.06, 0.56, 0.0), (0.14, -0.54, -0.95)),
    "U5": ((0.0, 0.54, 0.0), (0.1, -0.54, -0.35)),
    "L4": ((0.06, 0.36, 0.0), (0.1, -0.64, -2.5)),
    "L5": ((0.06, 0.52, 0.0), (0.36, -0.54, -0.7), (-0.42, -0.54, -1.0)),
    "u4": ((0.22, 0.44, 0.0), (0.2, -0.54, -0.4), (-0.5, 0.34, -0.7)),
    "l4": ((0.42, 0.44, 0.0), (0.42, -0.54, -0.3), (-0.5, 0.44, -0.8), (-0.5, -0.44, -0.9)),
}
CUSPS["u5"], CUSPS["l5"] = CUSPS["U6"], CUSPS["L6"]

Root = tuple[
    tuple[float, float],
    tuple[float, float],
    tuple[float, float],
    tuple[float, float, float],
    tuple[float, float, float],
    float,
    int,
]
# Roots: centre (x, y) mm at the neck, at half length, at the apex; half widths mesiodistal and buccolingual at those three;
# length against the table's; canals side by side.
ROOTS: dict[str, tuple[Root, ...]] = {
    "L6": (
        ((2.45, 0), (3.3, 0), (2.1, -0.2), (2.0, 1.65, 0.8), (4.0, 3.4, 1.6), 1.0, 2),
        ((-2.45, 0), (-3.1, 0), (-3.7, -0.2), (1.9, 1.5, 0.75), (3.6, 2.8, 1.3), 0.94, 1),
    ),
    "L7": (
        ((2.05, 0), (2.4, 0), (0.9, 0), (1.8, 1.5, 0.75), (3.8, 3.1, 1.4), 1.0, 2),
        ((-2.05, 0), (-2.5, 0), (-2.6, 0), (1.7, 1.4, 0.7), (3.4, 2.6, 1.2), 0.95, 1),
    ),
    "L8": (
        ((1.7, 0), (1.3, 0), (-0.9, 0), (1.8, 1.5, 0.7), (3.6, 2.8, 1.2), 1.0, 1),
        ((-1.8, 0), (-2.0, 0), (-2.9, 0), (1.7, 1.3, 0.65), (3.2, 2.4, 1.1), 0.94, 1),
    ),
    "U6": (
        ((2.1, 2.4), (3.0, 3.4), (2.0, 3.2), (1.6, 1.35, 0.65), (2.4, 2.1, 1.0), 0.93, 1),
        ((-2.1, 2.2), (-2.8, 2.9), (-3.1, 2.6), (1.45, 1.15, 0.6), (2.0, 1.6, 0.85), 0.89, 1),
        ((0, -2.6), (-0.1, -5.0), (-0.3, -4.5), (2.2, 1.65, 0.8), (1.9, 1.5, 0.85), 1.0, 1),
    ),
    "U7": (
        ((1.8, 2.4), (1.9, 3.0), (0.7, 2.7), (1.5, 1.25, 0.6), (2.4, 2.0, 0.95), 0.93, 1),
        ((-1.8, 2.2), (-2.1, 2.5), (-2.4, 2.2), (1.35, 1.05, 0.55), (1.9, 1.5, 0.75), 0.89, 1),
        ((0, -2.4), (-0.2, -4.0), (-0.6, -3.4), (2.0, 1.55, 0.7), (1.8, 1.4, 0.75), 1.0, 1),
    ),
    "U8": (
        ((1.3, 2.0), (0.9, 2.2), (-0.5, 1.8), (1.5, 1.2, 0.55), (2.2, 1.7, 0.75), 1.0, 1),
        ((-1.4, 1.8), (-1.6, 1.9), (-2.3, 1.4), (1.3, 1.05, 0.5), (1.8, 1.4, 0.7), 0.93, 1),
        ((0, -2.0), (-0.5, -2.6), (-1.5, -2.0), (1.8, 1.4, 0.65), (1.8, 1.3, 0.7), 0.96, 1),
    ),
    "U4": (
        ((0.0, 1.9), (-0.1, 2.3), (-0.6, 2.3), (2.15, 1.45, 0.6), (2.1, 1.6, 0.75), 1.0, 1),
        ((0.0, -1.9), (0.1, -2.2), (-0.2, -2.2), (2.1, 1.35, 0.55), (2.0, 1.5, 0.75), 0.95, 1),
    ),
    "l4": (
        ((2.1, 0), (3.9, 0), (3.5, 0), (1.3, 1.0, 0.5), (2.6, 2.2, 0.95), 1.0, 1),
        ((-2.1, 0), (-3.6, 0), (-3.4, 0), (1.2, 0.9, 0.45), (2.3, 1.9, 0.85), 0.9, 1),
    ),
    "l5": (
        ((2.4, 0), (4.7, 0), (4.3, 0), (1.5, 1.15, 0.55), (3.0, 2.5, 1.05), 1.0, 1),
        ((-2.4, 0), (-4.5, 0), (-4.3, 0), (1.4, 1.05, 0.5), (2.8, 2.2, 0.95), 0.95, 1),
    ),
    "u4": (
        ((1.8, 1.6), (3.3, 2.8), (3.0, 2.6), (1.2, 0.95, 0.45), (1.6, 1.3, 0.65), 1.0, 1),
        ((-1.6, 1.6), (-3.0, 2.6), (-3.0, 2.4), (1.1, 0.85, 0.4), (1.5, 1.2, 0.55), 0.9, 1),
        ((0, -2.0), (0, -4.4), (0, -4.0), (1.3, 1.0, 0.45), (1.4, 1.1, 0.55), 1.0, 1),
    ),
    "u5": (
        ((2.1, 2.0), (4.0, 3.4), (3.6, 3.2), (1.3, 1.05, 0.5), (1.9, 1.6, 0.75), 1.0, 1),
        ((-2.0, 2.0), (-3.9, 3.0), (-3.8, 2.8), (1.25, 1.0, 0.45), (1.7, 1.4, 0.65), 0.9, 1),
        ((0, -2.4), (0, -5.4), (0, -5.0), (1.5, 1.15, 0.55), (1.6, 1.3, 0.65), 1.0, 1),
    ),
}
FURCATION_MM = {
    "L6": -3.2, "L7": -3.7, "L8": -5.0, "U6": -4.2, "U7": -4.6, "U8": -5.5, "U4": -7.2,
    "l4": -1.7, "l5": -1.8, "u4": -1.8, "u5": -2.0,
}  # fmt: skip


def smooth_min(a: Grid, b: Grid, k: float) -> Grid:
    """Return the smaller with a fillet of about k mm (the quadratic one)."""
    h = np.clip(k - np.abs(a - b), 0.0, None) / k
    return np.minimum(a, b) - h * h * k / 4


def smooth_max(a: Grid, b: Grid, k: float) -> Grid:
    """Return the larger with a fillet."""
    return -smooth_min(-a, -b, k)


def curve(z: Grid, points: list[tuple[float, float]]) -> Grid:
    """Return a monotone curve through (z, value), held at its ends."""
    p = np.array(sorted(points), np.float64)
    return np.asarray(PchipInterpolator(p[:, 0], p[:, 1])(np.clip(z, p[0, 0], p[-1, 0])))


def ellipse(x: Grid, y: Grid, p: Grid, q: Grid) -> Grid:
    """Return the distance to an ellipse of half widths p and q, exact on it and about right near it."""
    p, q = np.maximum(p, 0.02), np.maximum(q, 0.02)
    length = np.hypot(x, y)
    r = np.sqrt((x / p) ** 2 + (y / q) ** 2) + 1e-9
    return np.asarray(np.where(length < 1e-6, -np.minimum(p, q), length * (1.0 - 1.0 / r)))


class Solid:
    """One kind of tooth as distance fields."""

    def __init__(self, name: str) -> None:
        self.name, self.row = name, KINDS[name]
        self.place = int(name[1])
        self.milk, self.front, self.multi = is_primary(name), self.place <= 3, name in ROOTS
        self.a, self.ac = self.row.width_mm / 2, self.row.neck_width_mm / 2 * (0.92 if self.milk else 1.0)
        self.b, self.bc = self.row.depth_mm / 2, self.row.neck_depth_mm / 2

    def half_widths(self, z: Grid, mesial: bool) -> Grid:  # noqa: FBT001 - a side
        """Return the half width of crown and trunk at heights z: the mesial side straighter, its contact higher."""
        hc, hr, a, ac = self.row.crown_mm, self.row.root_mm, self.a, self.ac
        if self.front:
            contact = (0.84 if mesial else 0.72) if self.place < 3 else (0.70 if mesial else 0.60)
            end = {1: 0.95, 2: 0.86, 3: 0.50}[self.place] - (0.0 if mesial else 0.07)
            points = [(0, ac), (0.3 * hc, ac + 0.58 * (a - ac)), (contact * hc, a), (1.02 * hc, a * end)]
        else:
            contact = 0.72 if mesial else 0.64
            points = [
                (0, ac),
                (0.28 * hc, ac + 0.56 * (a - ac)),
                (contact * hc, a),
                (0.93 * hc, a * 0.91),
                (1.2 * hc, a * 0.74),
            ]
        if self.milk:
            points[1], points[2] = (0.16 * hc, ac + 0.8 * (a - ac)), (0.42 * hc, a)
        if self.multi:
            f = FURCATION_MM[self.name]
            if self.name == "U4":
                points += [(f - 1, 1.0), (f, 1.25), (f * 0.5, ac * 0.80), (-1.2, ac * 0.95)]
            else:
                points += [
                    (f - 1, ac * (0.80 if is_upper(self.name) else 0.97)),
                    (f * 0.6, ac * 0.98),
                    (-0.5, ac * 0.995),
                ]
        else:
            shares = ((0.25, 0.90), (0.5, 0.75), (0.75, 0.55), (0.9, 0.38), (1.0, 0.26))
            points += [(-at * hr, ac * share) for at, share in shares]
        return curve(z, points)

    def half_depths(self, z: Grid, buccal: bool) -> Grid:  # noqa: FBT001 - a side
        """Return the half depth of crown and trunk."""
        hc, hr, b, bc = self.row.crown_mm, self.row.root_mm, self.b, self.bc
        if self.front:
            middle, edge = (0.72, 0.26) if buccal else (0.52, 0.05)
            points = [
                (0, bc),
                (0.2 * hc, b * (0.98 if buccal else 1.0)),
                (0.6 * hc, b * middle),
                (hc, b * edge),
            ]
        else:
            points = [
                (0, bc),
                ((0.28 if buccal else 0.5) * hc, b),
                (0.65 * hc, b * 0.95),
                (hc, b * 0.72),
                (1.2 * hc, b * 0.6),
            ]
        if self.multi:
            upper, f = is_upper(self.name), FURCATION_MM[self.name]
            points += [
                (f - 1, bc * (0.5 if upper else 0.6)),
                (f * 0.6, bc * (0.7 if upper else 0.85)),
                (-0.6, bc * 0.98),
            ]
        else:
            shares = ((0.25, 0.93), (0.5, 0.8), (0.75, 0.55), (0.9, 0.37), (1.0, 0.26))
            points += [(-at * hr, bc * share) for at, share in shares]
        return curve(z, points)

    def lean(self, z: Grid) -> Grid:
        """Return how far a single root's axis has gone to the distal side."""
        if self.multi:
            return z * 0.0
        hr, far = self.row.root_mm, {1: 0.3, 2: 1.0, 3: 0.8, 4: 0.6, 5: 0.7}[self.place]
        return curve(z, [(-hr, -far), (-0.6 * hr, -0.18 * far), (0, 0), (self.row.crown_mm, 0)])

    def roots(self) -> list[tuple[Root, float]]:
        """Return roots and their apices' heights."""
        return [(r, -self.row.root_mm * r[5]) for r in ROOTS.get(self.name, ())]


def tube(z: Grid, root: Root, apex: float, half: int) -> tuple[Grid, Grid]:
    """Return a root's centre (half 0, 1: x, y) or half width (half 2, 3) at heights z, as a pair of x and y."""
    top, mid = 0.5, apex * 0.5
    first = half == 0
    out = []
    for axis in (0, 1):
        values = (root[0][axis], root[1][axis], root[2][axis]) if first else root[3 + axis]
        out.append(curve(z, [(apex, values[2]), (mid, values[1]), (top, values[0])]))
    return out[0], out[1]


def fields(solid: Solid, x: Grid, y: Grid, z: Grid) -> list[Grid]:
    """Return the fields of a tooth, negative inside: outer, core, the pulp in four stages, ligament, lamina dura."""
    row, hc, hr = solid.row, solid.row.crown_mm, solid.row.root_mm
    x = x - solid.lean(z)
    a = np.where(x > 0, solid.half_widths(z, True), solid.half_widths(z, False))
    b = np.where(y > 0, solid.half_depths(z, True), solid.half_depths(z, False))
    square = np.clip(
        (0.1 if solid.front else 0.25) + z / hc * (0.4 if solid.front else 0.55),
        0.06,
        0.4 if solid.front else 0.62,
    )
    u, v = (x / a) ** 2, (y / b) ** 2
    r = (1 - square) * np.sqrt(u + v) + square * np.sqrt(np.sqrt(u * u + v * v)) + 1e-9
    side = np.hypot(x, y) * (1 - 1 / r)
    side = np.where(np.hypot(x, y) < 1e-6, -np.minimum(a, b), side)
    top = crown_top(solid, x, y, z)
    zf = FURCATION_MM.get(solid.name, -hr)
    floor = z * 0 + zf
    if solid.multi and is_upper(
        solid.name
    ):  # a vault between cheek and palate, and another between the two buccal roots
        floor = (
            zf
            - 0.6
            + 1.6 * np.clip(1 - 4 * v, np.where(y > 0, -1.0, -0.25), 1)
            + 0.9 * np.clip(1 - 4 * u, -1, 1) * np.clip(y / 2, 0, 1)
        )
    elif solid.multi:  # a saddle
        floor = zf - 0.3 * (1 - 2 * v)
    fillet = 2.4 if solid.multi else 2.0
    body = smooth_max(side, floor - z, fillet)
    outer = smooth_max(body, top, 0.9)
    legs = np.full_like(z, 9.0)
    for root, apex in solid.roots():
        (cx, cy), (p, q) = tube(z, root, apex, 0), tube(z, root, apex, 1)
        leg = smooth_max(ellipse(x - cx, y - cy, p, q), apex - z, 1.9)
        legs = smooth_min(legs, leg + 6.0 * np.clip((z + 1.0) / 1.6, 0, 1) ** 2, 0.5)
    web = 1.9 if is_upper(solid.name) and solid.multi else 1.3
    legs = legs + web / 4 * np.clip((z - zf + 0.5) / 2.0, 0, 1)  # no bulge where root and trunk run together
    outer = smooth_min(outer, legs, web)
    # dentine: the crown drawn inwards, from nothing at the curved neck line
    rise = np.where(x > 0, row.curve_mesial_mm, row.curve_distal_mm) * np.clip((x / a) ** 2, 0, 1)
    rise = rise - 0.5 * np.clip(1 - u, 0, 1)
    share = np.clip((z - rise) / (0.62 * hc), 0, 1)
    thick = (0.75 if solid.milk else 0.85 if solid.front else 1.25 if solid.place > 5 else 1.1) * (
        1 - (1 - share) ** 2
    )
    roof = 0.9 if solid.milk else 0.8 if solid.front else 1.35
    core = smooth_max(smooth_max(side + thick, top + roof, 1.0), floor - z, fillet)
    core = np.maximum(smooth_min(core, legs, web), outer)
    pulps = [np.maximum(pulp(solid, x, y, z, stage), core + 0.5) for stage in STAGES]
    return [outer, core, *pulps, outer - LIGAMENT_MM, outer - LIGAMENT_MM - LAMINA_MM]


def crown_top(solid: Solid, x: Grid, y: Grid, z: Grid) -> Grid:
    """Return the distance above the chewing surface: cones under a smooth maximum, or an edge."""
    hc, a, b = solid.row.crown_mm, solid.a, solid.b
    if solid.front:
        tip = 0.22 if solid.place == 3 else 0.03
        drop = np.where(x < 0, 1.25, 1.0) * (np.abs(x) / a) ** (1.3 if solid.place == 3 else 3.5)
        height = hc - drop * hc * (tip if solid.place == 3 else 0.035)
        return np.asarray((z - height) * 0.8)
    fossa = hc - {4: 2.2, 5: 1.9}.get(solid.place, 1.9) * (0.62 if solid.milk else 1.0)
    slope = 0.62 if solid.place > 5 or solid.milk else 0.75
    height = np.full_like(z, fossa)
    for cx, cy, up in CUSPS[solid.name]:
        away = np.sqrt(((x - cx * a) * slope) ** 2 + ((y - cy * b) * slope) ** 2 + 0.3)
        height = smooth_max(height, hc + up + 0.55 - away, 0.8)
    ridge = hc - (1.35 if solid.place > 5 else 1.5) - 2.2 * np.clip(1 - np.abs(x) / (0.9 * a), 0, 1)
    height = smooth_max(height, ridge, 0.7)
    return np.asarray((z - height) * 0.8)


def pulp(solid: Solid, x: Grid, y: Grid, z: Grid, old: float) -> Grid:
    """Return the pulp, ``old`` 0 … 1: a chamber with horns under the cusps, and canals; with age lower, narrower, finer."""
    hc, young = solid.row.crown_mm, 1.0 - old
    if not solid.multi:
        return single_pulp(solid, x, y, z, old)
    zf = FURCATION_MM[solid.name]
    premolar = solid.name == "U4"
    floor = -5.4 if premolar else zf * 0.30 if solid.milk else -1.6 + 0.45 * old
    roof = (0.24 if solid.milk else 0.17) * hc * young + (floor + 0.95) * old
    if premolar:
        roof = 0.15 * hc - 1.6 * old
    m, h = (roof + floor) / 2, (roof - floor) / 2 + 0.25
    if premolar:
        w = np.clip(1 - (np.abs(z - m) / h) ** 1.8, 0, 1) ** 0.6
        chamber = ellipse(x, y, solid.ac * (0.21 - 0.08 * old) * w + 0.01, solid.bc * 0.30 * w + 0.01)
    else:
        # walls lean towards the floor, all edges are round, so that the path through it fades to every side, and roof
        # and floor bulge into it between horns and canals
        bulge = np.clip(1 - (2.2 * x / solid.ac) ** 2, 0, 1) * (0.42 - 0.2 * old)
        h = np.maximum(h + 0.35 - 1.05 * bulge, 0.35)
        m = m + 0.05 * bulge
        w = np.sqrt(np.clip(1 - ((z - m) / h) ** 2, 0, 1))
        lean = 0.88 + 0.12 * np.clip((z - m) / h, -1, 1)
        p = solid.ac * (0.68 - 0.09 * old) * np.sqrt(w) * lean + 0.01
        q = solid.bc * (0.46 - 0.13 * old) * w + 0.01
        r = np.hypot(x / p, y / q) + 1e-9
        chamber = np.hypot(x, y) * (1 - 1 / r)
    out = np.where(w > 0.05, chamber, 3.0)
    for cx, cy, up in CUSPS[solid.name]:
        tip = roof + (0.10 + 0.26 * young) * hc * (0.8 + 0.2 * min(1.0, 1 + up / 2))
        t = np.clip((z - floor) / (tip - floor), 0, 1)
        hx, hy = cx * solid.a * (0.55 + 0.12 * t), cy * solid.b * (0.5 + 0.12 * t)
        wide = 0.62 * young + 0.22
        width = curve(z, [(floor + 0.2, 0.02), (floor + 0.6, wide), (roof, 0.56 * young + 0.2), (tip, 0.02)])
        horn = ellipse(x - hx, y - hy, width, width * 1.1)
        out = smooth_min(out, np.where((z > floor + 0.2) & (z < tip), horn, 3.0), 0.8)
    for root, apex in solid.roots():
        (cx, cy), (p, q) = tube(z, root, apex, 0), tube(z, root, apex, 1)
        inward = curve(z, [(floor - 2.5, 1.0), (floor + 0.2, 0.84), (floor + 1.0, 0.72)])
        fine = 1.0 - 0.45 * old
        taper = (
            curve(
                z,
                [
                    (apex, 0.03),
                    (apex + 0.5, 0.08),
                    (apex * 0.5, 0.16),
                    (floor - 0.6, 0.26),
                    (floor + 0.3, 0.20),
                    (floor + 0.95, 0.01),
                ],
            )
            * fine
        )
        for at in (0.45, -0.45) if root[6] == 2 else (0.0,):
            broad = 0.8 if at else 1.2
            canal = ellipse(
                x - cx * inward, y - cy * inward - at * q, p * taper + 0.03, q * taper * broad + 0.03
            )
            out = smooth_min(out, np.where((z < floor + 0.95) & (z > apex), canal, 3.0), 0.35)
    return out


def single_pulp(solid: Solid, x: Grid, y: Grid, z: Grid, old: float) -> Grid:
    """Return the pulp of a tooth with one root: one flame, flat from cheek to tongue in the root."""
    hc, hr, row = solid.row.crown_mm, solid.row.root_mm, solid.row
    up, s = 0.42 - 0.34 * old, 1.0 - 0.45 * old
    wide = 0.5 if solid.place < 3 else 0.42
    p = curve(z, [(-hr, 0.05), (-0.95 * hr, 0.11), (-0.6 * hr, 0.30 + 0.1 * s), (-0.25 * hr, 0.5), (0, wide * solid.ac * 0.62),
                  (hc * up * 0.6, wide * solid.ac * 0.56), (hc * (up + 0.14), 0.03)])  # fmt: skip
    q = curve(z, [(-hr, 0.06), (-0.95 * hr, 0.13), (-0.6 * hr, 0.55), (-0.25 * hr, 0.95), (0, 0.19 * row.neck_depth_mm),
                  (hc * up * 0.7, 0.11 * row.neck_depth_mm), (hc * (up + 0.14), 0.03)])  # fmt: skip
    inside = ellipse(x, y, p * s, q * s)
    return np.asarray(np.where((z > -hr) & (z < hc * (up + 0.14)), inside, 3.0))


def contours(field: Grid, xs: Grid, ys: Grid, points: int) -> list[Grid]:
    """Return the closed curves where a field is 0 as polygons of that area; (points, 2) mm, counter-clockwise."""
    out = []
    for found in find_contours(-field, 0.0):
        if len(found) < 6 or np.abs(found[0] - found[-1]).max() > 1e-9:
            continue
        xy = np.stack([xs[0] + found[:, 1] * STEP_MM, ys[0] + found[:, 0] * STEP_MM], 1)[:-1]
        area = signed_area(xy)
        if abs(area) < 0.006:
            continue
        start = int(np.argmax(xy[:, 0] + 0.01 * xy[:, 1]))
        xy = np.roll(xy, -start, 0)
        xy = xy if area > 0 else np.roll(xy[::-1], 1, 0)
        closed = np.concatenate([xy, xy[:1]])
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
        count = min(points, max(8, int(along[-1] / 0.2)))
        at = np.linspace(0, along[-1], count, endpoint=False)
        even = np.stack([np.interp(at, along, closed[:, k]) for k in (0, 1)], 1)
        grow = np.sqrt(abs(area) / max(abs(signed_area(even)), 1e-6))
        even = even.mean(0) + (even - even.mean(0)) * min(grow, 1.3)
        out.append(even if area > 0 else even[::-1])  # a hole keeps its sense
    return out


def signed_area(xy: Grid) -> float:
    """Return the area of a polygon, positive if counter-clockwise."""
    x, y = xy.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def heights(row: Kind) -> Grid:
    """Return where the planes cross the tooth's axis, mm, upwards."""
    tilt = RISE * row.depth_mm / 2 + 0.1
    low = np.arange(BREAK_MM - ROOT_MM, -row.root_mm - 0.9 - tilt, -ROOT_MM)[::-1]
    return np.concatenate([low, np.arange(BREAK_MM, row.crown_mm + 0.5 + tilt, CROWN_MM)])


def build(name: str) -> dict[str, npt.NDArray[np.generic]]:
    """Return one kind's arrays."""
    solid = Solid(name)
    reach = max(
        6.2 if solid.milk and solid.multi else 0.0,
        solid.a + 1.6,
        solid.b + 1.6 + (1.4 if solid.multi else 0.0),
    )
    xs = ys = np.arange(-reach, reach + STEP_MM, STEP_MM)
    x, y = np.meshgrid(xs, ys)
    zs = heights(solid.row)
    points, first, plane, layer, count = [], [], [], [], 0
    for k, height in enumerate(zs):
        z = height + y * RISE
        for which, field in enumerate(fields(solid, x, y, z)):
            if (which >= LIGAMENT and height > 0.8) or (which == CORE and height < -1.5):
                continue
            for xy in contours(field, xs, ys, POINTS[which]):
                points.append(xy), first.append(count), plane.append(k), layer.append(which)
                count += len(xy)
    first.append(count)
    return {
        "points": np.round(np.concatenate(points) / UNIT_MM).astype(np.int16),
        "first": np.array(first, np.int32),
        "plane": np.array(plane, np.int16),
        "layer": np.array(layer, np.uint8),
        "heights": zs.astype(np.float32),
    }


def main() -> None:
    """Build every kind and write the file."""
    arrays = {f"{name}.{key}": value for name in KINDS for key, value in build(name).items()}
    np.savez_compressed(OUT, **arrays)
    print(f"{OUT.name}: {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
