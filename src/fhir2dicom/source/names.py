"""People and their identifiers."""

from __future__ import annotations

from typing import Any

from fhir2dicom.model import Code, HumanName, Identifier, Patient
from fhir2dicom.source.codes import codes, identifier_type
from fhir2dicom.source.references import REFERENCE_LIMIT, display, reference_key
from fhir2dicom.source.values import Json, flag, items, objects, part, text

NAME_LIMIT = 256
"""Characters kept of one part of a name; a DICOM PN has 64 a group."""

_FEW = 16
_RACE = "us-core-race"


def human_names(value: Any) -> tuple[HumanName, ...]:
    """Return the names of a person in FHIR's order; a bare string is a name of text alone."""
    return tuple(n for v in items(value, _FEW) if (n := _human_name(v)) is not None)


def _human_name(value: Any) -> HumanName | None:
    if not isinstance(value, dict):
        word = text(value, NAME_LIMIT)
        return HumanName(text=word) if word else None
    name = HumanName(
        family=" ".join(_words(value.get("family"))),  # DSTU2 has a list
        given=_words(value.get("given")),
        prefix=_words(value.get("prefix")),
        suffix=_words(value.get("suffix")),
        text=text(value.get("text"), NAME_LIMIT),
        use=text(value.get("use"), 32),
    )
    return name if name.family or name.given or name.text else None


def _words(value: Any) -> tuple[str, ...]:
    return tuple(w for v in items(value, _FEW) if (w := text(v, NAME_LIMIT)))


def name_text(value: Any) -> str:
    """Return the first name of a person as people write it: ``Dr. Adam Careful``."""
    name = next(iter(human_names(value)), HumanName())
    return name.text or " ".join((*name.prefix, *name.given, name.family, *name.suffix)).strip()


def identifiers(value: Any) -> tuple[Identifier, ...]:
    """Return the business identifiers that have a value."""
    return tuple(i for v in objects(value, 64) if (i := identifier(v)) is not None)


def identifier(value: Any) -> Identifier | None:
    """Return one business identifier, the first of a list; None when it has no value."""
    value = next(iter(objects(value)), {})
    if not (own := text(value.get("value"), REFERENCE_LIMIT)):
        return None
    return Identifier(
        system=text(value.get("system"), REFERENCE_LIMIT),
        value=own,
        type=identifier_type(value),
        use=text(value.get("use"), 32),
        assigner=display(value.get("assigner")),
    )


def patient_of(resource: Json) -> Patient:
    """Return the patient a Patient resource describes."""
    deceased = text(resource.get("deceasedDateTime"), 64)
    if not deceased and flag(resource.get("deceasedBoolean")):
        deceased = "true"
    own = text(resource.get("id"), REFERENCE_LIMIT)
    return Patient(
        id=own or text(resource.get("fullUrl"), REFERENCE_LIMIT).rpartition(":")[2].rpartition("/")[2],
        identifiers=identifiers(resource.get("identifier")),
        names=human_names(resource.get("name")),
        gender=text(resource.get("gender"), 32).lower(),
        birth_date=text(resource.get("birthDate"), 64),
        deceased=deceased,
        ancestry=_ancestry(resource),
    )


def referred_patient(reference: Any) -> Patient:
    """Return what a study's reference shows of a patient whose resource was not found."""
    key = reference_key(reference, "Patient")
    known = identifier(part(reference, "identifier"))
    shown = display(reference)
    return Patient(
        id=key.removeprefix("urn:uuid:") if ":" in key or "?" in key else key.rpartition("/")[2],
        identifiers=(known,) if known else (),
        names=(HumanName(text=shown),) if shown else (),
        known=False,
    )


def _ancestry(resource: Json) -> tuple[Code, ...]:
    race = [e for e in objects(resource.get("extension"), 64) if _RACE in text(e.get("url"), REFERENCE_LIMIT)]
    parts = [p for r in race for p in objects(r.get("extension"), _FEW)]
    return codes([p["valueCoding"] for p in parts if "valueCoding" in p])
