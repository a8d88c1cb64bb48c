"""What the generator is set to for a part of its thickness, and what arrives at the detector.

Exposure index and deviation index: IEC 62494-1 (2008): EI = 100 · air kerma at the detector in μGy, DI = 10 · log10(EI/EIT).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fhir2dicom.model import Protocol
from fhir2dicom.physics.xray_beam import Beam
from fhir2dicom.physics.xray_place import Place
from fhir2dicom.seed import Seed

OUTPUT_UGY = 50.0
"""Air kerma at 1 m for 1 mAs at 80 kV behind 3 mm of aluminium, μGy: 40 to 60 with most tubes."""
OUTPUT_POWER = 2.6
"""How it grows with the voltage, ours: 2 for a constant filter, more where it hardens soft beams."""
QUANTA_PER_PIXEL = 590.0
"""Quanta that 1 μGy brings to .14 mm squared (30 174 a mm²: IEC 62220-1, RQA5)."""
EFFICIENCY = 0.65
"""Detective quantum efficiency of caesium iodide at low frequencies."""
GRID_PRIMARY = 0.68
"""What a grid of ratio 10 lets through of the primary beam: .6 to .7."""
BROAD = 1.1
"""What a whole part takes of a beam, beside what a little more of it takes: soft rays are lost first (ours)."""

STANDARD_MM: Mapping[str, tuple[float, float]] = {
    # region: what a standard adult absorbs along a frontal and a lateral beam, mm of water (ours)
    "hand": (20.0, 60.0),
    "wrist": (40.0, 55.0),
    "forearm": (65.0, 70.0),
    "elbow": (70.0, 80.0),
    "humerus": (95.0, 95.0),
    "shoulder": (120.0, 160.0),
    "clavicle": (125.0, 125.0),
    "hip": (180.0, 200.0),
    "femur": (150.0, 145.0),
    "knee": (115.0, 105.0),
    "lower-leg": (95.0, 95.0),
    "ankle": (80.0, 70.0),
    "foot": (55.0, 70.0),
    "pelvis": (200.0, 300.0),
    "abdomen": (205.0, 300.0),
    "lumbar-spine": (205.0, 300.0),
    "thoracic-spine": (165.0, 200.0),
    "cervical-spine": (110.0, 110.0),
    "ribs": (150.0, 200.0),
    "skull": (185.0, 150.0),
    "face": (185.0, 145.0),
    "mandible": (150.0, 110.0),
}

_SERIES = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)
"""R10 of ISO 3: the steps of a generator's mAs."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One exposure."""

    kvp: float
    mas: float
    tube_current_ma: float
    detector_ugy: float
    """Air kerma behind the part."""
    open_ugy: float
    """Air kerma at the detector's distance beside the part, without a grid."""
    target_index: float
    grid: float = 0.0
    """Ratio of the grid; 0: none."""

    @property
    def index(self) -> float:
        """Return EI."""
        return round(100 * self.detector_ugy, 0)

    @property
    def deviation(self) -> float:
        """Return DI."""
        return round(10 * math.log10(max(self.index, 1.0) / self.target_index), 1)

    @property
    def noise(self) -> float:
        """Return the relative standard deviation of a .14 mm pixel in the open beam."""
        return round(1 / math.sqrt(self.open_ugy * passed(self.grid) * QUANTA_PER_PIXEL * EFFICIENCY), 7)


def expose(protocol: Protocol, place: Place, beam: Beam, water_mm: float, seed: Seed) -> Exposure:
    """Set a generator for a part that absorbs as so much water does.

    Behind a grid the automatic control sets the mAs; without one a radiographer chooses a step of the series. Settings
    read: ``kvp``, ``mas`` (through a standard adult), ``grid``.
    """
    kvp = protocol.settings.get("kvp", 70.0)
    grid = protocol.settings.get("grid", 0.0)
    side = place.camera.axes[2][0] ** 2
    frontal, lateral = STANDARD_MM.get(protocol.region, (100.0, 100.0))
    standard = frontal + (lateral - frontal) * side
    standard_mas = protocol.settings.get("mas", 4.0)
    lost = BROAD * beam.water_per_mm
    wanted = standard_mas * growth(lost * (water_mm - standard)) * growth(seed.child("hand").normal(0, 0.06))
    wanted = min(max(wanted, 0.25 * standard_mas, 0.4), 8 * standard_mas)
    mas = round(wanted, 1 if wanted >= 10 else 2) if grid else step(wanted)
    open_ugy = (
        mas * OUTPUT_UGY * growth(OUTPUT_POWER * math.log(kvp / 80.0)) / (place.camera.sid_mm / 1000) ** 2
    )
    behind = open_ugy * passed(grid) * growth(-lost * water_mm)
    target = open_ugy / mas * standard_mas * passed(grid) * growth(-lost * standard)
    return Exposure(
        kvp=kvp,
        mas=mas,
        tube_current_ma=400.0 if grid else 200.0,
        detector_ugy=round(behind, 4),
        open_ugy=round(open_ugy, 4),
        target_index=50.0 * max(1, round(2 * target)),
        grid=grid,
    )


def passed(grid: float) -> float:
    """Return what a grid lets through of the primary beam."""
    return GRID_PRIMARY if grid else 1.0


def step(mas: float) -> float:
    """Return the nearest step of a generator."""
    steps = [round(s * k, 4) for k in (0.1, 1.0, 10.0, 100.0) for s in _SERIES]
    return min(steps, key=lambda s: max(s / mas, mas / s))


def growth(x: float) -> float:
    """Return exp(x) to nine digits, the same on every machine."""
    return float(f"{math.exp(x):.9g}")
