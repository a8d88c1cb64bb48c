"""Who it is: PS3.3 C.7.1 and C.7.2.2."""

from __future__ import annotations

from fhir2dicom.dicom import text
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.model import Attributes


@module(type2=("PatientName", "PatientID", "PatientBirthDate", "PatientSex"))
def patient(context: Context) -> Attributes:
    """C.7.1.1 Patient, with the Issuer of Patient ID Macro (10.15)."""
    known = context.plan.patient
    others = tuple(
        {
            "PatientID": text.identifier(other.value, 64),
            "TypeOfPatientID": "TEXT",
            **issuer_of_patient_id(other.assigner or other.system),
        }
        for other in known.other_ids
        if text.line(other.value)
    )
    return {
        "PatientName": text.person_name(known.name),
        "PatientID": text.identifier(known.id, 64),
        **issuer_of_patient_id(known.issuer),
        "PatientBirthDate": known.birth_date,
        "PatientSex": known.sex,
        **({"OtherPatientIDsSequence": others} if others else {}),
    }


@module()
def patient_study(context: Context) -> Attributes:
    """C.7.2.2 Patient Study: the body that was drawn, as it was on the day."""
    person = context.plan.person
    return {
        "PatientAge": age(person.age_years),
        "PatientSize": f"{person.height_m:.2f}",
        "PatientWeight": f"{person.weight_kg:.1f}",
    }


def age(years: float) -> str:
    """Return an AS: years from two on, then months, weeks under three months, days under four weeks."""
    days = max(years, 0.0) * 365.25
    if years >= 2:
        return f"{min(int(years), 999):03d}Y"
    if days >= 91.5:
        return f"{int(years * 12):03d}M"
    return f"{int(days / 7):03d}W" if days >= 28 else f"{int(days):03d}D"


def issuer_of_patient_id(issuer: str) -> Attributes:
    """Return 10.15: the issuer as text, and in full as a universal entity if it is a URI or an OID."""
    if not (name := text.line(issuer)):
        return {}
    universal = universal_entity(name)
    qualifiers = {"IssuerOfPatientIDQualifiersSequence": (universal,)} if universal else {}
    return {"IssuerOfPatientID": name, **qualifiers}


def universal_entity(name: str) -> Attributes:
    """Return the Universal Entity ID of an issuer named by a URI or an OID, else nothing (10.14)."""
    if name.startswith("urn:oid:"):
        return {"UniversalEntityID": name.removeprefix("urn:oid:"), "UniversalEntityIDType": "ISO"}
    if ":" in name and " " not in name:
        return {"UniversalEntityID": name, "UniversalEntityIDType": "URI"}
    return {}
