"""Rules for every test: which programs it needs, and that continuous integration skips nothing."""

from __future__ import annotations

import os
import shutil
import sys
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
