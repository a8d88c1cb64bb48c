"""What DICOM calls a beam's direction: View Position, View Code (CID 4010, 4011), and the angles of an arm.

Codes of PS3.16 as pydicom's tables of context groups have them.
"""

from __future__ import annotations

import math

from fhir2dicom.model import Attributes, Laterality, Protocol, Vec3
from fhir2dicom.physics.xray_project import Camera
from fhir2dicom.physics.xray_view import orientation

Coded = tuple[str, str]

AXIAL: Coded = ("399061009", "axial")
DORSOPLANTAR: Coded = ("399335002", "dorsoplantar")
FRONTAL: dict[str, Coded] = {
    "AP": ("399348003", "antero-posterior"),
    "PA": ("272479007", "postero-anterior"),
}
OBLIQUE: dict[str, Coded] = {
    "AP": ("399312000", "antero-posterior oblique"),
    "PA": ("399059000", "postero-anterior oblique"),
}
TRUNK_OBLIQUE: dict[tuple[str, str], Coded] = {
    ("AP", "R"): ("399038007", "right posterior oblique"),
    ("AP", "L"): ("399006002", "left posterior oblique"),
    ("PA", "R"): ("399356000", "right anterior oblique"),
    ("PA", "L"): ("399135007", "left anterior oblique"),
}
TRUNK_LATERAL: dict[str, Coded] = {
    "R": ("399198007", "right lateral"),
    "L": ("399173006", "left lateral"),
}
OUTWARD: Coded = ("399260004", "medial-lateral")
INWARD: Coded = ("399352003", "lateral-medial")
MODIFIERS: dict[str, Coded] = {"F": ("399162004", "caudad"), "H": ("399196006", "cephalad")}

LIMBS = frozenset((
    "hand", "wrist", "forearm", "elbow", "humerus", "shoulder", "clavicle", "hip", "femur", "knee", "lower-leg", "ankle",
    "foot", "patella", "finger", "toe", "calcaneus", "scapula",
))  # fmt: skip
"""Regions whose views are named by the part and not by the trunk."""

_AXIAL, _ANGLED, _OBLIQUE, _LATERAL = 60.0, 4.0, 12.0, 68.0
"""From which angle on, degrees, a beam is called axial, angled to the feet or the head, oblique, and lateral."""


def named(protocol: Protocol, laterality: Laterality, camera: Camera) -> Attributes:
    """Return what the standard's modules say of a view, of a camera as it stands; PS3.3 C.8.11.5 and C.8.1.1."""
    side, front, head = camera.axes[2]  # towards the source
    tilt = _degrees(head, math.hypot(side, front))
    turn = _degrees(side, front) % 360  # 180: source in front, 90: at the patient's left
    position, code = _called(protocol, laterality, turn, tilt)
    modifier = MODIFIERS["F" if tilt > 0 else "H"] if _ANGLED < abs(tilt) < _AXIAL else None
    item = {
        **_item(code),
        **({"ViewModifierCodeSequence": (_item(modifier),)} if modifier else {}),
    }
    return {
        "ViewPosition": position,
        "ViewCodeSequence": (item,),
        "PatientOrientation": orientation(camera.axes),
    }


def _called(protocol: Protocol, laterality: Laterality, turn: float, tilt: float) -> tuple[str, Coded]:
    """Return View Position and view by where the source stands: 0° behind, 90° at the patient's left, 180° in front."""
    frontal = "AP" if 90 < turn < 270 else "PA"
    aside = min(turn % 180, 180 - turn % 180)
    detector = "R" if turn < 180 else "L"
    limb = protocol.region in LIMBS and laterality in {"R", "L"}
    if abs(tilt) >= _AXIAL:
        return "", DORSOPLANTAR if protocol.region == "foot" else AXIAL
    if aside >= _LATERAL:
        code = OUTWARD if detector == laterality else INWARD
        return f"{detector}L", code if limb else TRUNK_LATERAL[detector]
    if aside >= _OBLIQUE:
        return f"{detector}LO", OBLIQUE[frontal] if limb else TRUNK_OBLIQUE[frontal, detector]
    return frontal, FRONTAL[frontal]


def angles(source: Vec3) -> tuple[float, float]:
    """Return Positioner Primary and Secondary Angle: where the detector is about the patient, degrees (PS3.3 C.8.7.5).

    0, 0 is the detector in front; the first is positive to the patient's left (LAO), the second to the head (CRA).
    """
    side, front, head = (-w for w in source)
    return round(_degrees(side, -front), 1), round(_degrees(head, math.hypot(side, front)), 1)


def _degrees(y: float, x: float) -> float:
    return round(math.degrees(math.atan2(y, x)), 6) + 0.0


def _item(code: Coded) -> Attributes:
    return {"CodeValue": code[0], "CodingSchemeDesignator": "SCT", "CodeMeaning": code[1]}
