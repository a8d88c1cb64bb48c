from __future__ import annotations

import gzip
import io
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fhir2dicom.errors import SourceError
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.source import reading, split
from fhir2dicom.source.source import open_source

A, B = "6b01025b-43b4-a9e4-525b-872995031987", "70390221-0000-1111-2222-333333333333"


def study(own: str, patient: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "ImagingStudy", "id": own, "subject": {"reference": patient}, **more}


def patient(own: str, name: str = "", number: str = "") -> dict[str, Any]:
    numbers = [{"system": "urn:mrn", "value": number}] if number else []
    return {"resourceType": "Patient", "id": own, "name": [{"text": name or own}], "identifier": numbers}


def bundle(*resources: Any, kind: str = "collection", url: str = "urn:uuid:") -> dict[str, Any]:
    entries = [{"fullUrl": f"{url}{r['id']}", "resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def put(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def put_lines(path: Path, *values: Any) -> Path:
    text = "".join(f"{v if isinstance(v, str) else json.dumps(v)}\n" for v in values).encode()
    path.write_bytes(gzip.compress(text) if path.name.endswith(".gz") else text)
    return path


def read(path: Path, **more: Any) -> tuple[list[StudyOrder], list[Problem]]:
    found = list(open_source(str(path), **more))
    return [f for f in found if isinstance(f, StudyOrder)], [f for f in found if isinstance(f, Problem)]


def ids(path: Path, **more: Any) -> list[str]:
    return [o.id for o in read(path, **more)[0]]


def test_every_kind_of_file_in_the_test_data_is_read_without_a_problem(fhir_data: Path) -> None:
    orders, problems = read(fhir_data)
    text = b"".join(
        gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()
        for p in fhir_data.rglob("*")
        if p.is_file()
    )
    in_json = text.replace(b" ", b"").count(b'"resourceType":"ImagingStudy"')
    assert not problems
    assert len(orders) == in_json + text.count(b"<ImagingStudy ")


@pytest.mark.parametrize("kind", ["collection", "transaction", "searchset", "batch"])
def test_a_bundle_of_any_kind_links_studies_to_patients(tmp_path: Path, kind: str) -> None:
    path = put(tmp_path / "b.json", bundle(study("1", f"urn:uuid:{A}"), patient(A, "Ann"), kind=kind))
    (order,), problems = read(path)
    assert not problems
    assert order.patient.names[0].text == "Ann"
    assert order.where == "b.json entry 1"


def test_of_a_history_only_the_newest_version_counts(tmp_path: Path) -> None:
    versions = [study("1", "Patient/a", description=d) for d in ("new", "old")]
    path = put(
        tmp_path / "b.json", bundle(*versions, study("2", "Patient/a"), kind="history", url="http://x/")
    )
    assert [(o.id, o.description) for o in read(path)[0]] == [("1", "new"), ("2", "")]


def test_lines_plain_and_packed_and_an_array_say_the_same(tmp_path: Path) -> None:
    values = [study("1", "Patient/a"), patient("a"), study("2", "Patient/a")]
    put_lines(tmp_path / "x.ndjson", *values)
    put_lines(tmp_path / "y.ndjson.gz", *values)
    put_lines(tmp_path / "z.json", *values)
    put(tmp_path / "w.json", values)
    assert {tuple(ids(p)) for p in tmp_path.iterdir()} == {("1", "2")}


def test_a_folder_of_bulk_files_joins_what_belongs_together(fhir_data: Path) -> None:
    orders, problems = read(fhir_data / "bulk")
    assert not problems
    assert all(o.patient.known for o in orders)
    kinds = {e.kind for o in orders for e in o.record}
    assert kinds == {"condition", "procedure", "observation", "report", "encounter", "device"}


def test_synthea_bundles_with_hospitals_and_practitioners_are_one_patient(fhir_data: Path) -> None:
    orders, problems = read(fhir_data / "synthea")
    assert not problems
    assert len(orders) == 10
    assert len({o.patient.id for o in orders}) == 1
    assert all(o.institution and o.record for o in orders)
    assert [o.started for o in orders] == sorted(o.started for o in orders)
    own = {e.encounter for e in orders[-1].record if e.kind == "procedure"}
    assert orders[-1].encounter in own


def test_the_order_does_not_depend_on_files_or_their_order(fhir_data: Path, tmp_path: Path) -> None:
    lines = [
        line
        for path in sorted((fhir_data / "bulk").iterdir())
        for line in (
            gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        ).splitlines()
    ]
    random.Random(3).shuffle(lines)
    for number in range(4):
        (tmp_path / f"{number}.ndjson").write_bytes(b"\n".join(lines[number::4]))
    expected, _ = read(fhir_data / "bulk")
    found, _ = read(tmp_path)
    assert [(o.id, o.patient, o.record, o.series) for o in found] == [
        (o.id, o.patient, o.record, o.series) for o in expected
    ]


def test_studies_of_a_patient_come_together_oldest_first(tmp_path: Path) -> None:
    values = [patient("a", number="2"), patient("b", number="1")]
    values += [study(f"{n}", f"Patient/{'ab'[n % 2]}", started=f"{2030 - n}") for n in range(6)]
    put_lines(tmp_path / "x.ndjson", *values)
    assert ids(tmp_path) == ["5", "3", "1", "4", "2", "0"]
    assert ids(tmp_path, max_studies=2) == ["5", "3"]
    assert ids(tmp_path, max_studies=0) == []


def test_two_bundles_with_ids_of_their_own_are_not_mixed(tmp_path: Path) -> None:
    cough = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "urn:uuid:p"},
        "code": {"text": "cough"},
    }
    put(tmp_path / "1.json", bundle(patient("p", "Ann"), study("1", "urn:uuid:p"), cough))
    put(tmp_path / "2.json", bundle(patient("p", "Bob"), study("2", "urn:uuid:p")))
    put(tmp_path / "3.json", bundle(study("3", "urn:uuid:p")))
    orders, _ = read(tmp_path)
    assert {(o.id, *(n.text for n in o.patient.names), len(o.record)) for o in orders} == {
        ("1", "Ann", 1),
        ("2", "Bob", 0),
        ("3", 0),
    }


