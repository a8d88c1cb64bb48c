"""How the bones of pelvis and leg grow: which nuclei and growth plates are seen at what age.

Ages are pairs (boys, girls) in years. Appearance and union follow Scheuer & Black (Developmental Juvenile Osteology,
2000) and, for the foot, Hoerr, Pyle & Francis (Radiographic Atlas of Skeletal Development of the Foot and Ankle, 1962),
from memory and rounded; when a nucleus has its full width is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone import Bone, Centre, Plate, age_of, centres, plates
from fhir2dicom.anatomy.bone_cut import Relief, above, below
from fhir2dicom.anatomy.bone_growth import Ages
from fhir2dicom.anatomy.leg_parts import RAYS, vec
from fhir2dicom.model import Person, Vec3

F64 = npt.NDArray[np.float64]

CENTRES = (
    #       bone         appears        fills
    Centre("calcaneus", (-0.6, -0.8), (9.5, 8.0)),
    Centre("talus", (-0.5, -0.7), (9.5, 8.0)),
    Centre("cuboid", (0.1, 0.05), (10.0, 8.5)),
    Centre("cuneiform3", (0.45, 0.3), (10.5, 9.0)),
    Centre("cuneiform1", (2.1, 1.4), (11.0, 9.0)),
    Centre("cuneiform2", (2.3, 1.6), (11.0, 9.0)),
    Centre("navicular", (2.9, 2.0), (11.0, 9.0)),
    Centre("patella", (4.0, 2.8), (11.5, 9.5)),
    Centre("sesamoid1", (12.5, 10.5), (15.0, 13.0)),
    Centre("sesamoid2", (12.5, 10.5), (15.0, 13.0)),
)

PLATES = (
    #      bone     at                       towards              appears        fills        closes        gap
    Plate("femur", (-79.0, 5.0, -387.0), (0.0, 0.05, -1.0), (-0.1, -0.1), (8.0, 7.0), (17.5, 15.5), 2.6, 2.2, 2.4),
    Plate("femur", (-87.0, 2.0, -5.0), (0.74, -0.12, 0.66), (0.45, 0.35), (7.5, 6.5), (17.0, 14.5), 2.6, 1.4, 5.0),
    Plate("femur", (-124.0, 12.0, -15.0), (-0.62, 0.25, 0.74), (3.6, 2.7), (11.0, 9.5), (16.5, 14.5), 2.4, 1.0, 3.5),
    Plate("tibia", (-79.0, 2.0, -441.0), (0.0, -0.03, 1.0), (0.05, 0.0), (8.0, 7.0), (17.5, 15.5), 2.4, 1.8, 2.4),
    Plate("tibia", (-79.0, 4.0, -756.0), (0.0, 0.0, -1.0), (0.45, 0.35), (8.0, 7.0), (16.5, 14.7), 2.2, 1.6),
    Plate("fibula", (-112.0, 24.0, -770.5), (0.0, 0.0, -1.0), (0.95, 0.75), (9.0, 7.5), (17.0, 15.2), 2.0, 1.0),
    Plate("fibula", (-112.0, 24.0, -453.0), (0.0, 0.0, 1.0), (3.9, 2.8), (10.5, 9.0), (17.5, 15.5), 2.0, 0.8),
    Plate("calcaneus", (-67.0, 33.0, -826.0), (0.25, 0.95, -0.2), (7.4, 5.7), (11.5, 9.5), (16.0, 14.2), 2.0, 1.6),
)  # fmt: skip

_RAY_CLOSES: Ages = (16.2, 14.2)
TRIRADIATE_CLOSES: Ages = (15.5, 13.0)
RAMUS_CLOSES: Ages = (8.0, 7.0)
"""Ischium and pubis join below the obturator foramen, between 4 and 8 years."""


def _ray_plates(at: Mapping[str, Vec3]) -> tuple[Plate, ...]:
    """Return the plates of metatarsals (at the head, of the first at the base) and of phalanges (at the base)."""
    rows = []
    for k in RAYS:
        mtp, ip, tip = (np.array(at[f"{n}{k}"]) for n in ("mtp", "ip", "tip"))
        far = 0.3 if k == "1" else 0.72
        rows += [
            _mt1(mtp) if k == "1" else _ray(f"mt{k}", mtp - (ip - mtp) * 0.1, ip - mtp, (3.6, 2.6), 1.6),
            _ray(f"pp{k}", mtp + (ip - mtp) * 0.24, mtp - ip, (1.5, 1.0), 1.3),
            _ray(f"dp{k}", ip + (tip - ip) * far, ip - tip, (2.0, 1.4), 1.0),
        ]
    return tuple(rows)


def _mt1(mtp: F64) -> Plate:
    back = np.array((-4.0, 68.0, 26.0))
    return _ray("mt1", mtp + back * 0.78, back, (2.7, 1.9), 1.8)


def _ray(name: str, at: F64, towards: F64, appears: Ages, gap_mm: float) -> Plate:
    """Return a plate of a ray; all fill out and close at about the same age."""
    return Plate(name, vec(at), vec(towards), appears, (9.5, 8.0), _RAY_CLOSES, gap_mm, gap_mm / 3)


def parts(bone: Bone, person: Person, at: Mapping[str, Vec3], key: int) -> list[Bone]:
    """Return a bone of the atlas as it is seen at a person's age: in parts, small, or not at all."""
    if bone.name == "hip":
        return _hip(bone, person, at, key)
    seen = centres([bone], person, CENTRES)
    rows = PLATES if bone.name[:2] not in {"mt", "pp", "dp"} else _ray_plates(at)
    return (
        [part for one in seen for part in plates(one, person, rows, key)] if person.age_years < 20 else seen
    )


