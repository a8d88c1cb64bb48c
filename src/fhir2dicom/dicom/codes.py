"""Codes of FHIR as DICOM writes them: the Code Sequence Macro, PS3.3 8.8."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from fhir2dicom.dicom import text
from fhir2dicom.model import Attributes, Code

SCHEMES: Mapping[str, str] = {
    "http://snomed.info/sct": "SCT",
    "urn:oid:2.16.840.1.113883.6.96": "SCT",
    "http://loinc.org": "LN",
    "urn:oid:2.16.840.1.113883.6.1": "LN",
    "http://dicom.nema.org/resources/ontology/DCM": "DCM",
    "urn:oid:1.2.840.10008.2.16.4": "DCM",
    "http://hl7.org/fhir/sid/icd-10": "I10",
    "http://hl7.org/fhir/sid/icd-10-cm": "I10C",
    "http://www.cms.gov/Medicare/Coding/ICD10": "I10P",
    "http://hl7.org/fhir/sid/icd-9-cm": "I9C",
    "http://www.ama-assn.org/go/cpt": "C4",
    "http://www.radlex.org": "RADLEX",
    "http://radlex.org": "RADLEX",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
    "http://unitsofmeasure.org": "UCUM",
}
"""FHIR's code systems by their designators in PS3.16 Table 8-1."""


def designator(system: str) -> str:
    """Return the Coding Scheme Designator (SH): the standard's own, or a private one that begins with 99."""
    bare = system.strip().partition("|")[0].removesuffix("/")
    known = "SCT" if bare.startswith("http://snomed.info/sct/") else SCHEMES.get(bare)
    return known or "99F" + hashlib.blake2b(system.encode("utf-8", "replace"), digest_size=5).hexdigest()


def item(code: Code) -> Attributes:
    """Return a code as one item of a code sequence; a value over 16 characters is a Long Code Value."""
    value = text.line(code.value)
    keyword = "CodeValue" if len(value) <= 16 else "LongCodeValue"
    scheme = designator(code.system)
    return {keyword: value, "CodingSchemeDesignator": scheme, "CodeMeaning": text.line(code.display) or value}


def items(codes: Iterable[Code]) -> tuple[Attributes, ...]:
    """Return the codes that have a value as items."""
    return tuple(item(code) for code in codes if text.line(code.value))


def region(site: Code) -> Attributes:
    """Return the Anatomic Region Sequence of the General Anatomy Optional Macro (PS3.3 10.5), if the site is coded."""
    coded = items((site,))
    return {"AnatomicRegionSequence": coded} if coded else {}


def private_schemes(codes: Iterable[Code]) -> tuple[Attributes, ...]:
    """Return items of the Coding Scheme Identification Sequence for schemes the standard does not name."""
    systems = {designator(c.system): c.system for c in codes if text.line(c.value)}
    return tuple(
        {"CodingSchemeDesignator": short, "CodingSchemeName": system or "not stated"}
        for short, system in sorted(systems.items())
        if short.startswith("99")
    )
