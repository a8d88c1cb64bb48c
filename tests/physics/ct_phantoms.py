"""Bodies made by hand: cylinders, balls and slabs of one tissue, behind an identity warp or a tilted one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fhir2dicom.errors import PlanError
from fhir2dicom.model import Box, Field, Person, Protocol, Scene, Tissue, Volume

SHAPE = (48, 240, 240)
AIR, WATER, BONE, GAS = 0, 1, 2, 3
TISSUES = (
    Tissue("air", -1000.0),
    Tissue("water", 0.0, 0.0, 100.0, 60.0),
    Tissue("bone", 800.0),
    Tissue("gas", -900.0),
)

ADULT = Person("phantom", "M", 40.0, 1.75, 75.0)
INSIDE = Box((-108.0, -108.0, 4.0), (108.0, 108.0, 44.0))


def cylinder(radius_mm: float = 100.0) -> np.ndarray:
    """Return labels of a water cylinder along z in the middle of the array."""
    y, x = np.ogrid[: SHAPE[1], : SHAPE[2]]
    disc = (y - 120) ** 2 + (x - 120) ** 2 <= radius_mm**2
    return np.repeat(disc[None].astype(np.uint8), SHAPE[0], axis=0)


def identity(tilt: float = 0.0) -> Field:
    """Return a field that shifts nothing; ``tilt``: mm in z for each mm in x."""
    x, y, z = (np.arange(low, high, 8.0) for low, high in ((-136, 137), (-136, 137), (-16, 65)))
    zz, yy, xx = np.meshgrid(z, y, x, indexing="ij")
    return Field(
        (-136.0, -136.0, -16.0), (8.0, 8.0, 8.0), np.stack([xx, yy, zz + tilt * xx]).astype(np.float32)
    )


@dataclass(frozen=True, eq=False)
class Phantom:
    """A body of labels; its atlas is centred on x = y = 0, z from 0."""

    labels: np.ndarray = field(default_factory=cylinder)
    warp: Field = field(default_factory=identity)
    tissues: tuple[Tissue, ...] = TISSUES
    person: Person = ADULT
    field: Box = INSIDE

    def volume(self) -> Volume:
        return Volume(self.labels, (-120.0, -120.0, 0.0), (1.0, 1.0, 1.0), self.tissues, self.warp)

    def scene(self, pose: str) -> Scene:
        raise PlanError("phantom", pose)


def protocol(kernel: str = "soft", region: str = "chest", contrast: str = "", **settings: float) -> Protocol:
    """Return a CT protocol of 256 × 256."""
    return Protocol("test", "CT", region, 256, 256, kernel=kernel, contrast=contrast, settings=settings)
