from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from fhir2dicom.engine.local import batches, run
from fhir2dicom.model import Problem


@dataclass(frozen=True)
class Piece:
    study: str
    group: str = "g"
    weight: int = 1


def square(unit):
    number = int(unit.study)
    if number == 13:
        raise ValueError("unlucky")
    return number * number


def killed_by_20(mark, unit):
    with mark.open("a") as file:
        file.write(f"{unit.study}\n")
    if unit.study == "20":
        os.kill(os.getpid(), signal.SIGKILL)
    return int(unit.study)


def killed_once(mark, unit):
    if unit.study == "7" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return int(unit.study)


def slow(mark, unit):
    with mark.open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(0.05)
    return int(unit.study)


@contextmanager
def doing(work):
    yield work


def pieces(count, group=lambda k: "g"):
    return [Piece(str(k), group(k)) for k in range(count)]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_unit_has_one_result_and_a_broken_one_is_a_problem(workers):
    results = list(run(partial(doing, square), pieces(30), workers=workers))
    problems = [r for r in results if isinstance(r, Problem)]
    assert sorted(r for r in results if isinstance(r, int)) == [k * k for k in range(30) if k != 13]
    assert [(p.study, p.message, p.kind) for p in problems] == [("13", "ValueError: unlucky", "failed")]
    assert problems[0].where.startswith("test_local.py:")


def test_a_killed_worker_costs_nothing(tmp_path):
    work = partial(killed_once, tmp_path / "mark")
    assert sorted(run(partial(doing, work), pieces(40), workers=2)) == list(range(40))


def test_a_study_that_kills_its_workers_is_given_up_and_no_other(tmp_path):
    work = partial(killed_by_20, tmp_path / "mark")
    results = list(run(partial(doing, work), pieces(60), workers=2))
    (problem,) = [r for r in results if isinstance(r, Problem)]
    assert problem == Problem("20", "engine", "killed its worker 2 times (exit code -9); given up", "failed")
    assert sorted(r for r in results if isinstance(r, int)) == [k for k in range(60) if k != 20]
    done = (tmp_path / "mark").read_text().split()
    assert [n for n in done if done.count(n) > 1] == ["20", "20"]


def test_a_stream_is_taken_no_further_than_the_window(tmp_path):
    taken = []

    def stream():
        for piece in pieces(500):
            taken.append(piece)
            yield piece

    with closing(run(partial(doing, square), stream(), workers=2)) as results:
        next(results)
        assert len(taken) < 100


def test_leaving_early_stops_the_workers(tmp_path):
    mark = tmp_path / "mark"
    with closing(run(partial(doing, partial(slow, mark)), pieces(1000), workers=2)) as results:
        next(results)
    count = len(mark.read_text())
    time.sleep(0.3)
    assert len(mark.read_text()) == count
    assert not any(alive(int(pid)) for pid in set(mark.read_text().split()))


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


PARENT = """
import sys
sys.path.insert(0, {here!r})
from functools import partial
from pathlib import Path
from test_local import *
if __name__ == "__main__":
    for r in run(partial(doing, partial(slow, Path({mark!r}))), pieces(5000), workers=2):
        print(r, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_do_not_outlive_their_parent(tmp_path, how):
    mark = tmp_path / "mark"
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(here=str(Path(__file__).parent), mark=str(mark)))
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        process.stdout.readline()
        if how == signal.SIGINT:
            os.killpg(process.pid, how)
        else:
            os.kill(process.pid, how)
        process.stdout.read()
    deadline = time.monotonic() + 10
    while (
        left := [p for p in set(mark.read_text().split()) if alive(int(p))]
    ) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def test_batches_keep_a_patient_together_and_are_bounded():
    group = [list(b) for b in batches(pieces(10, lambda k: "a" if k < 4 else "b"), most=5)]
    assert [len(b) for b in group] == [4, 5, 1]
    heavy = [Piece(str(k), "g", 10) for k in range(5)]
    assert [len(b) for b in batches(heavy, bytes_most=25)] == [2, 2, 1]
    assert list(batches([])) == []
