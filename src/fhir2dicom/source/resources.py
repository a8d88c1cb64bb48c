"""One ImagingStudy, of any FHIR version, becomes a `StudyOrder`. Pure.

The versions differ in where things stand, not in what they mean, so there is one reader and no switch:

    DSTU2, STU3   uid, accession, availability, patient, context, procedureReference, reason at the study
    R4, R4B       identifier, subject, encounter, procedureCode, reasonCode, reasonReference; Coding
    R5, R6        procedure, reason as CodeableReference; modality, laterality as CodeableConcept
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from fhir2dicom.errors import ResourceError
from fhir2dicom.model import Code, Identifier, InstanceOrder, Patient, SeriesOrder, StudyOrder
from fhir2dicom.source.codes import codes, identifier_type, modality_code, snomed_code
from fhir2dicom.source.names import identifier, identifiers, name_text, patient_of, referred_patient
from fhir2dicom.source.parameters import parameters, view
from fhir2dicom.source.record import Record, read_record
from fhir2dicom.source.references import REFERENCE_LIMIT, display, reference_key, resolve
from fhir2dicom.source.values import Json, count, integer, items, objects, part, text

UID_LIMIT = 256
"""Characters kept of a UID; DICOM's limit of 64 is judged in the plan."""

_OID = "urn:oid:"
_DICOM_UID = "urn:dicom:uid"
_URI = "urn:ietf:rfc:3986"
_ACCESSION = "ACSN"
_REASON_EXTENSION = "bildgebungsgrund"
_STU3_ONLY = ("context", "basedOn", "endpoint", "procedureCode", "procedureReference", "accession")


def study_order(study: Json, patient: Json | None, record: Sequence[Json], where: str) -> StudyOrder:
    """Return what FHIR said of one study; holes stay holes.

    ``record`` holds the patient's resources and those the study refers to, in any order; a resource from a Bundle may
    carry its entry's ``fullUrl`` as a key. Raises `ResourceError` when ``study`` is no ImagingStudy.
    """
    return order_of(study, patient, read_record(record), where)


def order_of(study: Json, patient: Json | None, record: Record, where: str) -> StudyOrder:
    """Return the order of one study, with a record that was read once for all of the patient's studies."""
    if not isinstance(study, dict):
        raise ResourceError(where, f"expected an ImagingStudy, found {type(study).__name__}")
    if (kind := study.get("resourceType")) != "ImagingStudy":
        raise ResourceError(
            where, f"expected resourceType ImagingStudy, found {text(str(kind), 64) or 'none'}"
        )
    encounter = next(iter(_targets(study, record, "encounter", "context", kind="Encounter")), {})
    institution, location = _places(study, encounter, record)
    number, issuer = _accession(study, record)
    uids = study_uids(study)
    return StudyOrder(
        id=study_id(study),
        patient=_patient(study, patient, record),
        where=where,
        fhir_version=fhir_version(study),
        version_id=text(part(study, "meta", "versionId"), 64),
        status=text(study.get("status"), 64).lower(),
        uids=uids,
        identifiers=tuple(i for i in identifiers(study.get("identifier")) if not _claims_uid(i)),
        accession=number,
        accession_issuer=issuer,
        started=text(study.get("started"), 64),
        modalities=codes([c for k in ("modality", "modalityList") for c in items(study.get(k))]),
        description=text(study.get("description")),
        procedures=_procedures(study, record),
        reasons=_reasons(study, record),
        notes=tuple(n for a in items(study.get("note")) if (n := text(part(a, "text")) or text(a))),
        referrer=_referrer(study, record),
        interpreters=_people(study.get("interpreter"), study, record),
        institution=institution,
        location=location,
        encounter=encounter_key(study),
        series=tuple(_series(s, study, record) for s in objects(study.get("series"), None)),
        series_count=count(study.get("numberOfSeries")),
        instance_count=count(study.get("numberOfInstances")),
        record=record.events,
    )


