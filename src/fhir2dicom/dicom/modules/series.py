"""One run of one machine: PS3.3 C.7.3, C.7.4 and C.7.5."""

from __future__ import annotations

from fhir2dicom import __version__
from fhir2dicom.dicom import text
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.dicom.modules.study import request
from fhir2dicom.model import Attributes

SYNTHETIC = "SYNTHETIC, NOT FOR DIAGNOSIS"
"""What a reader must see."""
MARK = " [SYNTHETIC]"
"""Ends every Series Description, the text that viewers and worklists show beside the pictures."""
MACHINE: Attributes = {
    "Manufacturer": "fhir2dicom (synthetic images)",
    "ManufacturerModelName": "fhir2dicom",
    "SoftwareVersions": __version__,
}
"""The machine is this program, and says so."""

_ON_A_TABLE = frozenset(("CT", "MR", "PT"))
_POSITIONS = {"supine": "HFS", "prone": "HFP"}


@module(type1=("Modality", "SeriesInstanceUID"), type2=("SeriesNumber",))
def general_series(context: Context) -> Attributes:
    """C.7.3.1 General Series. Image Laterality says the side, which excludes Laterality (0020,0060)."""
    plan, series, protocol = context.plan, context.series, context.shot.protocol
    started = series.started if series.started.date else plan.started
    asked = request(context)
    optional = {
        "SeriesDate": started.date,
        "SeriesTime": started.time,
        "BodyPartExamined": series.body_part,
        "PerformingPhysicianName": tuple(filter(None, map(text.spoken_name, series.performers))),
        "ProtocolName": text.line(", ".join(dict.fromkeys(s.protocol.name for s in series.shots)), 64),
        "PatientPosition": _position(series.modality, protocol.pose),
        "RequestAttributesSequence": (asked,) if asked else (),
    }
    return {
        "Modality": series.modality,
        "SeriesInstanceUID": series.uid,
        "SeriesNumber": series.number,
        "SeriesDescription": text.line(series.description, 64 - len(MARK)) + MARK,
        **{keyword: value for keyword, value in optional.items() if value},
    }


@module(type1=("FrameOfReferenceUID",), type2=("PositionReferenceIndicator",))
def frame_of_reference(context: Context) -> Attributes:
    """C.7.4.1 Frame of Reference."""
    return {"FrameOfReferenceUID": context.series.frame_of_reference_uid}


@module(type2=("Manufacturer",))
def general_equipment(context: Context) -> Attributes:
    """C.7.5.1 General Equipment."""
    plan = context.plan
    optional = {
        "InstitutionName": plan.institution,
        "InstitutionalDepartmentName": plan.department,
    }
    return {
        **MACHINE,
        **{keyword: value for keyword, value in optional.items() if text.line(value)},
    }


def _position(modality: str, pose: str) -> str:
    """Return Patient Position, which C.7.3.1 demands of CT, MR and the like; the physics may say better."""
    return _POSITIONS.get(pose, "HFS" if modality in _ON_A_TABLE else "")
