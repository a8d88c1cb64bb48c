"""Whatever a record says, each study is a valid one or a line that says why not: never a traceback."""

from __future__ import annotations

import json
import re

import pytest
from hand_fhir import CHEST, patient, run, study

NASTY = [
    "../../x",
    "a\0b",
    "x" * 300,
    "😀",
    "trail...",
    "CON",
    "con",
    "",
    "a\\b",
    "-rf",
    "\u202egnp",
    "^=^",
    "\ud800",
    "山田 太郎 やまだ",
    "<b>",
]
DATES = [
    "9999-99-99",
    "9999-12-31",
    "0001-01-01",
    "2020-02-30",
    "2020",
    "1500-01-01",
    "2020-01-01T25:61:61Z",
    "",
    None,
    5,
    {},
]
NUMBERS = [0, -3, 10**9, 10**12, 2.5, "1", None, {}]
SIZES = [("29463-7", v, u) for v in (0, -5, 1e9, 70, None, "70") for u in ("kg", "", "[in_i]")]
SIZES += [("8302-2", v, u) for v in (0, -5, 5.9, 70, 1e9, 1.8) for u in ("cm", "m", "[in_i]", "parsec")]


def ct(name, who, **more):
    return study(name, who, instances=1, **more)


def one_series(name, **changes):
    made = ct(name, "ann")
    return {**made, "series": [{**made["series"][0], **changes}]}


def size(who, code, value, unit):
    return {
        "resourceType": "Observation",
        "id": f"of-{who}",
        "status": "final",
        "subject": {"reference": f"Patient/{who}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2020-01-01",
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
    }


def resources():
    """Yield some hundred resources, each odd in one way."""
    yield patient("ann")
    for k, text in enumerate(NASTY):
        yield {**ct(f"unused{k}", "ann"), "id": text}
        yield {**patient(f"name{k}"), "name": [{"family": text, "given": [text], "prefix": [text]}]}
        yield ct(f"name{k}", f"name{k}", description=text, note=[{"text": text}])
    for k, day in enumerate(DATES):
        yield {**patient(f"born{k}"), "birthDate": day}
        yield ct(f"born{k}", f"born{k}")
        yield {**ct(f"date{k}", "ann"), "started": day}
    for k, day in enumerate(("2050-01-01", "2020-05-07", "2020-05-06", "1820-01-01")):
        yield {**patient(f"age{k}"), "birthDate": day}
        yield ct(f"age{k}", f"age{k}")
    for k, row in enumerate(SIZES):
        yield patient(f"size{k}")
        yield size(f"size{k}", *row)
        yield ct(f"size{k}", f"size{k}")
    for k, number in enumerate(NUMBERS):
        yield one_series(f"number{k}", number=number)
        yield one_series(f"count{k}", instance=[], numberOfInstances=number)
    twice = ct("twice", "ann")["series"][0]
    yield {**ct("twice", "ann"), "series": [twice, twice]}
    yield ct("same", "ann")
    yield ct("same", "ann")
    for k, odd in enumerate(([], [{}], None, [None], "x", [{"bodySite": CHEST}])):
        yield {**ct(f"odd{k}", "ann"), "series": odd}


def few(found):
    """Leave out counts that FHIR made huge, and most sizes: a body that differs in size only has the same header."""
    return [r for r in found if not re.search(r"count|size\d*[1-9]$", str(r["id"]))]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "odd.ndjson"
    path.write_text("".join(json.dumps(r) + "\n" for r in resources()))
    return path


def test_each_study_is_planned_or_named(source):
    result = run("plan", source, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    problems = [line["problem"] for line in lines if "problem" in line]
    assert result.exit_code == 1
    assert len(lines) == sum(r["resourceType"] == "ImagingStudy" for r in resources())
    assert {p["kind"] for p in problems} == {"unreadable"}
    assert {p["study"] for p in problems} <= {f"odd{k}" for k in range(6)}
    plans = [line["plan"] for line in lines if "plan" in line]
    counts = [sum(len(h["instances"]) for s in p["series"] for h in s["shots"]) for p in plans]
    assert max(counts) == 4096  # of the 10⁹ that one asks for


@pytest.mark.needs("dciodvfy", "dcentvfy")
def test_each_study_made_is_valid_and_inside_the_folder(tmp_path):
    path = tmp_path / "in" / "odd.ndjson"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(r) + "\n" for r in few(resources())))
    out = tmp_path / "out" / "dicom"
    made = json.loads(
        run("generate", path, "--dicom-dir", out, "--workers", 2, "--slices-per-study", 1, "--json").stdout
    )
    assert made["failed"] == len(made["problems"])
    assert made["made"] > 60
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["dicom"]
    told = json.loads(run("validate", out, "--source", path, "--json").stdout)
    assert told["errors"] == 0
    assert [d for d in told["differences"] if not d["why"]] == []
