"""Names of folders and files: an id is text from outside, never a path.

    study_{id}/series_{number:03d}_{modality}/slice_{ordinal:04d}.dcm

An id that FHIR allows ([A-Za-z0-9.-]{1,64}, R4 2.24.0.1) is kept as it is. Of anything else a readable part is kept
and a hash of the whole is added behind ``~``, which no kept id can hold, so two ids never share a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from fhir2dicom.model import SeriesPlan

_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{0,63}[A-Za-z0-9-]")
"""FHIR's id less a final dot, which Windows drops from a name."""

_FOREIGN = re.compile(r"[^A-Za-z0-9.-]+")


def study_name(study: str, *, folds_case: bool = False) -> str:
    """Return the folder of an ImagingStudy id; where the file system folds case, ids with capitals get a hash."""
    if _FHIR_ID.fullmatch(study) and not (folds_case and study != study.lower()):
        return f"study_{study}"
    return f"study_{_readable(study)}~{short_hash(study)}"


def second_name(name: str, uid: str) -> str:
    """Return the folder of another study whose id is taken: the same name with its UID's hash behind it."""
    return f"{name}~{short_hash(uid)}"


def series_names(series: Sequence[SeriesPlan]) -> tuple[str, ...]:
    """Return the folder of each series; those that agree in number and modality are counted up: ``…_CT_2``."""
    taken: set[str] = set()
    names = []
    for one in series:
        plain = f"series_{one.number:03d}_{_readable(one.modality) or 'OT'}"
        name, count = plain, 1
        while name.lower() in taken:
            count += 1
            name = f"{plain}_{count}"
        taken.add(name.lower())
        names.append(name)
    return tuple(names)


def slice_name(ordinal: int) -> str:
    """Return the file of an instance, counted from 1 in its series."""
    return f"slice_{ordinal:04d}.dcm"


def short_hash(text: str) -> str:
    """Return 12 hexadecimal digits that stand for a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _readable(text: str) -> str:
    return _FOREIGN.sub("_", text)[:40].strip("._")
