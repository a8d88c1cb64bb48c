"""Tibia and fibula between knee and ankle, both joints in the picture."""

from __future__ import annotations

from fhir2dicom.anatomy.leg import Leg
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the leg straight: from the front with the patella forward."""
    (x, y, z), (u, v, w) = limb.at["knee"], limb.at["ankle"]
    long, wide = z - w, limb.size.width
    across = 150.0 if pose == "lateral" else 160.0
    return (
        limb,
        ((x + u) / 2 - 4.0 * wide, (y + v) / 2, (z + w) / 2 - 5.0 * wide),
        (across * wide, long + 95.0 * wide),
    )


LOWER_LEG = Region(
    name="lower-leg",
    body_part="LOWERLEG",
    code=Code("http://snomed.info/sct", "30021000", "Lower leg structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay),
    seen_by=("DX",),
    paired=True,
)
"""Tibia and fibula between knee and ankle, both joints in the picture."""
