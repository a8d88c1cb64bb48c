"""Whatever is done to a resource, it gives an order or a named problem, never another exception."""

from __future__ import annotations

import copy
import dataclasses
import gzip
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir2dicom.errors import ResourceError, SourceError
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.source.record import CONCLUSION_LIMIT
from fhir2dicom.source.resources import study_order
from fhir2dicom.source.source import open_source

DATA = Path(__file__).parents[1] / "data" / "fhir"


def load() -> tuple[list[Any], list[Any], list[Any]]:
    studies = [json.loads(p.read_text()) for p in sorted((DATA / "one").glob("*.json"))]
    studies += [json.loads(p.read_text().splitlines()[0]) for p in sorted((DATA / "versions").glob("*"))]
    patients = [s for s in studies if s["resourceType"] == "Patient"]
    bundle = json.loads(gzip.decompress((DATA / "synthea" / "Patient-heart.json.gz").read_bytes()))
    record = [e["resource"] for e in bundle["entry"]]
    first = {r["resourceType"]: r for r in reversed(record)}
    studies += [r for r in record if r["resourceType"] == "ImagingStudy"][:2]
    return [s for s in studies if s["resourceType"] == "ImagingStudy"], patients, list(first.values())


STUDIES, PATIENTS, RECORD = load()

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(st.characters(), max_size=12),  # lone surrogates included
    st.sampled_from([
        "", " ", "\x00", "\ud800", "\u202e\u2028", "x" * 100_000, "\ud83d" * 5_000, "urn:oid:", "urn:uuid:", "#", "#a",
        "/", "//", "?", "Patient/", "Patient?identifier=", "1e999", "-1", "0x1", "٣", "1" * 5_000, "../../x", "=cmd()",
        "entered-in-error", "http://[", "%ff%00", "true", "NaN",
    ]),
)  # fmt: skip
KEYS = st.sampled_from([
    "reference", "coding", "code", "text", "value", "system", "concept", "identifier", "extension", "url", "display",
    "resourceType", "id", "uid", "series", "instance", "fullUrl", "contained", "valueQuantity", "actor", "period",
])  # fmt: skip
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
ACTIONS = st.sampled_from(["replace", "replace", "replace", "delete", "wrap", "repeat", "unwrap", "nest"])
MUTATIONS = st.lists(st.tuples(st.integers(0, 10_000), ACTIONS, JUNK), min_size=1, max_size=6)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


def mutate(resource: Any, mutations: list[tuple[int, str, Any]]) -> Any:
    root = [copy.deepcopy(resource)]
    for number, action, junk in mutations:
        every = list(places(root))
        holder, key = every[number % len(every)] if every else (root, 0)
        old = holder[key]
        if action == "delete" and holder is not root:
            del holder[key]
        elif action == "unwrap" and isinstance(old, list) and old:
            holder[key] = old[0]
        elif action == "nest":
            deep = junk
            for _ in range(200):
                deep = [deep] if number % 2 else {"extension": deep}
            holder[key] = deep
        else:
            holder[key] = {"wrap": [old], "repeat": [old] * 3}.get(action, junk)
    return root[0]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from strings(inner)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from strings(getattr(value, field.name))


def check(study: Any, patient: Any, record: list[Any]) -> None:
    try:
        order = study_order(study, patient, record, "here")
    except ResourceError as fault:
        assert fault.where == "here"
        assert not isinstance(study, dict) or study.get("resourceType") != "ImagingStudy"
        return
    assert isinstance(order, StudyOrder)
    assert order.id
    assert order == study_order(study, patient, record, "here")
    for word in strings(order):
        assert len(word) <= CONCLUSION_LIMIT
        word.encode()
        assert "\x00" not in word
    for series in order.series:
        assert all(math.isfinite(v) for v in series.parameters.values())


def fuzz(data: st.DataObject) -> None:
    study = mutate(data.draw(st.sampled_from(STUDIES)), data.draw(MUTATIONS))
    patient = data.draw(st.sampled_from([None, *PATIENTS]))
    if patient is not None and data.draw(st.booleans()):
        patient = mutate(patient, data.draw(MUTATIONS))
    record = list(RECORD)
    for number in data.draw(st.lists(st.integers(0, len(record) - 1), max_size=2)):
        record[number] = mutate(record[number], data.draw(MUTATIONS))
    check(study, patient, record)


CALM = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=150, **CALM)
@given(st.data())
def test_a_mutated_resource_gives_an_order_or_a_named_problem(data: st.DataObject) -> None:
    fuzz(data)


@pytest.mark.slow
@settings(max_examples=10_000, **CALM)
@given(st.data())
def test_ten_thousand_mutated_resources_give_an_order_or_a_named_problem(data: st.DataObject) -> None:
    fuzz(data)


@settings(max_examples=100, **CALM)
@given(JUNK)
def test_anything_that_is_no_study_is_a_named_problem(junk: Any) -> None:
    check(junk, None, [junk])


def lines(name: str) -> bytes:
    return (DATA / name).read_bytes()


FILES = {
    "study.json": lines("one/r4-wrist.json"),
    "study.xml": lines("one/r6-example.xml"),
    "studies.ndjson": lines("versions/ImagingStudy.r4.ndjson"),
    "bundle.json": json.dumps({
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{n}", "resource": s} for n, s in enumerate(STUDIES)],
    }).encode(),
    "bundle.json.gz": lines("synthea/Patient-heart.json.gz"),
}  # fmt: skip
EDITS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=8)), min_size=1, max_size=3
)


def damage(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for start, length, new in edits:
        at = start % (len(content) + 1)
        content = content[:at] + new + content[at + length :]
    return content


def read_damaged(folder: Path, name: str, edits: list[tuple[int, int, bytes]]) -> None:
    path = folder / name
    path.write_bytes(damage(FILES[name], edits))
    try:
        found = list(open_source(str(path)))
    except SourceError as fault:
        assert "\n" not in str(fault)
        return
    assert all(isinstance(f, (StudyOrder, Problem)) for f in found)
    if name.endswith(".ndjson"):
        whole = set(FILES[name].splitlines()) & set(path.read_bytes().splitlines())
        assert {json.loads(line)["id"] for line in whole} <= {
            f.id for f in found if isinstance(f, StudyOrder)
        }


@settings(max_examples=80, **CALM)
@given(st.sampled_from(sorted(FILES)), EDITS)
def test_a_damaged_file_gives_orders_and_named_problems(
    tmp_path_factory: pytest.TempPathFactory, name: str, edits: list[tuple[int, int, bytes]]
) -> None:
    read_damaged(tmp_path_factory.getbasetemp(), name, edits)


@pytest.mark.slow
@settings(max_examples=3_000, **CALM)
@given(st.sampled_from(sorted(FILES)), EDITS)
def test_three_thousand_damaged_files_give_orders_and_named_problems(
    tmp_path_factory: pytest.TempPathFactory, name: str, edits: list[tuple[int, int, bytes]]
) -> None:
    read_damaged(tmp_path_factory.getbasetemp(), name, edits)
