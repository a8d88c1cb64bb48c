"""Why and when: PS3.3 C.7.2.1."""

from __future__ import annotations

from fhir2dicom.dicom import codes, text
from fhir2dicom.dicom.modules.module import Context, module
from fhir2dicom.dicom.modules.patient import universal_entity
from fhir2dicom.model import Attributes


@module(
    type1=("StudyInstanceUID",),
    type2=("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber"),
)
def general_study(context: Context) -> Attributes:
    """C.7.2.1 General Study."""
    plan = context.plan
    optional = {
        "StudyDescription": text.line(plan.description, 64),
        "NameOfPhysiciansReadingStudy": tuple(filter(None, map(text.spoken_name, plan.readers))),
        "ProcedureCodeSequence": codes.items(plan.procedures),
        "IssuerOfAccessionNumberSequence": _accession_issuer(plan.accession_issuer),
    }
    return {
        "StudyInstanceUID": plan.uid,
        "StudyDate": plan.started.date,
        "StudyTime": plan.started.time,
        "ReferringPhysicianName": text.spoken_name(plan.referrer),
        "StudyID": text.identifier(plan.study_id, 16),
        "AccessionNumber": text.identifier(plan.accession, 16),
        **{keyword: value for keyword, value in optional.items() if value},
    }


def request(context: Context) -> Attributes:
    """Return an item of 10.6 Request Attributes Macro, or nothing when nobody asked for anything."""
    plan = context.plan
    reasons = codes.items(plan.reasons)
    wanted = codes.items(plan.procedures)
    words = "; ".join(filter(None, (text.line(c.display or c.value) for c in plan.reasons)))
    found = {
        "RequestedProcedureDescription": wanted[0]["CodeMeaning"] if wanted else "",
        "RequestedProcedureCodeSequence": wanted[:1],
        "ReasonForTheRequestedProcedure": text.line(words, 64),
        "ReasonForRequestedProcedureCodeSequence": reasons,
    }
    return {keyword: value for keyword, value in found.items() if value}


def _accession_issuer(issuer: str) -> tuple[Attributes, ...]:
    if not (name := text.line(issuer)):
        return ()
    return (universal_entity(name) or {"LocalNamespaceEntityID": name},)
