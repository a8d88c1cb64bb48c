"""fhir2dicom makes the DICOM studies that FHIR ImagingStudy resources speak of. Read `journey` first."""

from importlib.metadata import version

__version__ = version("fhir2dicom")
