"""The neck, the skin of head and neck, and teeth as meshes, in the frame of the head atlas.

usage: python atlas/build_neck.py      (after build_head.py, build_skull.py and build_teeth.py)
       adds to src/fhir2dicom/anatomy/atlas/skull.npz

Vertebrae, hyoid and airway are solids of our own: boxes, cones and ellipsoids blended, in mm of a neck that stands
upright below a head whose Frankfurt plane is level, then turned into the atlas. Sizes are those of textbooks of anatomy,
rounded by us. Skin: the labels' head, then the bones with flesh on them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.ndimage as ni
from solids import (
    Atlas,
    Lattice,
    box,
    capsule,
    distance,
    ellipsoid,
    filled,
    inset,
    smooth_max,
    smooth_min,
    surface,
)

from fhir2dicom.anatomy.tooth import solids

FOLDER = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas"
OUT = FOLDER / "skull.npz"
CONDYLES = np.array((0.0, 44.0, -66.0))
"""Middle of the occipital condyles, atlas mm: the neck hangs from here."""
COS, SIN, GROWN = 0.9781, 0.2079, 1.08
"""Of 12 degrees between the planes of Frankfurt and of the commissures; the atlas' head is larger than most."""

#  name   y     z      tilt   half width  depth  height  spine  cross
BODIES = (
    ("C3", -7.0, -46.5, 0.0, 8.4, 7.6, 6.9, 35.0, 6.0),
    ("C4", -7.5, -65.5, -3.0, 8.8, 7.8, 6.8, 35.0, 6.5),
    ("C5", -6.4, -84.5, -7.0, 9.3, 8.0, 6.7, 38.0, 7.0),
    ("C6", -3.4, -103.5, -12.0, 10.2, 8.3, 6.8, 44.0, 8.0),
    ("C7", 1.8, -122.5, -18.0, 11.4, 8.5, 7.3, 52.0, 15.0),
)


def to_atlas(v: np.ndarray) -> np.ndarray:
    """Turn the neck under the atlas' head."""
    y, z = v[:, 1] * GROWN, v[:, 2] * GROWN
    return np.c_[v[:, 0] * GROWN, COS * y - SIN * z, COS * z + SIN * y] + CONDYLES


def tilted(p: tuple, y0: float, z0: float, degrees: float) -> tuple:
    """Return points in the axes of a vertebra: negative, its top leans to the front."""
    x, y, z = p
    c, s = np.cos(np.radians(degrees)), -np.sin(np.radians(degrees))
    return x, c * (y - y0) + s * (z - z0), c * (z - z0) - s * (y - y0)


def arch(p: tuple, w: float, spine: float, cross: float, *, bifid: bool) -> np.ndarray:
    """Return what is behind and beside a body of half width w: pedicles, pillars, laminae, processes."""
    x, y, z = p
    ax = np.abs(x)
    q = (ax, y, z)
    side = w + 3.6
    pillar = smooth_max(
        box(q, (side, 12.6, 0), (5.4, 5.6, 20), 3.2) + 1.9 * np.clip(np.abs(z + 0.3) / 8.5, 0, 1.2) ** 2,
        (np.abs(z + 0.85 * (y - 12.6)) - 8.7) * 0.76,
        1.6,
    )
    d = smooth_min(pillar, capsule(q, (w - 3, 5, 1.5), (side, 10.5, 0.5), 3.0, 3.2), 1.5)
    for top, low in ((2.0, -1.0), (-5.0, -6.0)):
        d = smooth_min(d, capsule(q, (side - 1, 17, top), (0, 26.5, low), 2.3, 2.4), 3.0)
    low = -7.5 - 0.35 * max(spine - 35.0, 0.0)
    d = smooth_min(d, capsule(q, (0, 25, -3), (0, spine - 3, low), 2.7, 2.5), 2.0)
    if bifid:
        d = smooth_min(d, capsule(q, (0, spine - 5, low + 0.5), (3.6, spine + 1, low - 2.0), 2.4, 2.3), 1.5)
    else:
        d = smooth_min(d, capsule(q, (0, spine - 5, low - 0.5), (0, spine + 1, low - 2.5), 3.0, 4.0), 2.0)
    tip = (w + cross, 4.5 if cross < 10 else 10.0, -1.5)
    d = smooth_min(d, capsule(q, (w - 1, 1.5, 0), tip, 2.0, 2.3), 1.0)
    d = smooth_min(d, capsule(q, (side, 9, 0.5), tip, 2.0, 2.3), 1.0)
    canal = np.sqrt((x / 11.8) ** 2 + ((y - 15.3) / 7.3) ** 2) - 1
    return np.maximum(d, -canal * 7.3)


