"""Rules for every test: which programs it needs, and that continuous integration skips nothing; and a small disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""The environment's own programs come first: a system's dciodvfy may be years older."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, by name, a test marked ``needs("dciodvfy")`` on a machine without that program."""
    programs = [str(name) for mark in item.iter_markers("needs") for name in mark.args]
    if missing := [name for name in programs if shutil.which(name) is None]:
        pytest.skip(f"not on this machine: {', '.join(missing)}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run with CI=true that skipped anything: what is not run is not known to work."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI") == "true":
        reporter.write_line("")
        for report in skipped:
            reporter.write_line(f"CI=true allows no skipped test: {report.nodeid}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of the size that the test names: ``parametrize("small_disk", ["256k"], indirect=True)``."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", place]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("not on this machine: mounting a small tmpfs")
    yield place
    subprocess.run(["umount", place], check=True)
