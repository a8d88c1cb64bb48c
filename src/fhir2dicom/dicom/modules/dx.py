"""Digital X-ray: PS3.3 C.8.11.1 to C.8.11.5."""

from __future__ import annotations

from collections.abc import Mapping

from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.dicom.modules.radiograph import lateral, orientation
from fhir2dicom.model import Attributes, Code

VIEWS: Mapping[str, Code] = {
    "AP": Code("http://snomed.info/sct", "399348003", "antero-posterior"),
    "PA": Code("http://snomed.info/sct", "272479007", "postero-anterior"),
    "LL": Code("http://snomed.info/sct", "399173006", "left lateral"),
    "RL": Code("http://snomed.info/sct", "399198007", "right lateral"),
    "LLO": Code("http://snomed.info/sct", "399184004", "left oblique"),
    "RLO": Code("http://snomed.info/sct", "399236003", "right oblique"),
}
"""CID 4010 DX View, by View Position."""


@module(type1=("Modality", "PresentationIntentType"))
def dx_series(context: Context) -> Attributes:  # noqa: ARG001 - the same for all
    """C.8.11.1 DX Series."""
    return {"PresentationIntentType": "FOR PRESENTATION"}


@module(type1=("ImageLaterality",), type2=("AnatomicRegionSequence",))
def dx_anatomy_imaged(context: Context) -> Attributes:
    """C.8.11.2 DX Anatomy Imaged: a body part that is named must be coded, so one without a code is left out."""
    region = codes.region(context.series.body_site)
    return region or {"BodyPartExamined": ""}


_PIXELS = (
    "ImageType",
    "PixelIntensityRelationship",
    "PixelIntensityRelationshipSign",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
    "PresentationLUTShape",
    "LossyImageCompression",
    "BurnedInAnnotation",
)


@module(type1=(*_PIXELS, "PatientOrientation", "WindowCenter", "WindowWidth"))
def dx_image(context: Context) -> Attributes:
    """C.8.11.3 DX Image, for presentation: the rescale is the identity and the output P-Values."""
    inverse = context.frames.photometric == "MONOCHROME1"
    return {
        "ImageType": ("ORIGINAL", "PRIMARY", ""),
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": 1 if inverse else -1,
        "RescaleIntercept": 0,
        "RescaleSlope": 1,
        "RescaleType": "US",
        "PresentationLUTShape": "INVERSE" if inverse else "IDENTITY",
        **orientation(context),
    }


@module(type1=_PIXELS)
def dx_pixels(context: Context) -> Attributes:
    """C.8.11.3 DX Image of other IODs: a window must be there for presentation and must not for processing."""
    return dx_image.fill(context)


@module(type1=("ImagerPixelSpacing",), type2=("DetectorType",))
def dx_detector(context: Context) -> Attributes:  # noqa: ARG001 - all of it comes from the physics
    """C.8.11.4 DX Detector."""
    return {}


@module(type2=("PositionerType",))
def dx_positioning(context: Context) -> Attributes:
    """C.8.11.5 DX Positioning."""
    view = lateral(context.shot.protocol.view, context.shot.laterality)
    coded = codes.items((VIEWS[view],)) if view in VIEWS else ()
    return {
        **({"ViewPosition": view} if view else {}),
        **({"ViewCodeSequence": coded} if coded else {}),
    }
