"""The beam by tube voltage: what water absorbs of it, and how much more bone and how much less fat than at 65 keV.

The table is printed by atlas/build_film_beam.py: a filtered spectrum after a part of usual thickness, coefficients of
Elam, Ravel and Sieber (Radiat Phys Chem 63:121, 2002; within 2 % of NIST XCOM here), materials of ICRU Report 46.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from fhir2dicom.model import Scene, Surface

_ROWS: tuple[tuple[float, float, float, float], ...] = (
    # kV, attenuation of water 1/mm, bone and fat beside water
    (40.0, 0.04089, 7.216, 0.758),
    (50.0, 0.03207, 5.935, 0.805),
    (60.0, 0.02701, 4.858, 0.844),
    (70.0, 0.02404, 4.063, 0.872),
    (80.0, 0.02240, 3.582, 0.889),
    (90.0, 0.02159, 3.347, 0.897),
    (100.0, 0.02104, 3.195, 0.902),
    (120.0, 0.02024, 2.988, 0.909),
    (150.0, 0.01930, 2.751, 0.917),
)
_BONE, _FAT = 2.723, 0.918
"""The same at 65 keV, which the weights of scenes are meant for."""

_HARD, METAL, _MOST = 0.3, 5.5, 20.0
"""From which weight on a surface is bone, and metal; more than the last makes no difference, and might not fit the sum."""


@dataclass(frozen=True, slots=True)
class Beam:
    """What a beam does to a scene."""

    water_per_mm: float
    bone: float
    """What bone absorbs more than water, in units of what it does at 65 keV."""
    fat: float
    """What fat absorbs less than water, likewise."""


CHEST = Beam(0.0200, 1.0, 1.0)
"""About 65 keV: a chest's scene carries weights for its own beam."""


def beam_of(kvp: float) -> Beam:
    """Return the beam of a tube voltage between 40 and 150 kV, kV."""
    kvp = min(max(kvp, _ROWS[0][0]), _ROWS[-1][0])
    (low, *a), (high, *b) = next(pair for pair in pairwise(_ROWS) if kvp <= pair[1][0])
    f = (kvp - low) / (high - low)
    water, bone, fat = (round(p + (q - p) * f, 6) for p, q in zip(a, b, strict=True))
    return Beam(water, round((bone - 1) / (_BONE - 1), 4), round((1 - fat) / (1 - _FAT), 4))


def seen(scene: Scene, beam: Beam) -> Scene:
    """Return the scene with the weights that its surfaces have in a beam.

    What is named skin is fat against air; marrow and the canal in it, or what has a texture, and all that is heavier than ``_HARD`` gains
    as bone does; metal is capped; small differences are those of fat.
    """
    return replace(
        scene,
        surfaces={name: replace(s, weight=_weight(name, s, beam)) for name, s in scene.surfaces.items()},
    )


def bones(scene: Scene) -> tuple[float, float]:
    """Return the weight of bone in a scene, and what its marrow absorbs more than flesh."""
    hard = [
        s.weight for n, s in scene.surfaces.items() if _HARD < s.weight < METAL and not n.startswith("skin")
    ]
    marrow = [s.weight for s in scene.surfaces.values() if s.texture]
    bone = max(hard, default=1.0)
    return bone, max(bone + min(marrow, default=-bone), 0.0)


def _weight(name: str, surface: Surface, beam: Beam) -> float:
    w = surface.weight
    if name.startswith("skin"):
        return 1 - (1 - w) * beam.fat
    if abs(w) >= METAL:
        return min(max(w, -_MOST), _MOST)
    if w > _HARD or surface.texture or name.startswith(("marrow", "canal")):
        return w * beam.bone
    return w * beam.fat if abs(w) < _HARD else w