def study_id(study: Json) -> str:
    """Return the study's logical id; without one the end of its fullUrl, its UID, or a hash of what it says."""
    if own := text(study.get("id"), 128):
        return own
    url = text(study.get("fullUrl"), REFERENCE_LIMIT).rpartition("/")[2]
    if url := url.removeprefix("urn:uuid:").removeprefix(_OID):
        return url
    if uids := study_uids(study):
        return uids[0]
    written = json.dumps(study, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return f"unnamed-{hashlib.blake2b(written, digest_size=8).hexdigest()}"


def patient_key(resource: Json) -> str:
    """Return the key of the patient that a study or a resource of the record belongs to."""
    reference = next((resource[k] for k in ("subject", "patient") if resource.get(k)), None)
    return reference_key(next(iter(items(reference)), None), "Patient")


def encounter_key(resource: Json) -> str:
    """Return the key of the Encounter a resource belongs to."""
    return reference_key(part(resource, "encounter") or part(resource, "context"), "Encounter")


def shared_references(resource: Json, *, nameless: bool = False) -> Iterator[str]:
    """Yield the keys of practitioners, organisations and places that a study or another resource refers to.

    ``nameless`` leaves out references that show the name already.
    """
    places = [part(place, "location") or place for place in items(resource.get("location"))]
    actors = [
        part(p, "actor") or p for s in objects(resource.get("series")) for p in items(s.get("performer"))
    ]
    for kind, found in (
        ("Practitioner", [resource.get("referrer"), resource.get("requester"), resource.get("practitioner")]),
        ("Practitioner", [*items(resource.get("interpreter")), *actors]),
        ("Organization", [resource.get("serviceProvider"), resource.get("managingOrganization")]),
        ("Location", places),
    ):
        for reference in found:
            key = reference_key(reference, kind) if reference else ""
            if key and not key.startswith("#") and not (nameless and display(reference)):
                yield key


def study_uids(study: Json) -> tuple[str, ...]:
    """Return everything that claims to be the Study Instance UID, without ``urn:oid:``, each once, official ones first."""
    claims = [i for i in identifiers(study.get("identifier")) if _claims_uid(i)]
    claims.sort(key=lambda i: i.use != "official")
    return tuple(dict.fromkeys(u for u in (uid(study.get("uid")), *(uid(i.value) for i in claims)) if u))


def uid(value: Any) -> str:
    """Return a UID without the ``urn:oid:`` that FHIR puts before it."""
    written = text(value, UID_LIMIT)
    return written[len(_OID) :] if written.lower().startswith(_OID) else written


def _claims_uid(found: Identifier) -> bool:
    looks_so = found.value.lower().startswith(_OID) or (
        found.value.count(".") > 2 and found.value.replace(".", "").isdecimal()
    )
    return found.system == _DICOM_UID or (looks_so and found.system in ("", _URI))


def fhir_version(study: Json) -> str:
    """Return the FHIR version that a study's elements fit: DSTU2, STU3, R4 or R5 (R4B looks like R4, R6 like R5)."""
    if "uid" in study and "subject" not in study:
        return "STU3" if any(k in study for k in _STU3_ONLY) else "DSTU2"
    first = part(study, "series", "modality") or part(study, "modality")
    newer = (
        "reason" in study or "procedure" in study or "partOf" in study or part(first, "coding") is not None
    )
    return "R5" if newer else "R4"


def _targets(study: Json, record: Record, *names: str, kind: str) -> list[Json]:
    """Return the resources that these elements refer to, as far as they are known."""
    references = (r for n in names for r in items(study.get(n)))
    hits = (resolve(r, record.index, study, kind) for r in references)
    return [h for h in hits if h is not None]


def _patient(study: Json, patient: Json | None, record: Record) -> Patient:
    if isinstance(patient, dict):
        return patient_of(patient)
    reference = next((r for k in ("subject", "patient") for r in items(study.get(k)) if r), None)
    known = resolve(reference, record.index, study, "Patient")
    if known is not None and known.get("resourceType") in ("Patient", None):
        return patient_of(known)
    return referred_patient(reference)


def _accession(study: Json, record: Record) -> tuple[str, str]:
    """Return the accession number and who issued it: of the study, of its order's reference, of the order."""
    requests = _targets(study, record, "basedOn", kind="ServiceRequest")
    candidates = [
        *objects(study.get("accession")),
        *(i for i in objects(study.get("identifier")) if identifier_type(i) == _ACCESSION),
        *(i for r in objects(study.get("basedOn")) for i in objects(r.get("identifier"))),
        *(i for r in requests for i in objects(r.get("identifier")) if identifier_type(i) == _ACCESSION),
    ]
    for candidate in candidates:
        if identifier_type(candidate) in (_ACCESSION, "") and (found := identifier(candidate)) is not None:
            return found.value, found.assigner or found.system
    return "", ""


def _concepts(study: Json, record: Record, coded: Sequence[str], referred: Sequence[str]) -> tuple[Code, ...]:
    """Return codes of these elements, and those of what others refer to, or what the reference shows of it."""
    found = list(codes([c for k in coded for c in items(study.get(k))]))
    for reference in (r for k in referred for r in items(study.get(k))):
        if not isinstance(reference, dict) or "concept" in reference:
            continue
        target = resolve(reference, record.index, study)
        inner = reference["reference"] if isinstance(reference.get("reference"), dict) else reference
        shown = display(inner)
        found += codes(target.get("code")) if target else [Code("", "", shown)] if shown else []
    return tuple(dict.fromkeys(found))


def _with_concept(study: Json, name: str) -> list[Any]:
    """Return those entries of an element that hold a concept: R5 mixes concepts and references, DSTU2 has either."""
    entries = items(study.get(name))
    return [e for e in entries if not isinstance(e, dict) or "concept" in e or "coding" in e or "text" in e]


def _procedures(study: Json, record: Record) -> tuple[Code, ...]:
    newer = codes(_with_concept(study, "procedure"))
    rest = _concepts(study, record, ("procedureCode",), ("procedureReference", "procedure"))
    return tuple(dict.fromkeys((*newer, *rest)))


def _reasons(study: Json, record: Record) -> tuple[Code, ...]:
    newer = codes(_with_concept(study, "reason"))
    rest = _concepts(study, record, ("reasonCode",), ("reasonReference", "reason"))
    local = [
        Code("", "", words)
        for e in objects(study.get("extension"))
        if text(e.get("url"), REFERENCE_LIMIT).endswith(_REASON_EXTENSION)
        and (words := text(e.get("valueString")))
    ]
    asked = _targets(study, record, "basedOn", kind="ServiceRequest")
    ordered = [c for r in asked for k in ("reasonCode", "reason") for c in codes(r.get(k))]
    return tuple(dict.fromkeys((*newer, *rest, *local, *ordered)))


def _person(reference: Any, study: Json, record: Record) -> str:
    """Return the name of a practitioner, or of an organisation that stands in one's place; of a device, nothing."""
    target = resolve(reference, record.index, study, "Practitioner") or {}
    if target.get("resourceType") == "PractitionerRole":
        inner = target.get("practitioner")
        target = resolve(inner, record.index, target, "Practitioner") or {"name": {"text": display(inner)}}
    if target.get("resourceType") == "Device" or reference_key(reference).startswith("Device"):
        return ""
    return name_text(target.get("name")) or display(reference)


def _people(references: Any, study: Json, record: Record) -> tuple[str, ...]:
    names = (_person(r, study, record) for r in items(references))
    return tuple(dict.fromkeys(n for n in names if n))


def _referrer(study: Json, record: Record) -> str:
    """Return who asked for the study: its referrer, else the requester of the order it is based on."""
    own = _people(study.get("referrer"), study, record)
    request = next(iter(_targets(study, record, "basedOn", kind="ServiceRequest")), {})
    asked = _people(part(request, "requester", "agent") or request.get("requester"), request, record)
    return next(iter((*own, *asked)), "")


def _places(study: Json, encounter: Json, record: Record) -> tuple[str, str]:
    """Return the institution and, when it is another name, the place in it."""
    reference = study.get("location")
    place = resolve(reference, record.index, study, "Location") or {}
    owners = (
        (place.get("managingOrganization"), place),
        (encounter.get("serviceProvider"), encounter),
    )
    local = text(place.get("name")) or display(reference)
    named = (_organization(r, holder, record) for r, holder in owners)
    institution = next((n for n in named if n), local or display(part(encounter, "location", "location")))
    return institution, local if local != institution else ""


def _organization(reference: Any, holder: Json, record: Record) -> str:
    target = resolve(reference, record.index, holder, "Organization") or {}
    return text(target.get("name")) or display(reference)


def _series(series: Json, study: Json, record: Record) -> SeriesOrder:
    performers = [part(p, "actor") or p for p in items(series.get("performer"))]
    seen = view(series)
    return SeriesOrder(
        uid=uid(series.get("uid")),
        number=integer(series.get("number")),
        modality=modality_code(series.get("modality")),
        body_site=_body_site(series.get("bodySite"), study, record),
        laterality=snomed_code(series.get("laterality")),
        description=text(series.get("description")),
        started=text(series.get("started"), 64),
        instances=tuple(_instance(i, seen) for i in objects(series.get("instance"), None)),
        instance_count=count(series.get("numberOfInstances")),
        performers=_people(performers, study, record),
        parameters=parameters(series),
    )


def _body_site(value: Any, study: Json, record: Record) -> Code | None:
    """Return the site; R5 may say it by reference to a BodyStructure (``location`` to R4, ``includedStructure`` after)."""
    if (site := snomed_code(_plain(value))) is not None:
        return site
    structure = resolve(part(value, "reference"), record.index, study, "BodyStructure") or {}
    return snomed_code(structure.get("location")) or snomed_code(
        part(structure, "includedStructure", "structure")
    )


def _plain(value: Any) -> Any:
    """Return the concept of a CodeableReference; of one that only refers, nothing."""
    entries = objects(value) or items(value)
    return [e for e in entries if not isinstance(e, dict) or "concept" in e or "reference" not in e]


def _instance(instance: Json, seen: str) -> InstanceOrder:
    """Return an instance; one without a title is called by the view that its series' extension names."""
    sop_class = instance.get("sopClass")
    named = next(iter(codes(sop_class)), None)
    return InstanceOrder(
        uid=uid(instance.get("uid")),
        sop_class=uid(named.value if named else ""),
        number=integer(instance.get("number")),
        title=text(instance.get("title")) or seen,
    )
