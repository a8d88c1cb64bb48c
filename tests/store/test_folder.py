from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hand_made import EDITION, instances, keep, series_plan, study_plan, tree

from fhir2dicom.errors import DiskFullError, StoreError
from fhir2dicom.store import swap
from fhir2dicom.store.folder import HIDDEN, needed_bytes, opened


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def write(out, *plans, force=False, edition=EDITION):
    with opened(out, edition) as folder:
        return [keep(folder, p, force=force) for p in plans]


def staging_left(out):
    return sorted(p.name for p in (out / HIDDEN / "tmp").iterdir())


def test_a_study_stands_in_the_folders_of_the_seed_interface(out):
    plan = study_plan(series=(series_plan(1), series_plan(2, "DX", 1)))
    (kept,) = write(out, plan)
    assert [p for p in tree(out) if p.startswith("study")] == [
        "study_a-1/series_001_CT/slice_0001.dcm",
        "study_a-1/series_001_CT/slice_0002.dcm",
        "study_a-1/series_001_CT/slice_0003.dcm",
        "study_a-1/series_002_DX/slice_0001.dcm",
    ]
    assert kept.instances == 4
    assert kept.bytes == sum(len(v) for k, v in tree(out).items() if k.startswith("study"))


def test_a_file_is_header_then_pixels(out):
    write(out, study_plan())
    made = next(instances(study_plan()))
    assert (out / "study_a-1/series_001_CT/slice_0001.dcm").read_bytes() == made.header + made.pixels


def test_a_finished_run_leaves_no_staging(out):
    write(out, study_plan())
    assert staging_left(out) == []


def test_a_second_run_writes_no_study_file(out):
    write(out, study_plan())
    before = {p: (s.st_ino, s.st_mtime_ns) for p in out.rglob("*.*") if (s := p.lstat()) and p.is_file()}
    assert write(out, study_plan()) == [None]
    after = {p: (s.st_ino, s.st_mtime_ns) for p in out.rglob("*.*") if (s := p.lstat()) and p.is_file()}
    assert after == before


@pytest.mark.parametrize("harm", ["shorter", "gone", "no manifest", "manifest cut", "manifest half", "link"])
def test_a_harmed_study_is_made_again(out, harm):
    write(out, study_plan())
    whole = tree(out)
    file = out / "study_a-1/series_001_CT/slice_0002.dcm"
    marker = out / HIDDEN / "studies/study_a-1.json"
    if harm == "shorter":
        file.write_bytes(b"x")
    elif harm == "gone":
        file.unlink()
    elif harm == "no manifest":
        marker.unlink()
        (out / "study_a-1").rename(out / "elsewhere")
    elif harm == "manifest cut":
        marker.write_bytes(marker.read_bytes()[:100])
    elif harm == "manifest half":
        marker.write_bytes(b'{"format":1,"study":"a-1","uid":"1.2.3","digest":""}')
    else:
        file.rename(out / "moved.dcm")
        file.symlink_to(out / "moved.dcm")
    assert write(out, study_plan()) != [None]
    assert {k: v for k, v in tree(out).items() if k in whole} == whole


def test_another_plan_or_another_edition_is_made_anew(out):
    write(out, study_plan())
    assert write(out, replace(study_plan(), description="new")) != [None]
    assert write(out, replace(study_plan(), description="new"), edition="next") != [None]


def test_a_changed_study_loses_the_files_it_no_longer_has(out):
    write(out, study_plan(series=(series_plan(1, instances=3),)))
    write(out, study_plan(series=(series_plan(1, instances=2),)))
    assert len([p for p in tree(out) if p.startswith("study")]) == 2
    assert staging_left(out) == []


def test_force_makes_the_same_study_again(out):
    write(out, study_plan())
    before = (out / "study_a-1").stat().st_ino
    whole = tree(out)
    assert write(out, study_plan(), force=True) != [None]
    assert (out / "study_a-1").stat().st_ino != before
    assert tree(out) == whole


def test_studies_change_places_without_the_system_call_too(out, monkeypatch):
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    write(out, study_plan())
    write(out, study_plan(), force=True)
    assert len(tree(out / "study_a-1")) == 3
    assert staging_left(out) == []


@pytest.mark.parametrize("study", ["../../x", "..", "", "a/../../b", "/etc/x", "a\0b"])
def test_an_id_is_no_way_out_of_the_folder(out, study):
    write(out, study_plan(study))
    assert sorted(p.name for p in out.parent.iterdir()) == ["out"]
    assert len([p for p in tree(out) if p.startswith("study_")]) == 3


def test_two_studies_of_one_id_both_stand_and_keep_their_names(out):
    one, other = study_plan(uid="1.2.3"), study_plan(uid="1.2.4", series=(series_plan(uid="1.2.4"),))
    write(out, one, other)
    first = tree(out)
    assert len([p for p in first if p.startswith("study_a-1/")]) == 3
    assert len([p for p in first if p.startswith("study_a-1~")]) == 3
    assert write(out, other, one) == [None, None]
    assert tree(out) == first


