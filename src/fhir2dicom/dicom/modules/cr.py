"""Computed radiography: PS3.3 C.8.1.1 and C.8.1.2."""

from __future__ import annotations

from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.dicom.modules.radiograph import orientation
from fhir2dicom.model import Attributes


@module(type2=("BodyPartExamined", "ViewPosition"))
def cr_series(context: Context) -> Attributes:
    """C.8.1.1 CR Series."""
    return {"ViewPosition": context.shot.protocol.view}


@module(type1=("PhotometricInterpretation",), type2=("PatientOrientation",))
def cr_image(context: Context) -> Attributes:
    """C.8.1.2 CR Image."""
    return {
        "ImageType": ("ORIGINAL", "PRIMARY"),
        **orientation(context),
        **codes.region(context.series.body_site),
    }
