"""What the machine reports of one exposure."""

from __future__ import annotations

from fhir2dicom.model import Attributes, Protocol
from fhir2dicom.physics.xray_exposure import Exposure
from fhir2dicom.physics.xray_place import Place
from fhir2dicom.physics.xray_view import View, orientation

BITS = 12


def report(protocol: Protocol, view: View, place: Place, made: Exposure) -> Attributes:
    """Return PS3.3 C.8.7, C.8.11.4 and C.8.11.5, and for plates C.8.1.2."""
    camera, shutter = place.camera, place.shutter
    to_patient = round(place.to_patient_mm, 1)
    shared: dict[str, object] = {
        "KVP": made.kvp,
        "ExposureInuAs": round(made.mas * 1000),
        "Exposure": max(1, round(made.mas)),
        "ExposureTime": max(1, round(1000 * made.mas / made.tube_current_ma)),
        "XRayTubeCurrent": round(made.tube_current_ma),
        "DistanceSourceToDetector": round(camera.sid_mm, 1),
        "DistanceSourceToPatient": to_patient,
        "ImagerPixelSpacing": (camera.pixel_mm, camera.pixel_mm),
        "BurnedInAnnotation": "NO",
        "ExposureIndex": made.index,
        "TargetExposureIndex": made.target_index,
        "DeviationIndex": made.deviation,
        "ViewPosition": view.position,
        "PatientOrientation": orientation(camera.axes),
    }
    if protocol.modality == "CR":
        return shared
    return {
        **shared,
        "CollimatorShape": "RECTANGULAR",
        "CollimatorLeftVerticalEdge": shutter[2],
        "CollimatorRightVerticalEdge": shutter[3],
        "CollimatorUpperHorizontalEdge": shutter[0],
        "CollimatorLowerHorizontalEdge": shutter[1],
        "EstimatedRadiographicMagnificationFactor": round(camera.sid_mm / to_patient, 4),
        "BodyPartThickness": round(place.thickness_mm, 1),
        "DetectorType": "SCINTILLATOR",
        "DetectorConfiguration": "AREA",
        "PositionerType": "NONE"
        if view.position == "AP" and not protocol.settings.get("grid", 0.0)
        else "COLUMN",
        "WindowCenter": 1 << (BITS - 1),
        "WindowWidth": 1 << BITS,
    }
