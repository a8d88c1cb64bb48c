"""How a machine sees a body: one file a physics. NumPy and numba only; no FHIR, no DICOM objects."""
