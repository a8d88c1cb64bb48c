"""The foot."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy import leg_parts, leg_soft
from fhir2dicom.anatomy.flesh import Turn, bent
from fhir2dicom.anatomy.leg import Leg, facing, moved, posed
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Edit, Person, Surface

NAMES = (*leg_parts.SHANK, *leg_parts.FOOT)


_PLANTAR_DEG = 24.0


def soft(limb: Leg, _person: Person, _edits: Sequence[Edit]) -> dict[str, Surface]:
    """Return what lies about the ankle."""
    return leg_soft.ankle(limb)


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the foot: ``dp`` with the sole on the detector and the toes down (films are hung the other way), else standing."""
    limb = moved(limb, facing(limb))
    size = limb.size.foot
    heel, ball, tip = (limb.at[n] for n in ("heel", "mtp3", "tip1"))
    long = heel[1] - tip[1]
    middle = (heel[1] + tip[1]) / 2
    if pose != "dp":
        return limb, (ball[0], middle, heel[2] + 34.0 * size), (1.2 * long, 0.62 * long)
    at = limb.at["ankle"]
    limb = posed(limb, [Turn("ankle", at, (1.0, 0.0, 0.0), _PLANTAR_DEG)])
    down = [Turn("all", at, (1.0, 0.0, 0.0), 90.0 - _PLANTAR_DEG)]
    limb = moved(limb, lambda p: bent(p, down, {"all": 1.0}))
    heel, tip, one, five = (limb.at[n] for n in ("heel", "tip1", "mtp1", "mtp5"))
    long = heel[2] - tip[2]
    return limb, ((one[0] + five[0]) / 2, heel[1], (tip[2] + heel[2]) / 2), (0.56 * long, 1.16 * long)


FOOT = Region(
    name="foot",
    body_part="FOOT",
    code=Code("http://snomed.info/sct", "56459004", "Foot structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay, names=NAMES, soft=soft),
    seen_by=("DX",),
    paired=True,
)
"""The foot."""
