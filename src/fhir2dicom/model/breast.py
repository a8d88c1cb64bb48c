"""A breast between detector and paddle: what a mammogram looks at.

Plane of the picture: u from the chest wall's edge of the film towards the nipple, v upwards in the picture as a left
breast is hung (lateral in a cranio-caudal view, towards the armpit in an oblique one), v = 0 at the nipple, w along the
beam with 0 in the middle; mm, in the breast as it is before it is pressed. A right breast is its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fhir2dicom.model.study import Laterality

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Strands:
    """Round strands as polylines in the plane of the picture: vessels, ducts, ligaments, spicules."""

    points: Floats
    """(points, 4): u, v, radius in mm; attenuation less that of fat, in units of gland less fat."""
    first: npt.NDArray[np.int64]
    """(strands + 1,): where each begins in ``points``; the last entry is their number."""


@dataclass(frozen=True, slots=True)
class Nipple:
    """Where the nipple stands in the picture."""

    u_mm: float
    v_mm: float
    along: float
    """Unit vector out of the breast, along u."""
    up: float
    radius_mm: float
    height_mm: float
    """How far it stands out; negative: not in profile, it lies over the tissue behind the skin."""


@dataclass(frozen=True, slots=True)
class Gland:
    """How much gland there is, and where."""

    amount: float
    """Offset of the envelope: 0 fills about half of the middle."""
    spread: float
    """Half-angle of the cone behind the nipple, as a tangent."""
    rim_mm: float
    """Fat under the skin in front of it."""
    back_mm: float
    """Fat between it and the chest wall."""
    tilt: float
    """The cone's axis rises so much towards the side and the armpit, as a tangent."""
    strands: float
    """Share of septa and ligaments beside those of a usual breast."""


@dataclass(frozen=True, eq=False, slots=True)
class Pressed:
    """One breast as one view presses it."""

    laterality: Laterality
    view: str
    """CC, MLO or ML."""
    key: int
    """Keys the fine structure: the same at every visit."""
    thickness_mm: float
    deep_mm: float
    """Half of the breast's extent along the beam before it is pressed."""
    outline: Floats
    """(points, 2): the skin from below to above, u and v in mm; closed behind the film's edge, u < 0."""
    nipple: Nipple
    gland: Gland
    lobes: Floats
    """(lobes, 8): u, v, w; unit axis u, v; sigma along, across; weight."""
    strands: Strands
    pectoral: Floats
    """(points, 2): u and v of the muscle's edge, v falling; empty where it is not in view."""
    lumps: Floats
    """(lumps, 9): u, v; half axes in the plane and along the beam; cosine and sine of the first; weight; roughness."""
    grains: Floats
    """(grains, 7): u, v; half axes; cosine and sine of the first; thickness of mineral, mm (metal: ten times its own)."""
    below_mm: float
    """From the nipple down to what the film must show."""
    above_mm: float
    """From the nipple up to it; the armpit goes on above."""
    large: bool
    """It needs the larger paddle; the woman's, for all views of both sides."""
    density: str
    """BI-RADS a, b, c or d."""