def test_a_patient_in_another_file_is_found_by_uuid_or_id(tmp_path: Path) -> None:
    put(tmp_path / "s" / "1.json", study("1", f"urn:uuid:{A}"))
    put(tmp_path / "s" / "2.json", study("2", "http://server/fhir/Patient/b"))
    put_lines(tmp_path / "p.ndjson", patient(A, "Ann"), patient("b", "Bob"))
    assert [o.patient.names[0].text for o in read(tmp_path)[0]] == ["Ann", "Bob"]


def test_a_patient_beside_the_study_comes_before_one_elsewhere(tmp_path: Path) -> None:
    for name in ("x", "y"):
        put(tmp_path / name / "s.json", study(name, "Patient/example"))
        put(tmp_path / name / "s.patient.json", patient("example", f"of {name}"))
    assert {o.id: o.patient.names[0].text for o in read(tmp_path)[0]} == {"x": "of x", "y": "of y"}


@pytest.mark.parametrize("wanted", ["b", "Patient/b", "urn:mrn|7", "7"])
def test_one_patient_is_picked_by_id_reference_or_identifier(tmp_path: Path, wanted: str) -> None:
    values = [patient("a"), patient("b", number="7"), study("1", "Patient/a"), study("2", "Patient/b")]
    assert ids(put_lines(tmp_path / "x.ndjson", *values), patient=wanted) == ["2"]
    assert ids(tmp_path, patient="nobody") == []


def test_one_patient_is_picked_by_reference_when_the_resource_is_missing(tmp_path: Path) -> None:
    put_lines(tmp_path / "x.ndjson", study("1", f"urn:uuid:{A}"), study("2", f"urn:uuid:{B}"))
    assert ids(tmp_path, patient=B) == ["2"]


def test_observations_of_other_encounters_come_only_if_they_matter(tmp_path: Path) -> None:
    def observation(code: str, encounter: str) -> dict[str, Any]:
        coded = {"coding": [{"code": code}]}
        return {"resourceType": "Observation", "subject": {"reference": "Patient/a"}, "code": coded,
                "encounter": {"reference": f"Encounter/{encounter}"}}  # fmt: skip

    values = [observation(c, e) for c in ("8302-2", "2339-0") for e in ("here", "there")]
    put_lines(
        tmp_path / "x.ndjson", *values, study("1", "Patient/a", encounter={"reference": "Encounter/here"})
    )
    (order,), _ = read(tmp_path)
    assert sorted((e.codes[0].value, e.encounter) for e in order.record) == [
        ("2339-0", "Encounter/here"),
        ("8302-2", "Encounter/here"),
        ("8302-2", "Encounter/there"),
    ]


def test_a_broken_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = put_lines(
        tmp_path / "x.ndjson",
        study("1", "Patient/a"),
        '{"resourceType": "Imag',
        "",
        "[7]",
        '{"id": "9"}',
        study("2", ""),
    )
    orders, problems = read(path)
    assert [o.id for o in orders] == ["1", "2"]
    assert [p.where for p in problems] == ["x.ndjson line 2", "x.ndjson line 4 entry 1", "x.ndjson line 5"]
    assert "not JSON" in problems[0].message
    assert problems[2].study == "9"


