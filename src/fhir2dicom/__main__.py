"""``python -m fhir2dicom`` is ``fhir2dicom``."""

from __future__ import annotations

from fhir2dicom.cli import main

if __name__ == "__main__":
    main(prog_name="fhir2dicom")
