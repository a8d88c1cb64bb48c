"""Computed radiography: PS3.3 C.8.1.1 and C.8.1.2."""

from __future__ import annotations

from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.dicom.modules.radiograph import lateral, orientation
from fhir2dicom.model import Attributes


@module(
    type2=("BodyPartExamined", "ViewPosition"),
    foreign=(
        "ViewPosition",
        "ViewCodeSequence",
        "Grid",
        "GridAspectRatio",
        "ExposureControlMode",
        "EntranceDoseInmGy",
        "ImageAndFluoroscopyAreaDoseProduct",
        "PositionerType",
        "PositionerPrimaryAngle",
        "PositionerSecondaryAngle",
        "EstimatedRadiographicMagnificationFactor",
        "BodyPartThickness",
        "DetectorType",
        "DetectorConfiguration",
    ),
)
def cr_series(context: Context) -> Attributes:
    """C.8.1.1 CR Series; a series of several views has no View Position, for it belongs to the series."""
    views = {lateral(s.protocol.view, s.laterality) for s in context.series.shots} or {
        context.shot.protocol.view
    }
    return {"ViewPosition": min(views) if len(views) == 1 else ""}


@module(type1=("PhotometricInterpretation",), type2=("PatientOrientation",))
def cr_image(context: Context) -> Attributes:
    """C.8.1.2 CR Image."""
    return {
        "ImageType": ("ORIGINAL", "PRIMARY"),
        **orientation(context),
        **codes.region(context.series.body_site),
    }
