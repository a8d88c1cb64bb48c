"""Who made the files: this implementation's own identity (PS3.7 D.3.3.2)."""

from __future__ import annotations

from fhir2dicom import __version__

IMPLEMENTATION_CLASS_UID = "2.25.314919078733754581464648012037939241213"
"""Of everything that fhir2dicom writes: the 2.25 arc (PS3.5 B.2) over BLAKE2b-128 of ``fhir2dicom``."""

IMPLEMENTATION_VERSION_NAME = f"FHIR2DICOM_{__version__}"[:16]
"""SH, which release wrote it."""