def vertebra(p: tuple, row: tuple) -> np.ndarray:
    _, _, _, _, w, depth, height, spine, cross = row
    x, y, z = p
    ax = np.abs(x)
    waist = np.where(y < 0, 1.7, 1.0) * np.clip(1 - (z / height) ** 2, 0, 1)
    round_body = np.sqrt((np.abs(x) / (w - waist)) ** 2.4 + (np.abs(y) / (depth - waist)) ** 2.4 + 1e-9) - 1
    rim = np.clip((ax / w) ** 2 + (y / depth) ** 2, 0, 1.3)
    over = height - 0.6 + 0.5 * rim + np.clip(y, -depth, depth) * 0.09
    under = height - 1.2 + 1.3 * rim - np.clip(y, -depth, depth) * 0.09
    d = smooth_max(round_body * depth * 0.8, np.where(z > 0, z - over, -z - under), 3.4)
    d = smooth_min(
        d, capsule((ax, y, z), (w - 1.4, 4.6, height - 1), (w - 1.4, -1.0, height + 2.6), 1.9, 1.4), 1.2
    )
    return smooth_min(d, arch(p, w, spine, cross, bifid=cross < 10), 1.2)


def axis(p: tuple) -> np.ndarray:
    """C2: the dens on a body, shoulders for the atlas, a stout spine."""
    x, y, z = p
    q = (np.abs(x), y, z)
    taper = np.where(y < 0, 1.9, 1.1) * np.clip(1 - ((z + 9.0) / 9.0) ** 2, 0, 1)
    lip = 0.8 * np.clip((q[0] / 8.4) ** 2 + (y / 7.8) ** 2, 0, 1.3) - np.clip(y, -7.8, 7.8) * 0.14
    d = smooth_max(
        (np.sqrt((q[0] / (8.4 - taper)) ** 2.4 + (np.abs(y) / (7.8 - taper)) ** 2.4 + 1e-9) - 1) * 6.5,
        np.where(z > 0, z - 7.5, -z - 8.8 - lip),
        2.4,
    )
    d = smooth_min(d, capsule(p, (0, -1.0, 4), (0, -0.5, 25.5), 5.3, 4.4), 2.0)
    shoulder = smooth_max(ellipsoid(q, (13.5, 2.5, 4), (10.5, 9, 9)), z - 9.6 + 0.28 * q[0] + 0.0 * y, 1.0)
    d = smooth_min(d, shoulder, 1.5)
    back = arch((x, y, z + 0.5), 8.4, 35.0, 7.0, bifid=True)
    back = np.maximum(back, z - 7 - np.clip((y - 16) * 0.2, 0, 2))
    return smooth_min(d, back, 1.5)


def ring(p: tuple) -> np.ndarray:
    """C1: two lateral masses, arches before and behind the dens, long transverse processes."""
    x, y, z = p
    q = (np.abs(x), y, z)
    mass = smooth_max(
        box(q, (18.0, 4.0, -2.5), (7.4, 9.0, 11.5), 4.5),
        ellipsoid(q, (18.0, 4.0, -2.0), (12.5, 10.2, 11.2)),
        2.0,
    )
    mass = smooth_max(mass, -(z + 9.7 + 0.28 * (q[0] - 13)), 1.5)
    mass = smooth_max(mass, -ellipsoid(q, (16.5, 4.5, 13.5), (10, 13, 8.5)), 1.0)
    d = smooth_min(mass, capsule(q, (0, -10.6, 0.5), (13, -4.0, 0), 2.9, 3.0), 2.0)
    d = smooth_min(d, ellipsoid(p, (0, -11.5, 0.5), (4.5, 3.2, 5.2)), 1.5)
    d = smooth_min(d, capsule(q, (20, 11, 0), (12, 23, 0.5), 3.0, 2.6), 2.0)
    d = smooth_min(d, capsule(q, (12, 23, 0.5), (0, 28, 0.5), 2.6, 3.4), 2.0)
    return smooth_min(d, capsule(q, (23, 4, -1), (35, 7, -2.5), 3.6, 3.4), 2.0)