def test_a_line_too_long_is_named_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "RESOURCE_LIMIT", 1 << 20)
    path = put_lines(
        tmp_path / "x.ndjson", study("1", ""), study("2", "", description="x" * (3 << 20)), study("3", "")
    )
    orders, problems = read(path)
    assert [(o.id, o.where) for o in orders] == [("1", "x.ndjson line 1"), ("3", "x.ndjson line 3")]
    assert [p.where for p in problems] == ["x.ndjson line 2"]


def test_a_bundle_that_does_not_say_so_is_opened(tmp_path: Path) -> None:
    plain = bundle(study("1", ""))
    del plain["resourceType"]
    assert ids(put(tmp_path / "x.json", plain)) == ["1"]


@pytest.mark.parametrize("whole", [1, 1 << 22])
def test_a_truncated_bundle_gives_its_first_entries_and_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int
) -> None:
    monkeypatch.setattr(reading, "WHOLE_LIMIT", whole)
    text = json.dumps(bundle(*(study(str(n), "Patient/a") for n in range(9))))
    path = tmp_path / "b.json"
    path.write_text(text[: len(text) // 2])
    orders, (problem,) = read(path)
    assert 3 <= len(orders) <= 5
    assert problem.where == "b.json"
    assert f"not JSON after entry {len(orders)}" in problem.message


def test_a_truncated_gzip_gives_its_first_lines_and_a_problem(tmp_path: Path) -> None:
    path = put_lines(
        tmp_path / "x.ndjson.gz", *(study(f"{n:032x}{random.Random(n).random()}", "") for n in range(2000))
    )
    path.write_bytes(path.read_bytes()[:-2000])
    orders, problems = read(path)
    assert len(orders) > 500
    assert "cannot be read to its end" in problems[-1].message


def test_a_gzip_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BOMB_BYTES", 1 << 20)
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(b" " * (32 << 20)))
    put(tmp_path / "y.json", study("1", ""))
    orders, (problem,) = read(tmp_path)
    assert [o.id for o in orders] == ["1"]
    assert "unpacks to more than" in problem.message


def test_a_large_resource_that_is_no_bundle_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WHOLE_LIMIT", 1000)
    series = [{"uid": "1.2", "instance": [{"uid": f"1.2.{n}"} for n in range(500)]}]
    (order,), _ = read(put(tmp_path / "x.json", study("1", "", series=series)))
    assert len(order.series[0].instances) == 500


def test_a_bundle_within_a_bundle_and_parameters_are_opened(tmp_path: Path) -> None:
    inner = {**bundle(study("1", "")), "id": "in"}
    parameters = {
        "resourceType": "Parameters",
        "id": "p",
        "parameter": [{"name": "x", "resource": study("2", "")}, 3],
    }
    assert ids(put(tmp_path / "x.json", bundle(inner, parameters))) == ["1", "2"]


def test_bundles_nested_too_deep_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    deep = study("1", "")
    for _ in range(100):
        deep = {**bundle(deep), "id": "in"}
    orders, (problem,) = read(put(tmp_path / "x.json", bundle(deep, study("2", ""))))
    assert [o.id for o in orders] == ["2"]
    assert "inside one another" in problem.message


def test_a_bundle_in_xml_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(
        f'<Bundle xmlns="http://hl7.org/fhir"><entry><fullUrl value="urn:uuid:{A}"/><resource><Patient>'
        f'<id value="{A}"/><birthDate value="1950-01-02"/></Patient></resource></entry><entry><resource>'
        f'<ImagingStudy><id value="1"/><subject><reference value="urn:uuid:{A}"/></subject></ImagingStudy>'
        "</resource></entry></Bundle>"
    )
    (order,), problems = read(tmp_path)
    assert (order.id, order.patient.birth_date, order.where) == ("1", "1950-01-02", "x.xml entry 2")
    assert not problems


def test_what_is_not_fhir_in_a_folder_is_passed_over(tmp_path: Path, fhir_data: Path) -> None:
    put(tmp_path / "package.json", {"name": "x"})
    (tmp_path / "pom.xml").write_text("<project/>")
    (tmp_path / "README.md").write_text("# no")
    shutil.copy(fhir_data / "one" / "r4-wrist.json", tmp_path)
    orders, problems = read(tmp_path)
    assert len(orders) == 1
    assert not problems


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.json", b"%PDF-1.4", "expected FHIR as JSON, NDJSON or XML"),
        ("x.json", b'{"name": 1}', "without resourceType"),
        ("pom.xml", b"<project/>", "expected an element of"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        read(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize("location", ["/no/such/place", "\x00", "", "file:///no/such"])
def test_a_wrong_place_is_one_line_with_what_was_expected(location: str) -> None:
    with pytest.raises(SourceError, match=r"expected|found") as caught:
        list(open_source(location))
    assert "\n" not in str(caught.value)


def test_a_file_url_and_odd_names_are_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a b é.json", study("1", ""))
    assert ids(Path(path)) == ["1"]
    assert [o.id for o in open_source(path.as_uri()) if isinstance(o, StudyOrder)] == ["1"]


def test_bytes_that_are_no_utf8_and_a_byte_order_mark_are_forgiven(tmp_path: Path) -> None:
    text = json.dumps(study("1", "", description="caf?")).encode().replace(b"?", b"\xe9")
    (tmp_path / "x.json").write_bytes(b"\xef\xbb\xbf" + text)
    (order,), problems = read(tmp_path)
    assert order.description == "caf\ufffd"
    assert not problems


def test_deep_nesting_is_a_problem_of_its_own(tmp_path: Path) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    (tmp_path / "x.ndjson").write_text(
        f'{{"resourceType": "ImagingStudy", "note": {deep}}}\n{json.dumps(study("1", ""))}'
    )
    (tmp_path / "y.json").write_text(
        f'{{"resourceType": "Bundle", "entry": [{{"resource": {{"resourceType": "ImagingStudy", "id": "9", "note": {deep}}}}}]}}'
    )
    orders, problems = read(tmp_path)
    assert [o.id for o in orders] == ["1"]
    assert [p.where for p in problems] == ["x.ndjson line 1", "y.json entry 1"]
    assert all("nested deeper" in p.message for p in problems)


@pytest.mark.parametrize("whole", [1, 1 << 22])
@pytest.mark.parametrize("number", ["1" + "0" * 30, "1" + "0" * 5000, "1e400", "-0", "1E5"])
def test_odd_numbers_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int, number: str
) -> None:
    monkeypatch.setattr(reading, "WHOLE_LIMIT", whole)
    text = json.dumps(bundle(study("1", "", numberOfSeries=77), study("2", "", numberOfSeries=3)))
    (tmp_path / "b.json").write_text(text.replace("77", number))
    orders, problems = read(tmp_path)
    assert [o.id for o in orders if o.series_count == 3] == ["2"]
    assert len(orders) + len(problems) == 2


@pytest.mark.parametrize("whole", [1, 1 << 22])
@pytest.mark.parametrize("junk", ["{]", "}", '"', "\\", "[[[", "nul", "{,}", '{"resource": nan}', "]"])
def test_junk_between_entries_is_told_and_what_can_be_read_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int, junk: str
) -> None:
    monkeypatch.setattr(reading, "WHOLE_LIMIT", whole)
    text = json.dumps(bundle(study("1", ""), study("MARK", ""), study("3", "")))
    marked = json.dumps(bundle(study("MARK", ""))["entry"])[1:-1]
    assert marked in text
    (tmp_path / "b.json").write_text(text.replace(marked, junk))
    orders, problems = read(tmp_path)
    assert orders[0].id == "1"
    assert problems or [o.id for o in orders] == ["1", "3"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_file_is_cut_at_the_same_places_whatever_the_chunks(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "CHUNK", size)
    texts = [r'{"a": "\\\"]}", "b": [[{}], "x"]}', "[1, 2]", "{}"]
    whole = f' {{"x": [{{}}], "type": "entry", "entry": [{", ".join(texts)}, 7, null], "y": [{{}}]}} '
    found = list(split.Splitter(1000).elements(io.BytesIO(whole.encode())))
    assert [f.decode() for f in found] == texts
    again = split.Splitter(1000)
    assert [f.decode() for f in again.elements(io.BytesIO(f"[{','.join(texts)}]".encode()))] == texts
    assert again.array


def test_a_symbolic_link_that_leads_back_ends(tmp_path: Path) -> None:
    put(tmp_path / "in" / "x.json", study("1", ""))
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    assert ids(tmp_path) == ["1"]


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Small(sqlite3.Connection):
        def executemany(self, *arguments: Any) -> Any:
            self.execute("PRAGMA max_page_count = 12")
            return super().executemany(*arguments)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=Small, **k))
    put_lines(tmp_path / "x.ndjson", *(study(str(n), "", description="x" * 900) for n in range(1000)))
    with pytest.raises(SourceError, match="full; expected room for temporary files"):
        read(tmp_path)


MEASURE = """
import resource, sys
from fhir2dicom.source.source import open_source
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
number = sum(1 for _ in open_source(sys.argv[1]))
print(number, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
def test_a_bundle_of_24_megabytes_takes_no_more_than_40_of_memory(tmp_path: Path, fhir_data: Path) -> None:
    content = json.loads(gzip.decompress((fhir_data / "synthea" / "Patient-heart.json.gz").read_bytes()))
    entry = content["entry"]
    content["entry"] = (
        entry + [e for e in entry if e["resource"]["resourceType"] not in ("Patient", "ImagingStudy")] * 60
    )
    path = put(tmp_path / "big.json", content)
    assert path.stat().st_size > 24 << 20
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
    )
    number, megabytes = map(int, done.stdout.split())
    assert number == 10
    assert megabytes < 40