_CARTILAGE = Relief(0.25, 2.0, 15.0, 0.25, 2.0)
"""The faces of ilium, ischium and pubis in the socket (ours)."""


def _hip(bone: Bone, person: Person, at: Mapping[str, Vec3], key: int) -> list[Bone]:
    """Return ilium, ischium and pubis apart while the triradiate cartilage is open; its stems meet in the socket."""
    closes = age_of(person, TRIRADIATE_CLOSES)
    if person.age_years >= closes:
        return [bone]
    gap = 3.0 + 6.0 * max(0.0, 1 - person.age_years / 8.0)
    gap *= min(1.0, 0.35 + (closes - person.age_years) / 2.5)
    x, y, z = at["hip"]
    low, ilium = _parted(bone, (x, y, z + 7.0), (0.0, -0.12, 1.0), gap, key)
    ischium, pubis = _parted(low, (x + 8.0, y - 4.0, z - 4.0), (0.25, -0.95, 0.0), gap, key + 1)
    if person.age_years >= age_of(person, RAMUS_CLOSES):
        ischium, pubis = _ramus_joined(low, ischium, pubis, (x, y, z))
    return [ilium, ischium, pubis]


def _ramus_joined(low: Bone, ischium: Bone, pubis: Bone, hip: Vec3) -> tuple[Bone, Bone]:
    """Return both with the gap of the lower ramus closed: the lower half of the bone is one piece."""
    level = (hip[0], hip[1], hip[2] - 36.0)
    flat, up = Relief(), (0.0, 0.0, 1.0)
    whole = below(low, level, up, flat)
    upper_ischium, upper_pubis = (above(b, level, up, flat) for b in (ischium, pubis))
    return replace(upper_ischium, name="hip ischium"), _both(whole, upper_pubis)


def _both(a: Bone, b: Bone) -> Bone:
    n = len(a.vertices)
    return Bone(
        "hip pubis",
        np.concatenate([a.vertices, b.vertices]),
        np.concatenate([a.inner, b.inner]),
        np.concatenate([a.triangles, b.triangles + np.int32(n)]).astype(np.int32),
    )


def _parted(bone: Bone, at: Vec3, normal: Vec3, gap: float, key: int) -> tuple[Bone, Bone]:
    """Return a bone below and above a plane with a gap of cartilage between."""
    n = np.array(normal)
    n /= float((n * n).sum()) ** 0.5
    lower = below(bone, vec(np.array(at) - n * gap / 2), normal, _CARTILAGE, key)
    return lower, above(bone, vec(np.array(at) + n * gap / 2), normal, _CARTILAGE, key)