def bones(atlas: Atlas) -> None:
    """Put C1 to C7 and the hyoid, each with its cortex."""
    lattice = Lattice.over((-46, -46, -142), (46, 64, 14), 0.6)
    p = lattice.axes()
    solids_ = {
        "C1": ring(tilted(p, -6.0, -8.6, 6.0)),
        "C2": axis(tilted(p, -6.4, -26.0, 3.0)),
        **{row[0]: vertebra(tilted(p, *row[1:4]), row) for row in BODIES},
    }
    for name, even in solids_.items():
        rough = ni.gaussian_filter(np.random.default_rng(ord(name[1])).standard_normal(even.shape), 3.0)
        d = even + 2.1 * rough
        v, t = surface(d.astype(np.float32), lattice, 2600, 2, 300.0)
        cortex = 0.55
        i = inset(v, t, cortex, d, lattice)
        atlas.put(name, to_atlas(v), t, to_atlas(i))
    q = (np.abs(p[0]), *p[1:])
    hyoid = smooth_min(
        capsule(q, (0, -41, -62), (10, -39, -61.5), 2.9, 2.5),
        capsule(q, (10, -39, -62), (19, -16, -57), 1.9, 1.4),
        1.5,
    )
    v, t = surface(hyoid.astype(np.float32), lattice, 700, 2)
    atlas.put("hyoid", to_atlas(v), t, to_atlas(inset(v, t, 0.8, hyoid, lattice)))


#    y     z    half width  half depth   of the airway, from the nose's back to the trachea in the chest
AIRWAY = (
    (-26.0, -6.0, 13.0, 7.0), (-24.0, -18.0, 14.0, 7.5), (-22.5, -32.0, 12.0, 4.0), (-23.5, -44.0, 13.0, 5.0),
    (-23.0, -58.0, 12.0, 5.5), (-23.5, -70.0, 11.0, 5.0), (-28.0, -80.0, 6.0, 7.0), (-30.0, -86.0, 3.0, 8.0),
    (-30.5, -94.0, 7.0, 7.5), (-30.0, -110.0, 8.2, 8.0), (-24.0, -130.0, 8.4, 8.2), (-16.0, -156.0, 8.4, 8.2),
)  # fmt: skip


def airway() -> np.ndarray:
    lattice = Lattice.over((-24, -60, -170), (24, 20, 6), 0.9)
    x, y, z = lattice.axes()
    rows = np.array(AIRWAY)[::-1]
    at = [np.interp(z, rows[:, 1], ni.gaussian_filter1d(rows[:, k], 0.6)) for k in (0, 2, 3)]
    d = (np.sqrt((x / at[1]) ** 2 + ((y - at[0]) / at[2]) ** 2) - 1) * np.minimum(at[1], at[2])
    epiglottis = capsule((x, y, z), (0, -31, -66), (0, -23.5, -60), 1.2, 1.0) + 0 * x
    d = np.maximum(d, -(epiglottis - np.clip(6 - np.abs(x), 0, 1)))
    roof = np.sqrt(((y + 18) / 16) ** 2 + ((z + 22) / 20) ** 2) * 16 - 16
    d = smooth_max(d, np.where(z > -22, roof, -160 - z), 3.0)
    return surface(d.astype(np.float32), lattice, 1600, 4)


