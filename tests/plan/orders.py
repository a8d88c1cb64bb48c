"""What the tests of the plan share: a catalogue by hand, codes, and short ways to plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fhir2dicom.model import Code, InstanceOrder, Problem, SeriesOrder, SeriesPlan, StudyOrder, StudyPlan
from fhir2dicom.plan.catalog import Catalog, FindingRow, IodRow, ModalityRow, RegionRow
from fhir2dicom.plan.counts import Slices
from fhir2dicom.plan.study import plan_study

SCT = "http://snomed.info/sct"
CR_CLASS = "1.2.840.10008.5.1.4.1.1.1"
DX_CLASS = "1.2.840.10008.5.1.4.1.1.1.1"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
IO_CLASS = "1.2.840.10008.5.1.4.1.1.1.3"

CHEST_SITE = Code(SCT, "51185008", "Thoracic structure (body structure)")
HEAD_SITE = Code(SCT, "69536005", "Head structure (body structure)")

CATALOG = Catalog(
    modalities=(
        ModalityRow("CT", ("CT",), (IodRow(CT_CLASS, "CT"),), ("head", "chest", "abdomen", "chest-abdomen")),
        ModalityRow(
            "DX", ("DX", "CR", "XR", "RG"), (IodRow(DX_CLASS, "DX"), IodRow(CR_CLASS, "CR")), ("chest",)
        ),
    ),
    regions=(
        RegionRow(
            "abdomen", "ABDOMEN", Code(SCT, "818981001", "Abdomen"), frozenset({"818983003"}), ("abdomen",)
        ),
        RegionRow(
            "chest", "CHEST", Code(SCT, "816094009", "Thorax"), frozenset({"51185008"}), ("chest", "thorax")
        ),
        RegionRow(
            "chest-abdomen",
            "CHESTABDOMEN",
            Code(SCT, "416550000", "Chest and Abdomen"),
            frozenset({"416550000"}),
            ("chest and abdomen",),
        ),
        RegionRow("head", "HEAD", Code(SCT, "69536005", "Head"), frozenset({"69536005"}), ("head", "brain")),
    ),
    findings=(
        FindingRow(
            "lung-mass", frozenset({"254637007", "424132000", "254632001"}), ("chest", "chest-abdomen")
        ),
        FindingRow("infarct", frozenset({"230690007"}), ("head",)),
    ),
)


def instances(count: int, sop_class: str = CT_CLASS) -> tuple[InstanceOrder, ...]:
    return tuple(InstanceOrder(f"1.2.826.0.1.77.{k}", sop_class, k, "") for k in range(1, count + 1))


def planned(order: StudyOrder, slices: Slices | None = None, seed: str = "seed") -> StudyPlan:
    plan = plan_study(order, seed, CATALOG, slices)
    assert isinstance(plan, StudyPlan), plan
    return plan


def problem(order: StudyOrder) -> Problem:
    found = plan_study(order, "seed", CATALOG, None)
    assert isinstance(found, Problem), found
    return found


def with_series(order: StudyOrder, **changes: Any) -> StudyOrder:
    """Return the order with its one series changed."""
    return replace(order, series=(replace(order.series[0], **changes),))


def only(order: StudyOrder, slices: Slices | None = None) -> SeriesPlan:
    """Return the one series of the plan."""
    (series,) = planned(order, slices).series
    return series


def noted(order: StudyOrder, text: str, slices: Slices | None = None) -> bool:
    return any(text in note for note in planned(order, slices).notes)


def modality(code: str) -> SeriesOrder:
    return SeriesOrder(modality=Code("http://dicom.nema.org/resources/ontology/DCM", code))
