"""A study planned by hand, and its instances, without any physics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from fhir2dicom.model import (
    Code,
    HumanName,
    Instance,
    InstancePlan,
    PatientPlan,
    Person,
    Protocol,
    SeriesPlan,
    Shot,
    StudyPlan,
    When,
)
from fhir2dicom.seed import Seed
from fhir2dicom.store.folder import Folder, Kept

EDITION = "a test's"


def series_plan(number: int = 1, modality: str = "CT", instances: int = 3, uid: str = "1.2.3") -> SeriesPlan:
    uid = f"{uid}.{number}"
    protocol = Protocol("p", modality, "chest", rows=16, columns=16, frames=instances)
    shot = Shot(protocol, "", instances, tuple(InstancePlan(f"{uid}.{k}", k + 1) for k in range(instances)))
    code = Code("http://snomed.info/sct", "51185008", "Chest")
    return SeriesPlan(
        uid, number, modality, "1.2", modality, "chest", "CHEST", code, "", f"{uid}.9", "", When(), (shot,)
    )


def study_plan(study: str = "a-1", uid: str = "1.2.3", series: tuple[SeriesPlan, ...] = ()) -> StudyPlan:
    return StudyPlan(
        id=study,
        uid=uid,
        seed="",
        patient=PatientPlan("p", "", HumanName("Doe"), "19700101", "M"),
        person=Person("p", "M", 50.0, 1.8, 80.0),
        started=When("20200101"),
        study_id="1",
        accession="",
        accession_issuer="",
        description="",
        procedures=(),
        reasons=(),
        referrer="",
        readers=(),
        institution="",
        department="",
        series=series or (series_plan(),),
    )


def instances(plan: StudyPlan, size: int = 512) -> Iterator[Instance]:
    for series in plan.series:
        for k, one in enumerate((i for s in series.shots for i in s.instances), start=1):
            header = f"{plan.uid} {series.uid} {one.uid}".encode()
            pixels = Seed(one.uid).digest().to_bytes(16) * (size // 16)
            yield Instance(
                one.uid,
                series.sop_class,
                series.uid,
                plan.uid,
                series.number,
                series.modality,
                k,
                header,
                pixels,
            )


def saved(plan: StudyPlan) -> bytes:
    return msgspec.json.encode(plan)


def keep(folder: Folder, plan: StudyPlan, *, force: bool = False, size: int = 512) -> Kept | None:
    """Do what a run does: None when the study is there already."""
    place, there = folder.claim(plan, saved(plan), force=force)
    return None if there else folder.put(plan, place, instances(plan, size), force=force)


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