def skin(atlas: Atlas) -> None:
    """Put skin and the flesh beneath it: the head's labels, bones of the face with flesh, the neck."""
    lattice = Lattice.over((-110, -130, -262), (110, 140, 106), 2.0)
    x, y, z = lattice.axes()
    data = np.load(FOLDER / "head.npz")
    grid = np.meshgrid(*(a.ravel() for a in lattice.axes()), indexing="ij")
    o = data["origin"]
    head = ni.binary_fill_holes(ni.binary_closing(np.pad(data["labels"] > 0, 8), iterations=6))[
        8:-8, 8:-8, 8:-8
    ]
    d = ni.map_coordinates(
        distance(head, 1.0, 1.0), (grid[2] - o[2], grid[1] - o[1], grid[0] - o[0]), order=1, mode="nearest"
    )
    taper = (
        np.clip(-42 - z, 0, 30) * 0.55 * np.clip((np.abs(x) - 30) / 30 + np.clip((y - 40) / 30, 0, 1), 0, 1)
    )
    d = d + np.where(y > -45, taper, 0) + np.clip(-62 - z, 0, 60) * 0.7
    for name, flesh in (("skull", 9.0), ("mandible", 8.5)):
        parts = atlas.parts
        v, t = parts[f"{name}.v"] / 32.0, parts[f"{name}.t"].astype(int)
        near = distance(ni.binary_closing(filled(v, t, lattice), iterations=2), 2.0, 2.5) - flesh
        d = smooth_min(d, np.where(z > -30, 3.0, near) if name == "skull" else near, 10.0)
    local = np.stack(grid) - CONDYLES[:, None, None, None]
    ny, nz = (COS * local[1] + SIN * local[2]) / GROWN, (COS * local[2] - SIN * local[1]) / GROWN
    middle, wide, deep = (
        np.interp(nz, (-160, -110, -60, 0), (-2, -4, -1, 8)),
        np.interp(nz, (-170, -130, -80, -20), (64, 58, 58, 62)),
        np.interp(nz, (-160, -110, -60, 0), (58, 55, 55, 56)),
    )
    neck = (np.sqrt((local[0] / GROWN / wide) ** 2 + ((ny - middle) / deep) ** 2) - 1) * 58
    neck = smooth_max(neck, np.maximum(nz + 2, -172 - nz), 6.0)
    d = smooth_min(d, neck.astype(np.float32), 24.0)
    lips = np.minimum(
        ellipsoid((x, y, z), (0, -60, -99), (25, 15, 22)), ellipsoid((x, y, z), (0, -52, -126), (24, 15, 15))
    )
    d = ni.gaussian_filter(smooth_min(d, lips, 8.0), 0.8)
    v, t = surface(d, lattice, 7000, 2, 1e5)
    atlas.put("skin", v, t)
    under = np.interp(z, (-100, -40, 0), (6.5, 6.0, 4.0)) + np.clip((ny + 30) * 0.05, 0, 1)
    v, t = surface(d + under, lattice, 4000, 3, 1e5)
    atlas.put("lean", v, t)


def teeth(atlas: Atlas) -> None:
    """Put every kind of tooth: all of it (o), and its enamel (e), in its own axes, mm."""
    from skimage.draw import polygon2mask  # noqa: PLC0415

    for name, solid in solids().items():
        low, high = solid.points.min(0) - 1, solid.points.max(0) + 1
        lattice = Lattice.over(
            (low[0], low[1], solid.heights[0] - 1), (high[0], high[1], solid.heights[-1] + 1), 0.3
        )
        masks = {layer: np.zeros(lattice.shape, bool) for layer in (0, 1)}
        planes = {layer: {} for layer in (0, 1)}
        for c in range(len(solid.plane)):
            layer = int(solid.layer[c])
            if layer in (0, 1):
                curve = solid.points[solid.first[c] : solid.first[c + 1]]
                planes[layer].setdefault(int(solid.plane[c]), []).append(curve)
        for k in range(lattice.shape[2]):
            h = lattice.low[2] + k * lattice.mm
            at = int(np.abs(solid.heights - h).argmin())
            if abs(solid.heights[at] - h) > 0.2:
                continue
            for layer in (0, 1):
                for curve in planes[layer].get(at, []):
                    masks[layer][:, :, k] ^= polygon2mask(lattice.shape[:2], (curve - low) / lattice.mm)
        whole = distance(masks[0], lattice.mm, 0.25)
        atlas.put(f"{name}.o", *surface(whole, lattice, 240, 2, 5.0))
        enamel = masks[0] & ~masks[1]
        first = np.flatnonzero(masks[1].any((0, 1)))[0]
        enamel[:, :, :first] = False
        atlas.put(f"{name}.e", *surface(distance(enamel, lattice.mm, 0.2), lattice, 260, 1, 3.0))


def main() -> None:
    atlas = Atlas()
    atlas.parts |= dict(np.load(OUT).items())
    bones(atlas)
    v, t = airway()
    atlas.put("airway", to_atlas(v), t)
    skin(atlas)
    teeth(atlas)
    np.savez_compressed(OUT, **atlas.parts)
    print(OUT, OUT.stat().st_size)


if __name__ == "__main__":
    main()
