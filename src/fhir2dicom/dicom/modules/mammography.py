"""Digital mammography: PS3.3 A.27, C.8.11.6 and C.8.11.7, with the DX modules that its IOD shares."""

from __future__ import annotations

from collections.abc import Mapping

from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.model import Attributes, Code

SCT = "http://snomed.info/sct"
VIEWS: Mapping[str, Code] = {
    "CC": Code(SCT, "399162004", "cranio-caudal"),
    "MLO": Code(SCT, "399368009", "medio-lateral oblique"),
    "ML": Code(SCT, "399260004", "medio-lateral"),
}
"""CID 4014 View for Mammography."""

BREAST = Code(SCT, "76752008", "Breast")
"""CID 4013, the one region a mammogram may have."""

_FRONT = {"L": "A", "R": "P"}
"""Direction of the rows: a left breast points to the right of its picture."""

_DOWN: Mapping[str, Mapping[str, str]] = {
    "CC": {"L": "R", "R": "L"},
    "MLO": {"L": "FR", "R": "FL"},
    "ML": {"L": "F", "R": "F"},
}
"""Direction of the columns: medial in a cranio-caudal view, towards the feet and medial in an oblique one."""


@module(type1=("Modality", "PresentationIntentType"))
def mammography_series(context: Context) -> Attributes:
    """C.8.11.6 Mammography Series, with C.8.11.1 DX Series."""
    processing = context.series.sop_class.endswith(".1.2.1")
    return {"PresentationIntentType": "FOR PROCESSING" if processing else "FOR PRESENTATION"}


@module(type1=("ImageLaterality", "AnatomicRegionSequence"))
def mammography_anatomy(context: Context) -> Attributes:  # noqa: ARG001 - the same for all
    """C.8.11.2 DX Anatomy Imaged: the breast, in the one code that the IOD allows."""
    return {**codes.region(BREAST), "BodyPartExamined": "BREAST"}


@module(
    type1=(
        "PositionerType",
        "ImageLaterality",
        "OrganExposed",
        "AnatomicRegionSequence",
        "ViewCodeSequence",
        "PatientOrientation",
    ),
)
def mammography_image(context: Context) -> Attributes:
    """C.8.11.7 Mammography Image. Chest wall: left of a left breast's picture, right of a right one's."""
    shot = context.shot
    view, side = shot.protocol.view, shot.laterality
    known = (
        {}
        if view not in VIEWS or side not in _FRONT
        else {
            "PatientOrientation": (_FRONT[side], _DOWN[view][side]),
            "ViewCodeSequence": ({**codes.item(VIEWS[view]), "ViewModifierCodeSequence": ()},),
        }
    )
    return {
        "PositionerType": "MAMMOGRAPHIC",
        "OrganExposed": "BREAST",
        "ViewPosition": view,
        "PartialView": "NO",
        "BreastImplantPresent": "NO",
        **known,
    }
