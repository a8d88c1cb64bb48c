"""The patient as the header shows them, and the key that names their body."""

from __future__ import annotations

from fhir2dicom.model import HumanName, Identifier, Patient, PatientPlan, Sex
from fhir2dicom.plan.texts import LONG, fit, printable
from fhir2dicom.plan.when import moment
from fhir2dicom.seed import Seed

_SEXES: dict[str, Sex] = {"male": "M", "female": "F", "other": "O", "m": "M", "f": "F", "o": "O"}
_FIRST = ("MR", "SS")
"""Identifier types (HL7 v2-0203) that name a patient best, in this order."""
_RETIRED = ("old", "temp")
_NAME_USES = ("official", "usual", "", "nickname", "anonymous", "temp", "maiden", "old")


def by_rank(identifiers: tuple[Identifier, ...]) -> list[Identifier]:
    """Return business identifiers, the best first; equal sets give equal lists however a server sorts them."""
    known = {(i.system, i.value): i for i in identifiers if i.value.strip()}
    return sorted(known.values(), key=_rank)


def _rank(identifier: Identifier) -> tuple[bool, int, str, str]:
    rank = _FIRST.index(identifier.type) if identifier.type in _FIRST else len(_FIRST)
    return identifier.use in _RETIRED, rank, identifier.system, identifier.value


def person_key(patient: Patient, study: str, notes: list[str]) -> str:
    """Return what names the body: equal after the same files are loaded into another server.

    ``study`` names the study, for one without any patient: it is a body of its own.
    """
    if ranked := by_rank(patient.identifiers):
        return printable(f"{ranked[0].system}|{ranked[0].value}")
    name = name_of(patient)
    told = " ".join((name.family, *name.given)) or name.text
    if told and patient.birth_date:
        notes.append("patient: no identifier; the body is keyed on name, birth date and sex")
        return printable(f"{told}|{patient.birth_date}|{patient.gender}")
    if not patient.id:
        notes.append("patient: none; the body is keyed on the study")
        return printable(f"study|{study}")
    notes.append(
        f"patient: no identifier, name and birth date; the body is keyed on '{patient.id}' of this server"
    )
    return printable(f"id|{patient.id}")


def name_of(patient: Patient) -> HumanName:
    """Return the name in use: official, else usual, else whatever there is; printable."""
    if not patient.names:
        return HumanName()
    last = len(_NAME_USES)
    name = min(patient.names, key=lambda n: _NAME_USES.index(n.use) if n.use in _NAME_USES else last)
    return HumanName(
        family=printable(name.family),
        given=_parts(name.given),
        prefix=_parts(name.prefix),
        suffix=_parts(name.suffix),
        text=printable(name.text),
        use=printable(name.use),
    )


def _parts(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, map(printable, texts)))


def sex_of(patient: Patient, notes: list[str]) -> Sex:
    """Return M, F, O or nothing."""
    sex = _SEXES.get(patient.gender.strip().lower(), "")
    if not sex:
        notes.append(f"patient: gender is '{patient.gender[:20]}'; sex left empty")
    return sex


def patient_plan(patient: Patient, key: str, seed: Seed, notes: list[str]) -> PatientPlan:
    """Return the patient's header; the id is the medical record number, else the best identifier, else derived."""
    ranked = by_rank(patient.identifiers)
    best = ranked[0] if ranked else None
    text = fit(best.value, LONG, "Patient ID", notes) if best else ""
    if not text:
        text = f"F{seed.child('patient id', key).digest():032X}"[:13]
        notes.append(f"patient: no identifier; Patient ID {text} derived")
    elif best is not None and best.type != "MR":
        notes.append("patient: no identifier of type MR; Patient ID is the best of the others")
    name = name_of(patient)
    if name == HumanName():
        notes.append("patient: no name; left empty")
    if not patient.known:
        notes.append("patient: the resource was not found; only what the study says is known")
    issuer = fit(best.assigner or best.system, LONG, "Issuer of Patient ID", []) if best else ""
    return PatientPlan(
        id=text,
        issuer=issuer,
        name=name,
        birth_date=_birth_date(patient, notes),
        sex=sex_of(patient, notes),
        other_ids=tuple(map(_clean, ranked[1:])),
    )


def _birth_date(patient: Patient, notes: list[str]) -> str:
    if not patient.birth_date.strip():
        notes.append("patient: no birth date; left empty")
    return moment(patient.birth_date, "birth date", notes).when.date


def _clean(identifier: Identifier) -> Identifier:
    value = fit(identifier.value, LONG, "other patient id", [])
    system, kind, use, assigner = map(
        printable, (identifier.system, identifier.type, identifier.use, identifier.assigner)
    )
    return Identifier(system, value, kind, use, assigner)
