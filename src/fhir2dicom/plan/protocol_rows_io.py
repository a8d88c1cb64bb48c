"""Intra-oral films, one row each: bitewings and periapicals."""

from __future__ import annotations

from fhir2dicom.plan.protocol_row import Row

ROWS: tuple[Row, ...] = ()
