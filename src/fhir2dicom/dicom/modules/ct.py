"""Computed tomography: PS3.3 C.8.2.1 and C.7.6.4."""

from __future__ import annotations

from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.model import Attributes, Code

_ROUTE = Code("http://snomed.info/sct", "47625008", "Intravenous route")
_AGENT = Code("http://snomed.info/sct", "7140000", "Contrast agent")


@module(
    type1=("ImageType", "RescaleIntercept", "RescaleSlope", "SamplesPerPixel", "HighBit"),
    type2=("KVP", "AcquisitionNumber"),
)
def ct_image(context: Context) -> Attributes:
    """C.8.2.1 CT Image: stored values become HU."""
    frames, protocol = context.frames, context.shot.protocol
    return {
        "ImageType": ("ORIGINAL", "PRIMARY", "AXIAL"),
        "RescaleIntercept": frames.intercept,
        "RescaleSlope": frames.slope,
        "RescaleType": "HU",
        **({"ConvolutionKernel": protocol.kernel.upper()} if protocol.kernel else {}),
        **codes.region(context.series.body_site),
    }


@module()
def contrast_bolus(context: Context) -> Attributes:
    """C.7.6.4 Contrast/Bolus, when the protocol has a contrast phase."""
    if not context.shot.protocol.contrast:
        return {}
    return {
        "ContrastBolusAgent": "Iodinated contrast medium",
        "ContrastBolusAgentSequence": codes.items((_AGENT,)),
        "ContrastBolusRoute": "IV",
        "ContrastBolusAdministrationRouteSequence": codes.items((_ROUTE,)),
    }
