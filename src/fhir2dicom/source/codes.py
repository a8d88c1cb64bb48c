"""Coded concepts of every FHIR version, as `model.Code`."""

from __future__ import annotations

import re
from typing import Any

from fhir2dicom.model import Code
from fhir2dicom.source.values import items, objects, part, text

CODE_LIMIT = 256
"""Characters kept of a code; SNOMED CT's longest has 18."""

_DICOM_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,15}")
_SNOMED = "http://snomed.info/sct"
_DEPTH = 4


def codes(concept: Any, depth: int = _DEPTH) -> tuple[Code, ...]:
    """Return every coding of a Coding, CodeableConcept, CodeableReference, code string, or a list of those.

    A concept's text stands in for a missing display; a concept of text alone is a code without value.
    """
    found: dict[Code, None] = {}
    for item in items(concept):
        if isinstance(item, dict):
            found |= dict.fromkeys(_of_object(item, depth))
        elif word := text(item, CODE_LIMIT):
            found[Code("", word)] = None
    return tuple(found)


def _of_object(item: dict[str, Any], depth: int) -> tuple[Code, ...]:
    if "concept" in item and depth:
        return codes(item["concept"], depth - 1)
    if "coding" not in item and "text" not in item:
        code = _coding(item, "")
        return (code,) if code.value or code.display else ()
    words = text(item.get("text"))
    codings = [_coding(c, words) for c in objects(item.get("coding"))]
    kept = tuple(c for c in codings if c.value or c.display)
    return kept or ((Code("", "", words),) if words else ())


def _coding(coding: dict[str, Any], words: str) -> Code:
    return Code(
        text(coding.get("system"), CODE_LIMIT),
        text(coding.get("code"), CODE_LIMIT),
        text(coding.get("display")) or words,
    )


def modality_code(concept: Any) -> Code | None:
    """Return the coding that looks like a DICOM modality, else the first.

    Systems are not compared: Synthea writes the web page of CID 29, others DCM, ``http://nema.org/dicom/dicm`` …
    """
    found = codes(concept)
    return next((c for c in found if _DICOM_CODE.fullmatch(c.value)), next(iter(found), None))


def snomed_code(concept: Any) -> Code | None:
    """Return the SNOMED CT coding of a concept, else the first."""
    found = codes(concept)
    return next((c for c in found if c.system.startswith(_SNOMED)), next(iter(found), None))


def code_words(concept: Any) -> str:
    """Return the first code value of a concept, for status elements: ``resolved``, ``entered-in-error``."""
    return next((c.value or c.display for c in codes(concept)), "")


def identifier_type(identifier: Any) -> str:
    """Return an Identifier's v2-0203 type (``MR``, ``ACSN`` …), else the first type code, else the type's text."""
    found = codes(part(identifier, "type"))
    known = (c.value for c in found if "0203" in c.system and c.value)
    return next(known, next((c.value or c.display for c in found), ""))