def test_a_study_that_comes_twice_in_a_run_is_made_once(out):
    first, second = write(out, study_plan(), replace(study_plan(), notes=("again",)))
    assert first is not None
    assert second is None
    assert write(out, study_plan()) == [None]


def test_the_order_of_studies_changes_nothing(out, tmp_path):
    plans = [study_plan(f"s{k}", f"1.2.{k}", (series_plan(uid=f"1.2.{k}"),)) for k in range(5)]
    write(out, *plans)
    write(tmp_path / "reversed", *reversed(plans))
    assert tree(out) == tree(tmp_path / "reversed")


def test_a_folder_that_no_run_made_is_left_alone(out):
    (out / "study_a-1").mkdir(parents=True)
    (out / "study_a-1" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="no run of fhir2dicom made it"):
        write(out, study_plan())
    assert (out / "study_a-1" / "mine.txt").read_text() == "mine"


def test_a_link_in_the_place_of_a_study_is_not_followed(out, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").write_text("theirs")
    write(out, study_plan())
    (out / "study_a-1").rename(out / "old")
    (out / "study_a-1").symlink_to(tmp_path / "theirs")
    assert write(out, study_plan()) != [None]
    assert (tmp_path / "theirs" / "file").read_text() == "theirs"
    assert not (out / "study_a-1").is_symlink()
    assert staging_left(out) == []


def test_hidden_folders_that_lead_out_are_refused(out, tmp_path):
    (tmp_path / "theirs").mkdir()
    out.mkdir()
    (out / HIDDEN).symlink_to(tmp_path / "theirs")
    with pytest.raises(StoreError, match="symbolic link"):
        write(out, study_plan())


def test_an_output_that_is_a_file_is_named(out):
    out.write_text("x")
    with pytest.raises(StoreError, match=r"out: file exists"):
        write(out, study_plan())


def test_a_bug_while_writing_leaves_nothing(out):
    def broken(plan):
        yield next(instances(plan))
        raise ZeroDivisionError

    with opened(out, EDITION) as folder:
        place, _ = folder.claim(study_plan(), b"{}")
        with pytest.raises(ZeroDivisionError):
            folder.put(study_plan(), place, broken(study_plan()))
        assert sorted(p.name for p in folder.staging.iterdir()) == []
    assert not (out / "study_a-1").exists()


def test_a_study_with_too_few_instances_is_a_bug_and_not_kept(out):
    with opened(out, EDITION) as folder:
        place, _ = folder.claim(study_plan(), b"{}")
        with pytest.raises(RuntimeError, match="3 instances planned, 1 made"):
            folder.put(study_plan(), place, [next(instances(study_plan()))])
    assert not (out / "study_a-1").exists()


LIVE = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from hand_made import *
from fhir2dicom.store.folder import opened
with opened(Path({out!r}), EDITION) as folder:
    (folder.staging / "at work").mkdir()
    print(folder.staging.name, flush=True)
    time.sleep(60)
"""


def start_a_run(out):
    code = LIVE.format(here=str(Path(__file__).parent), out=str(out))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def test_a_live_run_is_not_swept_and_a_dead_one_is(out):
    process, name = start_a_run(out)
    with process:
        write(out, study_plan())
        assert (out / HIDDEN / "tmp" / name / "at work").is_dir()
        os.kill(process.pid, signal.SIGKILL)
    write(out, study_plan())
    assert staging_left(out) == []


def test_two_runs_at_once_leave_one_whole_study(out):
    plans = [study_plan(series=(series_plan(instances=n),)) for n in (2, 3)]
    crowd = [
        threading.Thread(target=lambda p=p: [write(out, p, force=True) for _ in range(20)]) for p in plans
    ]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    last = [p for p in plans if len(tree(out / "study_a-1")) == p.instance_count]
    assert write(out, *last) == [None]


@pytest.mark.parametrize("small_disk", ["256k"], indirect=True)
def test_a_full_disk_is_said_and_leaves_nothing_half(small_disk):
    plans = [study_plan(f"s{k}", f"1.2.{k}", (series_plan(uid=f"1.2.{k}"),)) for k in range(20)]
    with opened(small_disk, EDITION) as folder, pytest.raises(DiskFullError, match="no space left"):
        for plan in plans:
            keep(folder, plan, size=8192)
    made = sorted(p.name for p in small_disk.glob("study_*"))
    assert 0 < len(made) < 20
    assert all(len(tree(small_disk / name)) == 3 for name in made)
    assert staging_left(small_disk) == []
    assert write(small_disk, *plans[: len(made)]) == [None] * len(made)


def test_a_limit_on_file_size_is_a_full_disk(out):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(out, EDITION) as folder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with pytest.raises(DiskFullError, match=r"slice_0001\.dcm: file too large"):
                keep(folder, study_plan(), size=8192)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert sorted(folder.staging.iterdir()) == []


def test_what_a_study_needs_is_judged_before(out):
    plan = study_plan()
    write(out, plan)
    assert needed_bytes(plan) >= plan.pixel_bytes + 3 * 4096
