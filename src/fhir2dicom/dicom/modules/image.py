"""The picture as such: PS3.3 C.7.6, C.11 and C.12."""

from __future__ import annotations

import numpy as np

from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.dicom.modules.series import MACHINE, SYNTHETIC
from fhir2dicom.dicom.values import CHARACTER_SET
from fhir2dicom.model import Attributes

SYNTHESIZER: Attributes = {
    **MACHINE,
    "ContributionDescription": SYNTHETIC,
    "PurposeOfReferenceCodeSequence": (
        {"CodeValue": "109100", "CodingSchemeDesignator": "DCM", "CodeMeaning": "Synthesizing Equipment"},
    ),
}
"""What made it, as CID 7005 calls such a thing."""


@module(type1=("SOPClassUID",))
def sop_common(context: Context) -> Attributes:
    """C.12.1 SOP Common: marked as synthetic the way the standard provides."""
    plan, series = context.plan, context.series
    schemes = codes.private_schemes((*plan.procedures, *plan.reasons, series.body_site))
    offset = (series.started if series.started.date else plan.started).offset
    return {
        "SpecificCharacterSet": CHARACTER_SET,
        "SOPClassUID": series.sop_class,
        "SyntheticData": "YES",
        "ContributingEquipmentSequence": (SYNTHESIZER,),
        **({"TimezoneOffsetFromUTC": offset} if offset else {}),
        **({"CodingSchemeIdentificationSequence": schemes} if schemes else {}),
    }


@module(type2=("InstanceNumber", "ContentDate", "ContentTime"))
def general_image(context: Context) -> Attributes:
    """C.7.6.1 General Image, with the times of C.7.10.1 General Acquisition. Side U: the part is not paired."""
    series, shot = context.series, context.shot
    started = series.started if series.started.date else context.plan.started
    taken = {"AcquisitionDate": started.date, "AcquisitionTime": started.time} if started.date else {}
    return {
        "ImageType": ("ORIGINAL", "PRIMARY"),
        "AcquisitionNumber": series.shots.index(shot) + 1 if shot in series.shots else 1,
        "ContentDate": started.date,
        "ContentTime": started.time,
        **taken,
        "ImageLaterality": shot.laterality or series.laterality or "U",
        "ImageComments": SYNTHETIC,
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
    }


@module(type1=("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"), type2=("SliceThickness",))
def image_plane(context: Context) -> Attributes:  # noqa: ARG001 - all of it comes from the physics
    """C.7.6.2 Image Plane."""
    return {}


@module(type1=("Rows", "Columns", "BitsAllocated", "BitsStored"))
def image_pixel(context: Context) -> Attributes:
    """C.7.6.3 Image Pixel, without the pixels."""
    frames = context.frames
    colour = not frames.photometric.startswith("MONOCHROME")
    kind = np.dtype(frames.dtype)
    return {
        "SamplesPerPixel": 3 if colour else 1,
        "PhotometricInterpretation": frames.photometric,
        **({"PlanarConfiguration": 0} if colour else {}),
        "Rows": frames.rows,
        "Columns": frames.columns,
        "BitsAllocated": 8 * kind.itemsize,
        "BitsStored": frames.bits_stored,
        "HighBit": frames.bits_stored - 1,
        "PixelRepresentation": int(kind.kind == "i"),
    }


@module(type1=("NumberOfFrames", "FrameIncrementPointer"))
def multi_frame(context: Context) -> Attributes:
    """C.7.6.6 Multi-frame; the pointer is to Frame Time where the physics gives one."""
    timed = "FrameTime" in context.frames.attributes
    pointer = {"FrameIncrementPointer": 0x00181063} if timed else {}
    return {"NumberOfFrames": context.frames.count, **pointer}


@module()
def voi_lut(context: Context) -> Attributes:
    """C.11.2 VOI LUT: the windows, the first being the one to open with."""
    windows = context.frames.windows
    if not windows:
        return {}
    names = tuple(w.name or f"WINDOW{k}" for k, w in enumerate(windows, 1))
    return {
        "WindowCenter": tuple(w.center for w in windows),
        "WindowWidth": tuple(w.width for w in windows),
        "WindowCenterWidthExplanation": names,
    }


@module(type1=("RescaleIntercept", "RescaleSlope", "RescaleType"))
def modality_lut(context: Context) -> Attributes:
    """C.11.1 Modality LUT, linear, in units the standard does not name unless the physics does."""
    frames = context.frames
    return {"RescaleIntercept": frames.intercept, "RescaleSlope": frames.slope, "RescaleType": "US"}


@module(type2=("AcquisitionContextSequence",))
def acquisition_context(context: Context) -> Attributes:  # noqa: ARG001 - nothing to say
    """C.7.6.14 Acquisition Context."""
    return {"AcquisitionContextSequence": ()}
