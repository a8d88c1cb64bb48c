"""Build src/fhir2dicom/anatomy/atlas/lower_torso.npz: what films of belly and lumbar spine see beside surfaces.npz.

In the frame of the torso atlas, whose donor (donor.py; source and licence in NOTICE) ends at the third lumbar vertebra:
lumbar vertebrae 3 to 5 are the donor's second one, larger, along a lordosis of our own; fat within the belly is the donor's
down to z = 2 mm, and below it solids of our own, as are skin and flesh of hips and thighs.

usage: python atlas/build_lower_torso.py FOLDER   (after build_torso.py and build_surfaces.py; what they need)
For a mesh m: m.v int16, 1/32 mm; m.t uint16; bones also m.i, the inner face of the cortex.
"""

from __future__ import annotations

import build_surfaces as bs
import numpy as np
import scipy.ndimage as ni
from skimage.measure import marching_cubes

from fhir2dicom.anatomy.tissues import LABEL

OUT = bs.OUT.with_name("lower_torso.npz")
bs.LOW, bs.HIGH = np.array([-300.0, -20.0, -470.0]), np.array([300.0, 360.0, 300.0])
WAIST = 6.0
"""Below, the trunk's section is drawn on."""

#        name        body's centre  tilt   size        the donor's second lumbar vertebra is the model
#                    y      z       deg    x     y, z
LUMBAR = (
    ("lumbar_3", (182.0, 3.5), 14.0, 1.10, 1.03),
    ("lumbar_4", (178.5, -28.0), 1.0, 1.13, 1.04),
    ("lumbar_5", (181.5, -59.5), -15.0, 1.20, 1.03),
)
"""Lordosis of 60 degrees from the first lumbar to the first sacral endplate: usual is 50 (T12 to S1, standing: 50 ± 11 in
627 healthy people, PMC6680033) to 61 (after Vialle 2005, not checked)."""
MODEL = (np.array((0.0, 193.0, 33.0)), 26.0)


def lumbar(atlas: bs.Atlas) -> None:
    data = np.load(bs.OUT)
    v, t = data["vertebra_30.v"] / 32.0, data["vertebra_30.t"].astype(int)
    centre, tilt = MODEL
    for name, (y, z), lean, wide, size in LUMBAR:
        a = np.radians(tilt - lean)
        w = (v - centre) * (wide, size, size)
        if name == "lumbar_5":  # its body is a wedge
            w[:, 2] *= 1 - 0.10 * np.clip(w[:, 1] / 17, -1, 1)
        turned = np.c_[
            w[:, 0], w[:, 1] * np.cos(a) - w[:, 2] * np.sin(a), w[:, 1] * np.sin(a) + w[:, 2] * np.cos(a)
        ]
        atlas.put(name, turned + np.array((0.0, y, z)), t, 0.6)


def trunk(grid: bs.Lattice) -> tuple[np.ndarray, np.ndarray]:
    """Depth under the skin and within the flesh of trunk, hips and thighs."""
    z = grid.z.copy()
    grid.z = np.maximum(z, WAIST)
    skin = grid.skin(262.0)
    lean = flesh_of_trunk(grid)
    grid.z = z
    down = np.clip((WAIST - z) / 90, 0, 1)  # the waist's section gives way to the hips'
    skin, lean = skin - 60 * down**2, lean - 60 * down**2
    hips = grid.cone((0, 190, -58), (0, 188, -212), 160, 176, 0.70)
    meat = grid.cone((0, 190, -60), (0, 188, -212), 142, 152, 0.72)
    for side in (-1, 1):
        seat = grid.cone((side * 70, 235, -150), (side * 72, 238, -215), 70, 72, 0.95)
        thigh = grid.cone((side * 92, 190, -215), (side * 84, 192, -520), 86, 70)
        hips, meat = bs.union(bs.union(hips, seat, 25), thigh, 18), bs.union(meat, seat - 18, 20)
        meat = bs.union(meat, thigh - 13, 14)
    return bs.union(skin, hips, 55), bs.union(lean, meat, 35)


OPEN = 20
"""Below this slice the muscles in front do not meet, and what they enclose is that of this slice."""


def wall(labels: np.ndarray) -> np.ndarray:
    """All that the muscles and bones of the trunk enclose, and they themselves."""
    outer = np.isin(labels, [LABEL["air"], LABEL["skin"], LABEL["fat"], LABEL["breast_gland"]])
    solid = np.array([ni.binary_fill_holes(ni.binary_closing(s, iterations=9)) for s in ~outer])
    solid[:OPEN] |= solid[OPEN]
    return solid


