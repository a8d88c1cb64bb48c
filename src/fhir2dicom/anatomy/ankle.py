"""The ankle."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy import leg_parts, leg_soft
from fhir2dicom.anatomy.leg import Leg, facing, moved
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Edit, Person, Surface

NAMES = (*leg_parts.SHANK, *leg_parts.FOOT)


def soft(limb: Leg, _person: Person, _edits: Sequence[Edit]) -> dict[str, Surface]:
    """Return what lies about the joint."""
    return leg_soft.ankle(limb)


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the ankle with the foot's axis straight ahead."""
    limb = moved(limb, facing(limb))
    x, y, z = limb.at["ankle"]
    wide = limb.size.width
    if pose == "lateral":
        return limb, (x, y - 16.0 * wide, z - 2.0 * wide), (172.0 * wide, 200.0 * wide)
    return limb, (x - 2.0 * wide, y, z + 26.0 * wide), (128.0 * wide, 172.0 * wide)


ANKLE = Region(
    name="ankle",
    body_part="ANKLE",
    code=Code("http://snomed.info/sct", "344001", "Ankle region structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay, names=NAMES, soft=soft),
    seen_by=("DX",),
    paired=True,
)
"""The ankle."""
