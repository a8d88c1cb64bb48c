"""Plans as JSON: one line a study to keep and send, or indented to read and compare.

    {"format": "fhir2dicom-plan", "plan": {…}, "version": 1}

Keys are sorted and nothing depends on the machine, so equal plans are equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fhir2dicom.errors import PlanError
from fhir2dicom.model import StudyPlan

FORMAT = "fhir2dicom-plan"
VERSION = 1


@dataclass(frozen=True, slots=True)
class _File:
    plan: StudyPlan
    format: str
    version: int


@dataclass(frozen=True, slots=True)
class _Label:
    format: str = ""
    version: int = 0


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_File)
_LABELS = msgspec.json.Decoder(_Label)


def dump(plan: StudyPlan, *, indent: bool = False) -> bytes:
    """Return a plan as one line of JSON without a line's end, or indented by two."""
    line = _ENCODER.encode(_File(plan, FORMAT, VERSION))
    return msgspec.json.format(line, indent=2) if indent else line


def load(saved: bytes | str, where: str = "plan") -> StudyPlan:
    """Return the plan that `dump` wrote; ``PlanError`` when it is something else."""
    try:
        label = _LABELS.decode(saved)
        if (label.format, label.version) != (FORMAT, VERSION):
            found = f"{label.format or 'no format'} {label.version}"
            raise PlanError(where, f"expected {FORMAT} {VERSION}, found {found}")
        return _DECODER.decode(saved).plan
    except (msgspec.DecodeError, UnicodeError) as error:
        raise PlanError(where, f"is no saved plan: {error}") from None
