"""Options that several commands share, and what they come to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fhir2dicom.errors import SettingsError
from fhir2dicom.model import Problem, StudyOrder
from fhir2dicom.settings import SETTINGS, Setting, resolve, variable
from fhir2dicom.source.source import Auth, open_source

Command = Callable[..., Any]

_ROWS: Mapping[str, Setting] = {s.name: s for s in SETTINGS}
_SECRET_BYTES = 64 << 10


def setting(name: str) -> Callable[[Command], Command]:
    """Return the option of one setting, with its row's help."""
    row = _ROWS[name]
    shown = f" [default: {row.default}]" if row.default not in (None, "", True) else ""
    kind = click.IntRange(min=1) if isinstance(row.read("1"), int) and name != "slices_per_study" else str
    return click.option(f"--{name.replace('_', '-')}", name, type=kind, help=row.help + shown)


source_argument = click.argument("source", required=False, default="")
"""Where studies come from."""


def reading(command: Command) -> Command:
    """Add the options of a command that reads a source; its ``source`` is the command's own."""
    options = (
        setting("hapi_url"),
        setting("max_studies"),
        setting("patient_id"),
        setting("seed"),
        setting("slices_per_study"),
        click.option(
            "--config", type=click.Path(path_type=Path), help="YAML file, block imaging.dicom_generation."
        ),
        click.option(
            "--auth-token-file", type=click.Path(path_type=Path), help="File with the bearer token."
        ),
        click.option("--basic-user", default="", help="User name for the server."),
        click.option(
            "--basic-password-file", type=click.Path(path_type=Path), help="File with its password."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command line, the environment and the configuration come to."""

    location: str
    settings: Mapping[str, Any]
    auth: Auth

    @property
    def is_local(self) -> bool:
        """Return whether the source is a file or a folder, which ends and can be counted."""
        return "://" not in self.location or self.location.lower().startswith("file:")

    def orders(self) -> Iterator[StudyOrder | Problem]:
        """Open the source."""
        return open_source(
            self.location,
            patient=self.settings["patient_id"],
            max_studies=self.settings["max_studies"],
            auth=self.auth,
        )


def wanted(
    source: str,
    config: Path | None,
    auth_token_file: Path | None,
    basic_user: str,
    basic_password_file: Path | None,
    **flags: Any,
) -> Wanted:
    """Return what is wanted, or say what is wrong with it.

    Raises
    ------
    SettingsError
        A setting is wrong.
    click.UsageError
        There is no source, there are two, or no such file.
    """
    settings = resolve(flags, os.environ, config)
    location = _location(source, flags.get("hapi_url"), settings["hapi_url"])
    token = _secret(auth_token_file) or settings["auth_token"]
    password = _secret(basic_password_file) or settings["basic_password"]
    if token and basic_user:
        raise click.UsageError("both a bearer token and --basic-user: expected one of them")
    return Wanted(location, settings, Auth(basic_user, password, token))


def _location(source: str, flag: str | None, set_elsewhere: str) -> str:
    if source and flag:
        raise click.UsageError(f"both SOURCE {source!r} and --hapi-url {flag!r}: expected one of them")
    location = source or flag or set_elsewhere
    if not location:
        raise click.UsageError(
            f"nothing to read: expected SOURCE (FHIR base URL, Bundle, NDJSON, folder), --hapi-url or {variable(_ROWS['hapi_url'])}"
        )
    if "\0" in location:
        raise click.UsageError("SOURCE holds a NUL character; expected a path or a URL")
    if "://" not in location and not Path(location).exists():
        raise click.UsageError(
            f"{location}: no such file or folder; expected a FHIR base URL (https://…), a Bundle, NDJSON or a folder"
        )
    if location == flag and "://" not in location:
        raise click.UsageError(f"--hapi-url {location}: no URL; expected https://…")
    return location


def _secret(file: Path | None) -> str:
    """Return a file's first line."""
    if file is None:
        return ""
    try:
        with file.open("rb") as stream:
            found = stream.read(_SECRET_BYTES).decode().strip().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file}: {getattr(error, 'strerror', None) or 'no text'}; expected a secret"
        ) from None
    if not found:
        raise SettingsError(f"{file}: empty; expected a secret")
    return found
