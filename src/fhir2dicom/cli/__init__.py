"""The commands: one file each, found by its name. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import logging
import os
import pkgutil
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from fhir2dicom.errors import Fhir2DicomError, SettingsError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it; also when asked to end (SIGTERM) or left by the terminal (SIGHUP)."""

_HELPERS = frozenset({"options", "progress", "report", "sheet", "page", "pictures"})
"""Modules beside the commands that are none."""


class Door(click.Group):
    """The group of commands, at which every error becomes one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names of all commands."""
        return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in _HELPERS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by the name of its module, which nobody imports before it is wanted."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return found if isinstance(found, click.Command) else None

    def main(  # type: ignore[override]  # click has one signature a mode; ours is one of them
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run a command and leave with its exit code; who is asked to end tidies up as after Ctrl-C."""
        for asked in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(asked) is signal.SIG_DFL:  # not one that nohup has closed our ears to
                signal.signal(asked, signal.default_int_handler)
        extra.pop("standalone_mode", None)
        sys.exit(_exit_code(lambda: super(Door, self).main(args, prog_name, standalone_mode=False, **extra)))


def _exit_code(command: Any) -> int:
    try:
        return int(command() or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        say(error.format_message())
        return error.exit_code
    except Fhir2DicomError as error:
        say(str(error))
        return 2 if isinstance(error, SettingsError) else 1
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  the last door
        return _bug(error)


def _bug(error: Exception) -> int:
    if logging.getLogger("fhir2dicom").isEnabledFor(logging.INFO):
        traceback.print_exc()
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = place.filename.rpartition("/")[2]
    say(f"a bug: {type(error).__name__} at {file}:{place.lineno}: {error} (-v shows more)")
    return 1


def say(message: str) -> None:
    """Print one line to stderr."""
    click.echo(f"fhir2dicom: {' '.join(message.split())}", err=True)


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="fhir2dicom", message="%(prog)s %(version)s")
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice: everything.")
def main(verbose: int) -> None:
    """Make the DICOM studies that synthetic FHIR patients' ImagingStudy resources speak of.

    The images are synthetic and not for diagnosis.
    """
    ours = logging.getLogger("fhir2dicom")
    ours.setLevel((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)])
    if not any(isinstance(h, _Stderr) for h in ours.handlers):
        ours.addHandler(_Stderr())


class _Stderr(logging.Handler):
    """Prints what rooms log, one line each."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())
