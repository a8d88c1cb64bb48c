"""Does the DICOM say what the FHIR resource said? A list of differences, each with the plan's reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pydicom.dataset import Dataset

from fhir2dicom.dicom import text
from fhir2dicom.dicom.modules.series import MARK
from fhir2dicom.model import Patient, SeriesOrder, StudyOrder

_SEX = {"male": "M", "female": "F", "other": "O"}
_SIDES = {"7771000": "L", "24028007": "R", "51440002": "B"}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that FHIR states and the files do not say, or say otherwise."""

    where: str
    """``study``, ``patient``, ``series 2``, ``series 2, instance 1.2.3``."""
    attribute: str
    """DICOM keyword, or what was counted."""
    fhir: str
    dicom: str
    why: str = ""
    """The notes of the plan that speak of it."""


Rows = Iterator[Difference]


def compare(order: StudyOrder, datasets: Iterable[Dataset], notes: Sequence[str] = ()) -> list[Difference]:
    """Return the differences between a study as FHIR describes it and its instances (read without pixels).

    A hole in the resource is no difference: only what it states is looked for.
    """
    made = list(datasets)
    if not made:
        return [Difference("study", "instances", order.id, "none", _why("study", "instances", notes))]
    found = [*_study(order, made), *_patient(order.patient, made[0])]
    left = _by_series(made)
    matched = [(series, left.pop(_match(series, left), [])) for series in order.series]
    for place, (series, surely) in enumerate(matched, 1):
        of_it = surely or left.pop(next(iter(left), ""), [])
        written = of_it[0].get("SeriesNumber", place) if of_it else place
        where = f"series {written if series.number is None else series.number}"
        rows = _series(where, series, of_it)
        found += [replace(d, why=d.why or _why(f"series {written}", d.attribute, notes)) for d in rows]
    stated = bool(order.series)
    found += [Difference(f"series {uid}", "SeriesInstanceUID", "not listed", uid) for uid in left if stated]
    return [replace(d, why=d.why or _why(d.where, d.attribute, notes)) for d in found]


def _study(order: StudyOrder, made: list[Dataset]) -> Rows:
    differ = partial(_differ, "study", made[0])
    uids = [_bare(uid) for uid in order.uids]
    if uids and str(made[0].StudyInstanceUID) not in uids:
        yield Difference("study", "StudyInstanceUID", ", ".join(uids), str(made[0].StudyInstanceUID))
    yield from _moment("study", made[0], "Study", order.started)
    yield from differ("AccessionNumber", text.identifier(order.accession, 16))
    yield from differ("StudyDescription", text.line(order.description, 64))
    listed = sum(len(s.instances) or s.instance_count or 0 for s in order.series)
    yield from _counted("study", "series", order.series_count, len(_by_series(made)), len(order.series))
    yield from _counted("study", "instances", order.instance_count, len(made), listed)


def _patient(patient: Patient, dataset: Dataset) -> Rows:
    ids = [text.identifier(i.value, 64) for i in patient.identifiers if text.line(i.value)]
    if ids and str(dataset.PatientID) not in ids:
        yield Difference("patient", "PatientID", ", ".join(ids), str(dataset.PatientID))
    names = [n for n in map(text.person_name, patient.names) if n]
    if names and str(dataset.PatientName) not in names:
        yield Difference("patient", "PatientName", ", ".join(names), str(dataset.PatientName))
    yield from _differ("patient", dataset, "PatientBirthDate", patient.birth_date.replace("-", "")[:8])
    yield from _differ("patient", dataset, "PatientSex", _SEX.get(patient.gender, ""))


def _series(where: str, series: SeriesOrder, made: list[Dataset]) -> Rows:
    if not made:
        yield Difference(where, "SeriesInstanceUID", series.uid or "stated", "none")
        return
    differ = partial(_differ, where, made[0])
    yield from differ("SeriesInstanceUID", _bare(series.uid))
    yield from differ("SeriesNumber", "" if series.number is None else str(series.number))
    yield from differ("Modality", series.modality.value.strip() if series.modality else "")
    title = text.line(series.description, 64 - len(MARK))
    yield from differ("SeriesDescription", title + MARK if title else "")
    yield from _moment(where, made[0], "Series", series.started)
    yield from _site(where, series, made[0])
    yield from _counted(where, "instances", len(series.instances) or series.instance_count, len(made))
    yield from _instances(where, series, {str(d.SOPInstanceUID): d for d in made})


def _instances(where: str, series: SeriesOrder, made: dict[str, Dataset]) -> Rows:
    for instance in series.instances:
        uid = _bare(instance.uid)
        if not uid:
            continue
        if uid not in made:
            yield Difference(f"{where}, instance {uid}", "SOPInstanceUID", uid, "none")
            continue
        differ = partial(_differ, f"{where}, instance {uid}", made[uid])
        yield from differ("SOPClassUID", _bare(instance.sop_class))
        yield from differ("InstanceNumber", "" if instance.number is None else str(instance.number))


