"""The nouns: what travels between the rooms. No FHIR, no DICOM objects, no I/O.

`order` is what FHIR said, `study` what will be made, `body` the patient in millimetres, `image` the pixels.
"""

from fhir2dicom.model.body import Body, Box, Field, Scene, Shape, Surface, Tissue, Tubes, Vec3, Volume
from fhir2dicom.model.image import Attributes, Frames, Instance, Pixels, Window
from fhir2dicom.model.order import (
    Code,
    Event,
    EventKind,
    HumanName,
    Identifier,
    InstanceOrder,
    Patient,
    Problem,
    SeriesOrder,
    StudyOrder,
)
from fhir2dicom.model.study import (
    FindingPlan,
    InstancePlan,
    Laterality,
    PatientPlan,
    Person,
    Protocol,
    SeriesPlan,
    Sex,
    Shot,
    StudyPlan,
    When,
)

__all__ = [
    "Attributes",
    "Body",
    "Box",
    "Code",
    "Event",
    "EventKind",
    "Field",
    "FindingPlan",
    "Frames",
    "HumanName",
    "Identifier",
    "Instance",
    "InstanceOrder",
    "InstancePlan",
    "Laterality",
    "Patient",
    "PatientPlan",
    "Person",
    "Pixels",
    "Problem",
    "Protocol",
    "Scene",
    "SeriesOrder",
    "SeriesPlan",
    "Sex",
    "Shape",
    "Shot",
    "StudyOrder",
    "StudyPlan",
    "Surface",
    "Tissue",
    "Tubes",
    "Vec3",
    "Volume",
    "When",
    "Window",
]
