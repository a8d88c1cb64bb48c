from __future__ import annotations

import json

from hand_fhir import bundle, run, study

from fhir2dicom.plan.saved import load


def test_a_row_a_series_and_all_in_all(tmp_path):
    source = bundle(tmp_path / "b.json", study("ct-1", "ann", instances=30), study("nm-1", "ann", "NM"))
    result = run("plan", source)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].split() == ["study", "date", "series", "region", "description", "instances", "size"]
    rows = [line.split() for line in lines if line.startswith("ct-1")]
    assert rows[0][:5] == ["ct-1", "2020-05-06", "1", "CT", "chest"]
    assert rows[0][-3:] == ["30", "15.7", "MB"]
    assert any(line.startswith("nm-1") and "not-made-yet: not made yet: NM" in line for line in lines)
    assert lines[-1].startswith("1 studies, 30 instances, 16.0 MB; 1 not made")


def test_json_is_one_saved_plan_or_problem_a_line(tmp_path):
    source = bundle(tmp_path / "b.json", study("ct-1", "ann"), study("nm-1", "ann", "NM"))
    lines = run("plan", source, "--json").stdout.splitlines()
    assert sorted(next(iter(json.loads(line))) for line in lines) == ["format", "problem"]
    saved = next(line for line in lines if "format" in json.loads(line))
    assert (load(saved).id, load(saved).instance_count) == ("ct-1", 2)


def test_notes_say_every_guess(tmp_path):
    source = bundle(tmp_path / "b.json", study("ct-1", "ann", started=""))
    assert "no date" not in run("plan", source).stdout
    assert "no date" in run("plan", source, "--notes").stdout


def test_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("plan", bundle(tmp_path / "b.json", study("ct-1", "ann"))).exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["b.json"]


def test_what_a_terminal_would_obey_is_not_printed(tmp_path):
    source = bundle(tmp_path / "b.json", study("nm\x1b[2J", "ann", "NM"))
    assert "\x1b" not in run("plan", source).output
