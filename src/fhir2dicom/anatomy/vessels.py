"""The vessels of the lungs as tapering tubes, one tree for CT and films; and how they enter the labels.

See atlas/build_vessels.py for how the trees were made. A tube thinner than a voxel fills a part of it: labels
``lung_vessel_1`` … ``lung_vessel_4`` stand for quarters, so a vessel of 0.3 mm still leaves its trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.tissues import LABEL, VESSEL_STEPS
from fhir2dicom.model import Vec3
from fhir2dicom.seed import Seed

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

VARIANTS = 3

Node = tuple[float, float, float, float]
"""x, y, z in the atlas and radius, mm."""

HILA: tuple[tuple[Node, ...], ...] = (
    # right: interlobar artery (the comma of a frontal film), upper lobe's artery, upper and lower vein
    ((-35, 184, 196, 8.0), (-40, 189, 187, 7.6), (-44, 195, 176, 7.0), (-46, 200, 164, 6.2), (-48, 206, 152, 5.2),
     (-52, 212, 140, 4.0), (-57, 219, 128, 2.8)),
    ((-33, 170, 214, 5.4), (-42, 167, 223, 4.6), (-50, 166, 233, 3.6), (-57, 168, 245, 2.6)),
    ((-35, 160, 196, 4.6), (-45, 157, 206, 4.0), (-53, 152, 220, 3.0)),
    ((-34, 200, 164, 5.0), (-46, 205, 158, 4.2), (-58, 210, 150, 3.2), (-68, 214, 141, 2.2)),
    # left: lower artery behind the bronchus, upper lobe's artery, upper and lower vein
    ((44, 199, 216, 7.2), (50, 205, 206, 7.0), (54, 209, 193, 6.4), (57, 213, 178, 5.4), (60, 218, 163, 4.2),
     (64, 223, 148, 3.0)),
    ((46, 176, 222, 4.8), (56, 171, 232, 3.8), (64, 168, 244, 2.8)),
    ((46, 160, 208, 4.4), (56, 153, 217, 3.6), (63, 146, 229, 2.6)),
    ((40, 208, 178, 4.8), (52, 214, 170, 4.0), (64, 220, 160, 3.0)),
)  # fmt: skip
"""The trunks at the hila, which the donor's tree has but in stumps: as they leave the mediastinum, root first.

The right interlobar artery is 10 to 16 mm wide (after Chang 1962, not checked; 16 mm in men and 15 in women is also what
others call the upper limit); its way and the others are ours.
"""


@dataclass(frozen=True, eq=False, slots=True)
class Tree:
    """Tubes in atlas mm, those nearer to the heart first."""

    start: F32
    """(tubes, 3)."""
    end: F32
    start_radius_mm: F32
    end_radius_mm: F32
    kind: U8
    """0: seen in the donor, 1: grown."""


def variant(seed: Seed) -> int:
    """Return which tree a patient has."""
    return seed.child("vessels").integer(VARIANTS)


def tree(seed: Seed) -> Tree:
    """Return a patient's pulmonary vessels, both lungs, arteries and veins."""
    return numbered(variant(seed))


@lru_cache(maxsize=VARIANTS)
def numbered(number: int) -> Tree:
    """Return one of the trees, 0 … VARIANTS − 1; loaded once a process."""
    with (files("fhir2dicom.anatomy") / "atlas" / "vessels.npz").open("rb") as file, np.load(file) as data:
        ends = data[f"ends_{number}"].astype(np.float32) / np.float32(32)
        radii = data[f"radii_{number}"].astype(np.float32) / np.float32(64)
        kind = data[f"kind_{number}"]
    start, end, r0, r1 = (
        np.ascontiguousarray(a) for a in (ends[:, :3], ends[:, 3:], radii[:, 0], radii[:, 1])
    )
    first, last = (np.array([n for a in HILA for n in a[k : len(a) - 1 + k]], np.float32) for k in (0, 1))
    return Tree(
        np.concatenate([first[:, :3], start]),
        np.concatenate([last[:, :3], end]),
        np.concatenate([first[:, 3], r0]),
        np.concatenate([last[:, 3], r1]),
        np.concatenate([np.zeros(len(first), np.uint8), kind]),
    )


def vascular(labels: U8, origin: Vec3, number: int) -> U8:
    """Return a copy of labels at 1 mm with a tree's vessels in the lung."""
    out = labels.copy()
    t = numbered(number)
    _stamp(out, np.array(origin), t.start, t.end, t.start_radius_mm, t.end_radius_mm, LABEL["lung"],
           LABEL["lung_vessel_1"] - 1)  # fmt: skip
    return out


@nb.njit(cache=True)
def _stamp(
    labels: U8, origin: npt.NDArray[np.float64], start: F32, end: F32, r0: F32, r1: F32, lung: int, below: int
) -> None:
    """Fill lung voxels by the part that tubes take of them; the fullest wins."""
    for n in range(len(start)):
        ax, ay, az = start[n, 0] - origin[0], start[n, 1] - origin[1], start[n, 2] - origin[2]
        bx, by, bz = end[n, 0] - origin[0], end[n, 1] - origin[1], end[n, 2] - origin[2]
        dx, dy, dz = bx - ax, by - ay, bz - az
        square = max(dx * dx + dy * dy + dz * dz, 1e-9)
        reach = max(r0[n], r1[n], 0.6) + 0.6
        for k in range(
            max(0, int(min(az, bz) - reach)), min(labels.shape[0] - 1, int(max(az, bz) + reach) + 1) + 1
        ):
            for j in range(
                max(0, int(min(ay, by) - reach)), min(labels.shape[1] - 1, int(max(ay, by) + reach) + 1) + 1
            ):
                for i in range(
                    max(0, int(min(ax, bx) - reach)),
                    min(labels.shape[2] - 1, int(max(ax, bx) + reach) + 1) + 1,
                ):
                    now = labels[k, j, i]
                    if now != lung and not below < now <= below + VESSEL_STEPS:
                        continue
                    h = min(max(((i - ax) * dx + (j - ay) * dy + (k - az) * dz) / square, 0.0), 1.0)
                    x, y, z = i - ax - h * dx, j - ay - h * dy, k - az - h * dz
                    r = r0[n] + (r1[n] - r0[n]) * h
                    wide = max(r, 0.6)
                    part = (
                        min(max(wide - np.sqrt(x * x + y * y + z * z) + 0.5, 0.0), 1.0)
                        * (r * r)
                        / (wide * wide)
                    )
                    step = below + int(part * VESSEL_STEPS + 0.5)
                    if step > below and (now == lung or step > now):
                        labels[k, j, i] = step
