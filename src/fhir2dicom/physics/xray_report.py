"""What the machine reports of one exposure: PS3.3 C.8.7, C.8.11.4 and C.8.11.5, and for plates C.8.1.2."""

from __future__ import annotations

from fhir2dicom.model import Attributes, Laterality, Protocol
from fhir2dicom.physics.xray_exposure import Exposure
from fhir2dicom.physics.xray_names import angles, named
from fhir2dicom.physics.xray_place import Place

BITS = 12
BACK_SCATTER = 1.3
"""How much more the skin gets than the air would: 1.2 to 1.4 (after ICRU Report 74, 2005, not checked)."""


def report(protocol: Protocol, laterality: Laterality, place: Place, made: Exposure) -> Attributes:
    """Return what all exposures tell; of the detector and the stand only if it is no plate's."""
    camera, to_patient = place.camera, round(place.to_patient_mm, 1)
    to_skin = camera.sid_mm - place.gap_mm - place.thickness_mm
    area_mm2 = (
        (place.shutter[1] - place.shutter[0]) * (place.shutter[3] - place.shutter[2]) * camera.pixel_mm**2
    )
    shared: dict[str, object] = {
        "KVP": made.kvp,
        "ExposureInuAs": round(made.mas * 1000),
        "Exposure": max(1, round(made.mas)),
        "ExposureTime": max(1, round(1000 * made.mas / made.tube_current_ma)),
        "XRayTubeCurrent": round(made.tube_current_ma),
        "ExposureControlMode": "AUTOMATIC" if made.grid else "MANUAL",
        "DistanceSourceToDetector": round(camera.sid_mm, 1),
        "DistanceSourceToPatient": to_patient,
        "ImageAndFluoroscopyAreaDoseProduct": round(made.open_ugy * area_mm2 * 1e-7, 4),
        "EntranceDoseInmGy": round(made.open_ugy * (camera.sid_mm / to_skin) ** 2 * BACK_SCATTER / 1000, 4),
        "ExposureIndex": made.index,
        "TargetExposureIndex": made.target_index,
        "DeviationIndex": made.deviation,
        "ImagerPixelSpacing": (camera.pixel_mm, camera.pixel_mm),
        "BurnedInAnnotation": "NO",
        "Grid": ("RECIPROCATING", "FOCUSED") if made.grid else "NONE",
        **({"GridAspectRatio": (round(made.grid), 1)} if made.grid else {}),
        **named(protocol, laterality, camera),
    }
    return shared if protocol.modality == "CR" else {**shared, **_stand(place), **_shutter(place)}


def _stand(place: Place) -> Attributes:
    camera = place.camera
    primary, secondary = angles(camera.axes[2])
    plain = primary % 90 == 0 and secondary == 0
    turned = {"PositionerPrimaryAngle": primary, "PositionerSecondaryAngle": secondary}
    return {
        "EstimatedRadiographicMagnificationFactor": round(camera.sid_mm / round(place.to_patient_mm, 1), 4),
        "BodyPartThickness": round(place.thickness_mm, 1),
        "DetectorType": "SCINTILLATOR",
        "DetectorConfiguration": "AREA",
        "PositionerType": place.stand if plain else "CARM",
        **({} if plain else turned),
        "WindowCenter": 1 << (BITS - 1),
        "WindowWidth": 1 << BITS,
    }


def _shutter(place: Place) -> Attributes:
    top, bottom, left, right = place.shutter
    return {
        "CollimatorShape": "RECTANGULAR",
        "CollimatorLeftVerticalEdge": left,
        "CollimatorRightVerticalEdge": right,
        "CollimatorUpperHorizontalEdge": top,
        "CollimatorLowerHorizontalEdge": bottom,
    }
