"""The upper arm with shoulder and elbow."""

from __future__ import annotations

from fhir2dicom.anatomy.arm_body import apart, between
from fhir2dicom.anatomy.arm_trunk import Shoulder
from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.shoulder import build
from fhir2dicom.model import Code, Vec3


def _frame(found: Shoulder, pose: str) -> tuple[Vec3, tuple[float, float]]:  # noqa: ARG001  all poses alike
    """Aim at the middle of the shaft; the film reaches 5 cm and more beyond both joints."""
    at = found.arm.at
    long = apart(at["shoulder"], at["elbow"])
    x, y, z = between(at["shoulder"], at["elbow"], 0.54)
    return (x - 0.01 * long, y, z), (0.56 * long, 1.46 * long)


HUMERUS = Region(
    name="humerus",
    body_part="HUMERUS",
    code=Code("http://snomed.info/sct", "85050009", "Bone structure of humerus"),
    snomed=frozenset(),
    words=(),
    build=build(_frame),
    seen_by=("DX",),
    paired=True,
)
"""Humerus with both joints, and the first 5 cm of the forearm."""