def flesh_of_trunk(grid: bs.Lattice) -> np.ndarray:
    """Depth within the wall of the belly, all that lies inside it included."""
    solid = wall(bs.ATLAS["labels"])
    depth = np.where(solid, 4.0, -4.0).astype(np.float32)
    low = bs.ATLAS["origin"]
    at = [np.clip(grid.z, 0, 262.0) - low[2], grid.y - low[1], grid.x - low[0]]
    blurred = ni.gaussian_filter(depth, (2.0, 3.0, 3.0))
    return ni.map_coordinates(blurred, at, order=1, mode="constant", cval=-4) * 3


FAT_MM = 2.5
EVEN_MM = 9.0
TOP = 150
DEPTH = 160


def fat(atlas: bs.Atlas) -> None:
    """Fat within the belly: of the donor down to the end of the scan, below it between muscles and bowel of our own."""
    labels, low = bs.ATLAS["labels"][:TOP], bs.ATLAS["origin"]
    solid = wall(labels)
    inner = np.array([ni.binary_erosion(s, iterations=4) for s in solid])
    inside = (labels == LABEL["fat"]) & inner
    y, x = (np.arange(n) + o for n, o in zip(labels.shape[1:], low[[1, 0]], strict=True))
    y, x = y[:, None], x[None, :]
    rows = []
    cavity = ni.distance_transform_edt(inner[2]) - 6
    last = ni.distance_transform_edt(inside[2]) - ni.distance_transform_edt(~inside[2])
    for k in range(DEPTH, 0, -1):
        z = -float(k)
        depth = cavity - k * 0.16 - 60 * (k / DEPTH) ** 4
        new = min(1.0, k / 45)  # what is ours comes in slowly, or a line would show
        behind = y > 168 - 0.16 * np.abs(x) + 9 * np.sin(z / 17 + x / 23) + 78 * (1 - new)
        room = (depth > 0) & (y < 222 - 0.1 * k) & (behind | (depth < 7 * new))
        rows.append((room & ~_organs(x, y, z)) | (last > 0.16 * k))
    mask = np.concatenate([np.array(rows), inside[2:]])
    mask = ni.gaussian_filter(mask.astype(np.float32), (1.0, 0.9, 0.9))
    even = ni.gaussian_filter1d(mask, EVEN_MM, axis=0)  # the scan's last slices differ, which shows as a band
    share = np.clip((DEPTH + 2 + 48 - np.arange(len(mask))) / 16, 0, 1)[:, None, None].astype(np.float32)
    mask = mask + (even - mask) * share
    mask = ni.zoom(mask, 1 / FAT_MM, order=1)
    v, t, _, _ = marching_cubes(np.pad(mask, 1), 0.5)
    step = (np.array((DEPTH + TOP - 2, *labels.shape[1:])) - 1) / (np.array(mask.shape) - 1)
    v = ((v - 1) * step)[:, ::-1] + (low[0], low[1], -float(DEPTH))
    v, t = bs.smooth(v, t, 4)
    v, t = bs.thin(v, t, 16000)
    atlas.put("fat", v, t)


def _organs(x: np.ndarray, y: np.ndarray, z: float) -> np.ndarray:
    """What is not fat below the scan: psoas, iliacus, spine, lower poles of the kidneys, bladder."""
    out = (x / 33) ** 2 + ((y - 196 - 0.9 * max(0.0, -78 - z)) / 37) ** 2 < 1
    down = -z / 100
    for side in (-1, 1):
        psoas = ((x - side * (44 + 30 * down)) / (22 + 4 * down)) ** 2 + (
            (y - (196 - 26 * down)) / (24 - 4 * down)
        ) ** 2
        grown = min(max((-30 - z) / 50, 0.02), 1.0) ** 0.5  # iliacus begins at the crest
        wing = ((x - side * (88 + 8 * down)) / (30 * grown)) ** 2 + (
            (y - (205 - 20 * down)) / (22 * grown)
        ) ** 2
        kidney = ((x - side * 74) / 26) ** 2 + ((y - 200) / 24) ** 2 + ((z - 8) / 16) ** 2
        out |= (psoas < 1) | (wing < 1) | (kidney < 1)
    return out | ((x / 44) ** 2 + ((y - 128) / 34) ** 2 + ((z + 170) / 34) ** 2 < 1)


def main() -> None:
    atlas = bs.Atlas()
    lumbar(atlas)
    fat(atlas)
    grid = bs.Lattice()
    skin, lean = trunk(grid)
    atlas.put("skin", *grid.mesh(ni.gaussian_filter(skin, 0.7), 9000, 8))
    atlas.put("lean", *grid.mesh(ni.gaussian_filter(np.minimum(lean, skin - 2.5), 0.8), 7000, 5))
    np.savez_compressed(OUT, **atlas.parts)
    print(OUT.stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
