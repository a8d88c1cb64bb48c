"""How a CT scanner is set up: kernels, tube, collimation and the attributes that say so (PS3.3 C.8.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir2dicom.model import Attributes, Person, Protocol, Window

SOFT = Window(40.0, 400.0, "SOFT TISSUE")
LUNG = Window(-600.0, 1500.0, "LUNG")
BONE = Window(450.0, 2000.0, "BONE")
BRAIN = Window(40.0, 80.0, "BRAIN")


@dataclass(frozen=True, slots=True)
class Kernel:
    """One reconstruction kernel."""

    label: str
    """Convolution Kernel (0018,1210)."""
    tile: str
    """Which noise tiles have its spectrum."""
    spread_mm2: float
    """Variance of the point spread in the slice, mm²; next to 0 is sharp."""
    undershoot: float
    """Weight of the filter's taps at ± 2: what makes edges overshoot."""
    noise_hu: float
    """Sigma behind 300 mm of water, 150 mAs, 5 mm."""
    windows: tuple[Window, ...]

    def taps(self, voxel_mm: float) -> tuple[float, float]:
        """Return the filter's outer weights (±1, ±2) on a plane whose voxels are that large in the patient.

        Variances add: the spread is that of the filter, 2·one + 8·two, and of the quadratic B-spline, ¼.
        """
        one = (self.spread_mm2 / voxel_mm**2 - 0.25 - 8.0 * self.undershoot) / 2.0
        return min(one, 0.3), self.undershoot


KERNELS: Mapping[str, Kernel] = {
    "soft": Kernel("SOFT", "soft", 0.31, 0.0, 13.5, (SOFT, LUNG, BONE)),
    "lung": Kernel("LUNG", "lung", 0.0, 0.015, 36.0, (LUNG, SOFT, BONE)),
    "bone": Kernel("BONE", "lung", 0.0, 0.015, 38.0, (BONE, SOFT, LUNG)),
    "head": Kernel("HEAD", "soft", 0.23, 0.0, 12.0, (BRAIN, SOFT, BONE)),
}


@dataclass(frozen=True, slots=True)
class Technique:
    """One way to run the tube and the detector."""

    reference_mas: float
    """Effective mAs (mA · s / pitch) behind the reference path."""
    reference_mm: int
    """Water-equivalent path that it is set for."""
    rotation_ms: int
    pitch: float
    single_mm: float
    total_mm: float
    filter: str
    ctdi: float
    """CTDIvol at 120 kV, mGy per effective mAs in 16 cm and 32 cm phantoms: rounded by us, not one scanner's."""
    phantom: tuple[str, str]
    """CTDI phantom: DICOM code and meaning (CID 4052)."""


HEAD = Technique(280.0, 190, 1000, 0.55, 0.6, 19.2, "HEAD", 0.165, ("113690", "IEC Head Dosimetry Phantom"))
TRUNK = Technique(150.0, 300, 500, 1.0, 0.6, 38.4, "BODY", 0.068, ("113691", "IEC Body Dosimetry Phantom"))


def technique(protocol: Protocol) -> Technique:
    """Return how the region is scanned."""
    return HEAD if protocol.region == "head" else TRUNK


def kernel(protocol: Protocol) -> Kernel:
    """Return the protocol's kernel; one that is not known is the region's usual."""
    return KERNELS.get(protocol.kernel) or KERNELS["head" if protocol.region == "head" else "soft"]


def tube_voltage(protocol: Protocol, person: Person) -> int:
    """Return the kVp: the protocol's, or 100 for a body below 40 kg (our limit)."""
    light = person.weight_kg < 40.0 and protocol.region != "head"
    return round(protocol.settings.get("kvp", 100.0 if light else 120.0))


def exposure(effective_mas: float, used: Technique, kvp: int) -> Attributes:
    """Return the tube's attributes for one slice; the whole numbers agree with each other."""
    milliampere = max(10, round(effective_mas * used.pitch * 1000.0 / used.rotation_ms))
    mas = milliampere * used.rotation_ms / 1000.0
    dose = used.ctdi * (kvp / 120.0) ** 2.6 * mas / used.pitch
    return {
        "XRayTubeCurrent": milliampere,
        "Exposure": round(mas),
        "GeneratorPower": max(1, round(kvp * milliampere / 1000.0)),
        "CTDIvol": round(dose, 2),
    }


def scanner(protocol: Protocol, person: Person, fov_mm: float, table_mm: float) -> Attributes:
    """Return what is the same in every slice."""
    used = technique(protocol)
    feed = used.pitch * used.total_mm
    code, meaning = used.phantom
    return {
        "KVP": tube_voltage(protocol, person),
        "ScanOptions": "HELICAL MODE",
        "DataCollectionDiameter": 500.0,
        "ReconstructionDiameter": fov_mm,
        "DistanceSourceToDetector": 1085.6,
        "DistanceSourceToPatient": 595.0,
        "GantryDetectorTilt": 0.0,
        "TableHeight": round(table_mm, 1),
        "RotationDirection": "CW",
        "ExposureTime": used.rotation_ms,
        "FilterType": used.filter,
        "FocalSpots": 1.2,
        "ConvolutionKernel": kernel(protocol).label,
        "RevolutionTime": used.rotation_ms / 1000.0,
        "SingleCollimationWidth": used.single_mm,
        "TotalCollimationWidth": used.total_mm,
        "TableSpeed": round(feed * 1000.0 / used.rotation_ms, 3),
        "TableFeedPerRotation": round(feed, 3),
        "SpiralPitchFactor": used.pitch,
        "CTDIPhantomTypeCodeSequence": (
            {"CodeValue": code, "CodingSchemeDesignator": "DCM", "CodeMeaning": meaning},
        ),
        **_contrast(protocol, person),
    }


def _contrast(protocol: Protocol, person: Person) -> Attributes:
    """Return the Contrast/Bolus module's attributes (PS3.3 C.7.6.4): 1.4 ml/kg of 350 mg I/ml, at most 130 ml."""
    if not protocol.contrast:
        return {}
    flow = 4.0 if protocol.contrast == "arterial" else 3.0
    seconds = round(min(max(1.4 * person.weight_kg, 10.0), 130.0) / flow)
    return {
        "ContrastBolusVolume": flow * seconds,
        "ContrastBolusTotalDose": flow * seconds,
        "ContrastFlowRate": flow,
        "ContrastFlowDuration": seconds,
        "ContrastBolusIngredient": "IODINE",
        "ContrastBolusIngredientConcentration": 350.0,
    }
