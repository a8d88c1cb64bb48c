"""The beam of a mammography unit: what the automatic exposure control chooses, and how noisy the film gets.

Tungsten with rhodium for most breasts, with silver for thick ones, 25 to 34 kV. Photons: 5975 per mm² and µGy behind 2 mm of
aluminium, W/Rh at 28 kV (IEC 62220-1-2). Attenuation at 20 keV: fat .456, gland .802 per cm (after Johns & Yaffe
1987, not checked).
Dose per entrance air kerma falls with thickness as Dance's g does (Phys Med Biol 45:3225, 2000), rounded by us.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fhir2dicom.model import Pressed

FAT_PER_MM, GLAND_PER_MM = 0.0456, 0.0802
CONTRAST_PER_MM = GLAND_PER_MM - FAT_PER_MM

_PHOTONS_PER_MM2_UGY = 5975.0
_DETECTOR_UGY = 75.0
"""Air kerma behind a usual breast that the control aims at, µGy; ours."""
_OPEN = 8.0
"""Grid, table, paddle, the inverse square law, and the soft part of the spectrum that the breast keeps; ours."""
_HARDENING = 0.78
"""A filtered spectrum is harder than 20 keV, and hardens in the breast; ours."""
_OUTPUT_MGY = 0.045
"""Air kerma at the breast per mAs at 28 kV W/Rh, mGy; ours."""
_DQE = 0.55
"""Detective quantum efficiency of amorphous selenium at these energies; ours, rounded."""

# up to thickness mm: kV, filter, K-edge filter's thickness mm
_STEPS = (
    (30.0, 25.0, "RHODIUM", 0.050),
    (40.0, 27.0, "RHODIUM", 0.050),
    (50.0, 28.0, "RHODIUM", 0.050),
    (60.0, 29.0, "RHODIUM", 0.050),
    (70.0, 31.0, "RHODIUM", 0.050),
    (80.0, 31.0, "SILVER", 0.050),
    (90.0, 33.0, "SILVER", 0.050),
    (999.0, 34.0, "SILVER", 0.050),
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One exposure."""

    kvp: float
    filter_material: str
    filter_mm: float
    mas: float
    current_ma: float
    entrance_mgy: float
    """Air kerma at the skin, mGy."""
    organ_mgy: float
    """Mean glandular dose, mGy."""
    half_value_mm: float
    """Half-value layer of aluminium, mm."""
    force_n: float
    noise_mm: float
    """Standard deviation of a pixel in fat, mm of gland."""
    steepening: float
    """How much faster noise grows behind gland, per mm."""


def expose(breast: Pressed, pixel_mm: float, firm: float, given: Mapping[str, float]) -> Exposure:
    """Return the exposure of a breast; ``firm`` -1 … 1: how hard it is pressed; ``given``: what FHIR states (kvp, mas)."""
    thickness = breast.thickness_mm
    glandular = min(max(0.10 + 0.14 * (breast.gland.amount + 1.2), 0.03), 0.5)
    _, usual, material, filter_mm = next(s for s in _STEPS if thickness <= s[0])
    kv = given.get("kvp", usual)
    through = thickness * (FAT_PER_MM + CONTRAST_PER_MM * glandular)
    entrance = _DETECTOR_UGY / 1000 * _OPEN * math.exp(through * _HARDENING * (28.0 / kv) ** 0.8)
    mas = entrance / (_OUTPUT_MGY * (kv / 28.0) ** 2.0)
    if "mas" in given:
        entrance, mas = entrance * given["mas"] / mas, given["mas"]
    photons = _PHOTONS_PER_MM2_UGY * _DETECTOR_UGY * pixel_mm * pixel_mm * _DQE
    half_value = 0.54 + 0.012 * (kv - 28.0) + (0.05 if material == "SILVER" else 0.0)
    dose = entrance * min(0.62, 11.5 / thickness + 0.02) * (1.06 - 0.3 * glandular)
    return Exposure(
        kvp=kv,
        filter_material=material,
        filter_mm=filter_mm,
        mas=round(mas, 1),
        current_ma=100.0,
        entrance_mgy=round(entrance, 3),
        organ_mgy=round(dose, 4),
        half_value_mm=round(half_value, 3),
        force_n=round(min(max(92 + 24 * firm + 0.35 * (thickness - 59), 45), 180), 1),
        noise_mm=round(1 / math.sqrt(photons) / CONTRAST_PER_MM, 6),
        steepening=round(CONTRAST_PER_MM / 2, 6),
    )
