"""What every film has, digital or from a plate: PS3.3 C.8.7 X-Ray modules."""

from __future__ import annotations

from collections.abc import Mapping

from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.model import Attributes, Laterality

ORIENTATIONS: Mapping[str, tuple[str, str]] = {
    "AP": ("L", "F"),
    "PA": ("L", "F"),
    "LL": ("P", "F"),
    "RL": ("A", "F"),
}
"""Patient Orientation (row, column) by View Position, for a film hung as it is read."""


@module()
def x_ray_acquisition_dose(context: Context) -> Attributes:  # noqa: ARG001 - all of it comes from the physics
    """C.8.7.8 X-Ray Acquisition Dose: all optional."""
    return {}


@module()
def x_ray_generation(context: Context) -> Attributes:  # noqa: ARG001 - all of it comes from the physics
    """C.8.7.9 X-Ray Generation: all optional, KVP type 2 elsewhere."""
    return {}


def orientation(context: Context) -> Attributes:
    """Return Patient Orientation of the protocol's view, if it is one of `ORIENTATIONS`."""
    known = ORIENTATIONS.get(context.shot.protocol.view)
    return {"PatientOrientation": known} if known else {}


def lateral(view: str, laterality: Laterality) -> str:
    """Return View Position of a protocol's view: a limb's ``LAT`` has the imaged side at the detector."""
    return view if view != "LAT" else "RL" if laterality == "R" else "LL"
