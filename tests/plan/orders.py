"""What the tests of the plan share: a catalogue by hand, codes, and short ways to plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fhir2dicom.model import Code, InstanceOrder, Problem, SeriesOrder, SeriesPlan, StudyOrder, StudyPlan
from fhir2dicom.plan.catalog import Catalog, FindingRow, IodRow, ModalityRow, RegionRow
from fhir2dicom.plan.counts import Slices
from fhir2dicom.plan.places import PLACES, Place
from fhir2dicom.plan.protocols import ROWS
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

MG_CLASS = "1.2.840.10008.5.1.4.1.1.1.2"
PAIRED = frozenset(
    [
        "clavicle",
        "shoulder",
        "humerus",
        "elbow",
        "forearm",
        "wrist",
        "hand",
        "hip",
        "femur",
        "knee",
        "lower-leg",
        "ankle",
        "foot",
        "ribs",
        "breast",
    ]
)


def _region(place: Place) -> RegionRow:
    seen_by = {"mouth": ("IO",), "breast": ("MG",)}.get(place.name, ("DX",))
    code = Code(SCT, min(place.snomed), place.name)
    return RegionRow(place.name, place.body_part, code, frozenset(), (), seen_by, place.name in PAIRED)


_FILMED = {r.protocol.region for r in ROWS if r.protocol.modality == "DX"} | {"mouth", "breast"}
EVERY_FILM = Catalog(
    modalities=(
        *CATALOG.modalities,
        ModalityRow("IO", ("IO",), (IodRow(IO_CLASS, "IO"),), ()),
        ModalityRow("MG", ("MG",), (IodRow(MG_CLASS, "MG"),), ()),
    ),
    regions=(
        *(replace(r, seen_by=("DX",)) if r.name in _FILMED else r for r in CATALOG.regions),
        *(_region(p) for p in PLACES if p.name in _FILMED - {r.name for r in CATALOG.regions}),
    ),
    findings=(
        *CATALOG.findings,
        FindingRow("wrist-fracture", frozenset({"263102004"}), ("wrist", "forearm")),
        FindingRow("forearm-fracture", frozenset({"65966004"}), ("humerus", "forearm")),
        FindingRow("fracture", frozenset({"125605004"}), tuple(sorted(PAIRED))),
        FindingRow("sternal-wires", frozenset({"399261000", "232717009"}), ("chest",)),
        FindingRow("missing-tooth", frozenset({"173291009"}), ("mouth",)),
        FindingRow("caries", frozenset({"109570002"}), ("mouth",)),
        FindingRow("mastectomy", frozenset({"172043006"}), ("breast",)),
        FindingRow("pacemaker", frozenset({"14106009"}), ("chest",)),
    ),
)
"""A catalogue in which every part is filmed."""


def instances(count: int, sop_class: str = CT_CLASS) -> tuple[InstanceOrder, ...]:
    return tuple(InstanceOrder(f"1.2.826.0.1.77.{k}", sop_class, k, "") for k in range(1, count + 1))


def planned(
    order: StudyOrder, slices: Slices | None = None, seed: str = "seed", catalog: Catalog = CATALOG
) -> StudyPlan:
    plan = plan_study(order, seed, catalog, slices)
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
