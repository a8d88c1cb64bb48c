"""Films taken inside the mouth: PS3.3 C.8.11.8 and C.8.11.9, of the Digital Intra-Oral X-Ray IOD (A.28)."""

from __future__ import annotations

from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.model import Attributes

_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.3.1"


@module(type1=("Modality", "PresentationIntentType"))
def intra_oral_series(context: Context) -> Attributes:
    """C.8.11.8 Intra-Oral Series; its class says whether the images are for presentation."""
    processing = context.series.sop_class == _PROCESSING
    return {
        "Modality": "IO",
        "PresentationIntentType": "FOR PROCESSING" if processing else "FOR PRESENTATION",
    }


@module(type1=("PositionerType", "ImageLaterality", "AnatomicRegionSequence", "PatientOrientation"))
def intra_oral_image(context: Context) -> Attributes:
    """C.8.11.9 Intra-Oral Image: region, teeth and side are what the physics saw; no view of C.8.11.5.

    Films are hung as if one looked at the patient: right teeth with the midline to the right.
    """
    side = context.frames.attributes.get("ImageLaterality")
    return {
        "PositionerType": "NONE",
        "PatientOrientation": {"R": ("A", "F"), "L": ("P", "F")}.get(str(side), ("L", "F")),
        "ViewPosition": "",
    }
