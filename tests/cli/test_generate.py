from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hand_fhir import bundle, run, study, tree

from fhir2dicom import journey

COMMAND = (sys.executable, "-m", "fhir2dicom")
KEYS = ["made", "unchanged", "skipped", "failed", "instances", "bytes", "seconds", "problems"]


@pytest.fixture
def source(tmp_path):
    return bundle(
        tmp_path / "bundle.json",
        study("ct-1", "ann"),
        study("ct-2", "ann", instances=1),
        study("ct-3", "bob"),
    )


def test_all_made_is_exit_code_0_and_one_object(source, tmp_path):
    result = run("generate", source, "--dicom-dir", tmp_path / "out", "--workers", 1, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert list(told) == KEYS
    assert (told["made"], told["unchanged"], told["skipped"], told["failed"], told["instances"]) == (
        3,
        0,
        0,
        0,
        5,
    )
    files = sorted(p for p in tree(tmp_path / "out") if p.endswith(".dcm"))
    assert files == [
        "study_ct-1/series_001_CT/slice_0001.dcm",
        "study_ct-1/series_001_CT/slice_0002.dcm",
        "study_ct-2/series_001_CT/slice_0001.dcm",
        "study_ct-3/series_001_CT/slice_0001.dcm",
        "study_ct-3/series_001_CT/slice_0002.dcm",
    ]
    assert told["bytes"] == sum((tmp_path / "out" / f).stat().st_size for f in files)


def test_a_second_run_writes_nothing(source, tmp_path):
    out = tmp_path / "out"
    run("generate", source, "--dicom-dir", out, "--workers", 1)
    before = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in out.rglob("*.*") if p.is_file()}
    result = run("generate", source, "--dicom-dir", out, "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert (told["made"], told["unchanged"], told["instances"], told["bytes"]) == (0, 3, 0, 0)
    assert {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in out.rglob("*.*") if p.is_file()} == before


def test_force_makes_the_same_bytes_again(source, tmp_path):
    out = tmp_path / "out"
    run("generate", source, "--dicom-dir", out, "--workers", 1)
    before = tree(out)
    told = json.loads(run("generate", source, "--dicom-dir", out, "--workers", 1, "--force", "--json").stdout)
    assert told["made"] == 3
    assert tree(out) == before


def test_what_cannot_be_made_is_named_and_the_rest_is_made(tmp_path):
    source = bundle(
        tmp_path / "b.json",
        study("ct-1", "ann"),
        study("nm-1", "ann", "NM"),
        study("x", "ann", status="cancelled"),
    )
    result = run("generate", source, "--dicom-dir", tmp_path / "out", "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["made"], told["skipped"], told["failed"]) == (1, 2, 0)
    assert sorted(p["study"] for p in told["problems"]) == ["nm-1", "x"]
    assert all(sorted(p) == ["message", "study", "where"] for p in told["problems"])
    assert "not made yet: NM" in result.stdout


def test_the_closing_table_counts_and_names(tmp_path):
    source = bundle(tmp_path / "b.json", study("ct-1", "ann"), study("nm-1", "ann", "NM"))
    result = run("generate", source, "--dicom-dir", tmp_path / "out", "--workers", 1)
    assert "unchanged" in result.stdout
    assert "1  not-made-yet: not made yet: NM" in result.stdout
    assert result.stdout.endswith(f"The studies are in {tmp_path / 'out'}\n")


def test_two_workers_and_another_order_make_the_same_tree(source, tmp_path):
    entries = json.loads(source.read_text())
    entries["entry"].reverse()
    turned = tmp_path / "turned.json"
    turned.write_text(json.dumps(entries))
    run("generate", source, "--dicom-dir", tmp_path / "one", "--workers", 1)
    result = run("generate", source, "--dicom-dir", tmp_path / "two", "--workers", 2)
    assert result.exit_code == 0, result.output
    run("generate", turned, "--dicom-dir", tmp_path / "turned", "--workers", 1)
    assert tree(tmp_path / "one") == tree(tmp_path / "two") == tree(tmp_path / "turned")


def test_a_hostile_id_stays_inside(tmp_path):
    source = bundle(
        tmp_path / "b.json", study("../../x", "ann", instances=1), study("..", "ann", instances=1)
    )
    run("generate", source, "--dicom-dir", tmp_path / "a" / "out", "--workers", 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b.json"]
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["out"]
    assert len(list((tmp_path / "a" / "out").glob("study_*/series_001_CT/slice_0001.dcm"))) == 2


def test_settings_come_from_flag_then_environment_then_file(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text("imaging: {dicom_generation: {output_directory: from-file, compression: none}}\n")
    run("generate", source, "--max-studies", 1, "--workers", 1, "--config", config)
    monkeypatch.setenv("FHIR2DICOM_DICOM_DIR", "from-env")
    run("generate", source, "--max-studies", 1, "--workers", 1, "--config", config)
    run(
        "generate", source, "--max-studies", 1, "--workers", 1, "--config", config, "--dicom-dir", "from-flag"
    )
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["from-env", "from-file", "from-flag"]


def test_nothing_is_made_when_the_file_says_so(source, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("imaging: {dicom_generation: {enabled: false}}\n")
    result = run("generate", source, "--config", config, "--dicom-dir", tmp_path / "out", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["made"] == 0
    assert not (tmp_path / "out").exists()


def test_only_one_patient(source, tmp_path):
    result = run(
        "generate", source, "--patient-id", "bob", "--dicom-dir", tmp_path / "out", "--workers", 1, "--json"
    )
    assert json.loads(result.stdout)["made"] == 1
    assert (tmp_path / "out/study_ct-3").is_dir()


BAD = [
    (["generate"], 2, "nothing to read"),
    (["generate", "nosuch.json"], 2, "nosuch.json: no such file or folder; expected"),
    (["generate", "{source}", "--hapi-url", "http://x"], 2, "expected one of them"),
    (["generate", "--hapi-url", "{source}"], 2, "no URL; expected https://"),
    (["generate", "{source}", "--nosuch"], 2, "--nosuch"),
    (["generate", "{source}", "--workers", "0"], 2, "--workers"),
    (["generate", "{source}", "--max-studies", "many"], 2, "--max-studies"),
    (["generate", "{source}", "--slices-per-study", "CT=x"], 2, "'CT=x'; expected a whole number"),
    (
        ["generate", "{source}", "--config", "nosuch.yaml"],
        2,
        "nosuch.yaml: No such file or directory; expected",
    ),
    (["generate", "{source}", "--config", "{source}"], 2, "no block imaging.dicom_generation"),
    (["generate", "{source}", "--auth-token-file", "nosuch"], 2, "nosuch"),
    (["generate", "{source}", "--dicom-dir", ""], 2, "expected the path of a folder"),
    (["generate", "{source}", "--dicom-dir", "{source}"], 1, "file exists"),
    (["generate", "http://127.0.0.1:9/fhir"], 1, "127.0.0.1:9"),
    (["generate", "ftp://x/y"], 2, "ftp://"),
    (["generate", "{junk}"], 1, "junk.json"),
    (["plan", "nosuch.json"], 2, "nosuch.json"),
    (["plan", "{junk}"], 1, "junk.json"),
    (["validate", "nosuch"], 2, "nosuch: no such folder"),
    (["validate", "{empty}"], 1, "no DICOM files"),
    (["preview", "nosuch"], 2, "nosuch"),
    (["nosuch"], 2, "nosuch"),
]


@pytest.mark.parametrize(("words", "code", "says"), BAD, ids=[" ".join(w) for w, _, _ in BAD])
def test_bad_usage_is_one_line_and_an_exit_code(source, tmp_path, monkeypatch, words, code, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "junk.json").write_text("no json at all")
    (tmp_path / "empty").mkdir()
    places = {"source": source, "junk": tmp_path / "junk.json", "empty": tmp_path / "empty"}
    result = run(*(w.format(**places) for w in words))
    assert result.exit_code == code, result.output
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert not (tmp_path / "dicom").exists()
    assert "Traceback" not in result.output


def test_a_dead_server_is_still_one_object_with_json():
    result = run("generate", "http://127.0.0.1:9/fhir", "--json", "--dicom-dir", "/tmp/never")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["failed"] == 1
    assert told["problems"][0]["where"] == "http://127.0.0.1:9/fhir"


def test_no_secret_is_shown(tmp_path, monkeypatch):
    token = tmp_path / "token"
    token.write_text("sesame-sesame\n")
    monkeypatch.setenv("FHIR2DICOM_BASIC_PASSWORD", "sesame-sesame")
    for words in (
        ["--auth-token-file", token],
        ["--basic-user", "me"],
        ["--auth-token-file", token, "--basic-user", "me"],
    ):
        result = run(
            "-vv", "generate", "http://127.0.0.1:9/fhir", "--dicom-dir", tmp_path / "out", "--json", *words
        )
        assert result.exit_code in {1, 2}
        assert "sesame" not in result.output


def test_a_bug_in_one_study_stops_no_other(source, tmp_path, monkeypatch):
    real = journey.make
    monkeypatch.setattr(journey, "make", lambda plan: 1 / 0 if plan.id == "ct-2" else real(plan))
    result = run("generate", source, "--dicom-dir", tmp_path / "out", "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["made"], told["failed"]) == (1, 2, 1)
    assert told["problems"][0]["study"] == "ct-2"
    assert told["problems"][0]["message"] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize("small_disk", ["20m"], indirect=True)
def test_what_does_not_fit_is_said_before_anything_is_written(tmp_path, small_disk):
    source = bundle(tmp_path / "b.json", study("big", "ann", instances=40))
    result = run("generate", source, "--dicom-dir", small_disk, "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["made"], told["failed"]) == (1, 0, 1)
    assert "needs 21.3 MB, has" in result.stderr
    assert "nothing written" in result.stderr
    assert not list(small_disk.glob("study_*"))


def many(tmp_path: Path, count: int) -> Path:
    return bundle(
        tmp_path / "many.json", *(study(f"s{k:02d}", f"p{k % 5}", instances=2) for k in range(count))
    )


def start(source: Path, out: Path) -> subprocess.Popen:
    words = (*COMMAND, "generate", str(source), "--dicom-dir", str(out), "--workers", "2", "--json")
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def wait_for_studies(out: Path, process: subprocess.Popen, count: int) -> None:
    while process.poll() is None and len(list(out.glob("study_*"))) < count:
        time.sleep(0.01)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_who_is_asked_to_end_ends_cleanly_and_the_next_run_goes_on(tmp_path, asked):
    source, out = many(tmp_path, 20), tmp_path / "out"
    with start(source, out) as process:
        wait_for_studies(out, process, 2)
        # A terminal tells the whole group, everybody else the parent alone.
        (os.killpg if asked == signal.SIGINT else os.kill)(process.pid, asked)
        stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert stderr.decode().splitlines() == [
        "fhir2dicom: interrupted: what is made stays, the next run goes on from there"
    ]
    assert json.loads(stdout)["made"] < 20
    assert list((out / ".fhir2dicom/tmp").iterdir()) == []
    told = json.loads(run("generate", source, "--dicom-dir", out, "--json").stdout)
    assert told["made"] + told["unchanged"] == 20
    assert told["unchanged"] >= 2


def kill_and_resume(tmp_path: Path, times: int) -> None:
    source = many(tmp_path, 12)
    run("generate", source, "--dicom-dir", tmp_path / "whole")
    expected = tree(tmp_path / "whole")
    for k in range(times):
        out = tmp_path / f"out{k}"
        with start(source, out) as process:
            wait_for_studies(out, process, 1 + k % 9)
            os.killpg(process.pid, signal.SIGKILL)
        left = tree(out)
        whole = {p: h for p, h in left.items() if not p.startswith(".")}
        assert whole.items() <= expected.items()
        for name in {p.partition("/")[0] for p in whole}:
            assert len([p for p in whole if p.startswith(f"{name}/")]) == 2
        assert run("generate", source, "--dicom-dir", out).exit_code == 0
        assert tree(out) == expected


def test_a_run_that_was_killed_left_whole_studies_and_the_next_completes_it(tmp_path):
    kill_and_resume(tmp_path, 2)


@pytest.mark.slow
def test_twenty_kills_in_the_middle(tmp_path):
    kill_and_resume(tmp_path, 20)
