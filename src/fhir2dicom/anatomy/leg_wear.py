"""What osteoarthritis does to bone: spurs at the margins of a joint, and dense bone under the cartilage that is lost.

Where spurs grow follows the atlas of Altman and Gold (Osteoarthritis Cartilage 15 Suppl A:A1, 2007: margins of femur and
tibia, tibial spines, rim and collar of the hip); sizes and places are ours, in the frame of the leg's atlas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fhir2dicom.anatomy.bone import F32, Bone
from fhir2dicom.model import Edit, Vec3


@dataclass(frozen=True, slots=True)
class Wear:
    """A place where bone grows out, or inwards."""

    bone: str
    at: Vec3
    reach_mm: Vec3
    """How far from it bone still moves, along x, y and z."""
    push_mm: Vec3
    """At the worst."""
    dense: bool = False
    """The inner face of the cortex moves, and the outer one stays: sclerosis."""


WEAR: Mapping[str, tuple[Wear, ...]] = {
    "knee": (
        Wear("tibia", (-47.0, 4.0, -422.0), (9.0, 24.0, 7.0), (6.0, 0.0, 2.5)),
        Wear("tibia", (-121.0, 4.0, -423.0), (8.0, 20.0, 7.0), (-4.5, 0.0, 2.0)),
        Wear("tibia", (-88.0, 4.0, -411.0), (6.0, 12.0, 6.0), (0.0, 0.0, 2.5)),
        Wear("tibia", (-72.0, 4.0, -412.0), (6.0, 12.0, 6.0), (0.0, 0.0, 2.0)),
        Wear("femur", (-43.5, 10.0, -408.0), (9.0, 24.0, 8.0), (5.5, 0.0, -2.0)),
        Wear("femur", (-115.5, 10.0, -407.0), (8.0, 22.0, 8.0), (-4.0, 0.0, -1.5)),
        Wear("patella", (-79.0, -30.0, -398.0), (16.0, 8.0, 7.0), (0.0, 1.5, -3.5)),
        Wear("patella", (-79.0, -34.0, -361.0), (16.0, 8.0, 7.0), (0.0, 1.5, 4.5)),
        Wear("tibia", (-62.0, 4.0, -420.0), (17.0, 26.0, 9.0), (0.0, 0.0, -3.2), dense=True),
        Wear("femur", (-62.0, 8.0, -413.0), (17.0, 26.0, 9.0), (0.0, 0.0, 2.4), dense=True),
    ),
    "hip": (
        Wear("hip", (-104.5, -2.0, 24.0), (10.0, 22.0, 9.0), (-7.0, 0.0, -1.0)),
        Wear("femur", (-99.0, 0.0, 13.0), (9.0, 22.0, 8.0), (-3.0, 0.0, 2.5)),
        Wear("femur", (-79.0, 0.0, -23.0), (10.0, 20.0, 8.0), (1.5, 0.0, -4.5)),
        Wear("hip", (-92.0, 0.0, 26.0), (18.0, 24.0, 10.0), (-0.5, 0.0, 4.0), dense=True),
        Wear("femur", (-86.0, 0.0, 20.0), (18.0, 22.0, 9.0), (0.0, 0.0, -2.6), dense=True),
    ),
}


def worn(found: Mapping[str, Sequence[Bone]], edits: Sequence[Edit]) -> dict[str, list[Bone]]:
    """Return all parts after what osteoarthritis (``arthritis`` of ``knee`` or ``hip``) makes of their bone."""
    parts = {name: list(of) for name, of in found.items()}
    for edit in edits:
        if edit.kind == "arthritis":
            for row in WEAR.get(edit.part, ()):
                parts[row.bone] = [_worn(b, row, edit.amount) for b in parts.get(row.bone, ())]
    return parts


def _worn(b: Bone, row: Wear, amount: float) -> Bone:
    d = (b.vertices.astype(np.float64) - np.array(row.at)) / np.array(row.reach_mm)
    far = (d[:, 0] ** 2 + d[:, 1] ** 2) + d[:, 2] ** 2
    near = np.maximum(0.0, 1 - far)
    push: F32 = (np.array(row.push_mm) * amount * (near * near)[:, None]).astype(np.float32)
    if row.dense:
        return replace(b, inner=b.inner + push)
    return replace(b, vertices=b.vertices + push, inner=b.inner + push * np.float32(0.7))