def _site(where: str, series: SeriesOrder, dataset: Dataset) -> Rows:
    if series.body_site and series.body_site.value:
        coded = [
            str(c.get("CodeValue") or c.get("LongCodeValue", ""))
            for c in dataset.get("AnatomicRegionSequence", ())
        ]
        if text.line(series.body_site.value) not in coded:
            shown = ", ".join(coded) or str(dataset.get("BodyPartExamined", ""))
            yield Difference(where, "AnatomicRegionSequence", series.body_site.value, shown)
    side = _SIDES.get(series.laterality.value, "") if series.laterality else ""
    if side != "B" or dataset.get("ImageLaterality") not in {"R", "L"}:  # each film of both is of one
        yield from _differ(where, dataset, "ImageLaterality", side)


def _moment(where: str, dataset: Dataset, level: str, stated: str) -> Rows:
    day, _, clock = stated.strip().partition("T")
    yield from _differ(where, dataset, f"{level}Date", day.replace("-", ""))
    time = clock[:8].replace(":", "")
    if time and str(dataset.get(f"{level}Time", ""))[: len(time)] != time:
        yield Difference(where, f"{level}Time", stated, str(dataset.get(f"{level}Time", "")))


def _differ(where: str, dataset: Dataset, keyword: str, stated: str) -> Rows:
    written = dataset.get(keyword, "")
    shown = "" if written is None else str(written)
    if stated and shown != stated:
        yield Difference(where, keyword, stated, shown)


def _counted(where: str, what: str, stated: int | None, made: int, listed: int = 0) -> Rows:
    if stated and stated != made:
        itself = f"the resource says {stated} and lists {made}" if listed == made else ""
        yield Difference(where, what, str(stated), str(made), itself)


def _by_series(made: list[Dataset]) -> dict[str, list[Dataset]]:
    found: dict[str, list[Dataset]] = {}
    for dataset in made:
        found.setdefault(str(dataset.SeriesInstanceUID), []).append(dataset)
    return found


def _match(series: SeriesOrder, left: dict[str, list[Dataset]]) -> str:
    """Return the UID of the series made from this one: by UID, by an instance, by number; else nothing."""
    listed = {_bare(i.uid) for i in series.instances}
    tests = (
        lambda uid: uid == _bare(series.uid),
        lambda uid: any(str(d.SOPInstanceUID) in listed for d in left[uid]),
        lambda uid: series.number is not None and left[uid][0].get("SeriesNumber") == series.number,
    )
    return next((uid for test in tests for uid in left if test(uid)), "")


def _bare(uid: str) -> str:
    return uid.strip().removeprefix("urn:oid:")


_WORDS = {
    "StudyInstanceUID": ("uid",),
    "SeriesInstanceUID": ("series uid", "uid of series", "left out", "used twice", "another study"),
    "SOPInstanceUID": ("uid", "instance", "cut"),
    "SOPClassUID": ("sop class", "modality"),
    "Modality": ("modality", "sop class"),
    "PatientID": ("identifier", "patient id"),
    "PatientName": ("name",),
    "PatientBirthDate": ("birth date",),
    "PatientSex": ("gender", "sex"),
    "AccessionNumber": ("accession",),
    "AnatomicRegionSequence": ("body site", "region", "part of the body"),
    "ImageLaterality": ("laterality", "side"),
    "InstanceNumber": ("number",),
    "SeriesNumber": ("number",),
    "instances": ("instances", "slice", "left out", "listed"),
    "series": ("left out", "series are", "listed", "numberofseries"),
}
"""Words by which a note of the plan is known to speak of an attribute."""

_ALONE = {
    "StudyDate": ("started:",),
    "StudyTime": ("started:",),
    "PatientBirthDate": ("birth date:",),
    "PatientID": ("patient id:",),
    "AccessionNumber": ("accession number:",),
}
"""How notes begin that name what they speak of and no place."""


def _why(where: str, attribute: str, notes: Sequence[str]) -> str:
    timed = ("date", "time", "started") if attribute.endswith(("Date", "Time")) else (_spaced(attribute),)
    words = _WORDS.get(attribute, timed)
    place = where.partition(",")[0]
    counted = attribute in ("instances", "series") and place == "study"
    about = (f"{place}:", f"{place},", "study", *_ALONE.get(attribute, ()))
    near = [n for n in notes if counted or n.lower().startswith(about)]
    return "; ".join(n for n in near if any(w in n.lower() for w in words))


def _spaced(keyword: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in keyword).strip()
