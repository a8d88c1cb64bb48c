"""Mammograms, one row each: two views of either side."""

from __future__ import annotations

from fhir2dicom.plan.protocol_row import Row

ROWS: tuple[Row, ...] = ()
