"""Write docs/commands.md and docs/settings.md from the program itself; a test holds them to it.

usage: python tools/reference.py
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click
from click.testing import CliRunner

from fhir2dicom.settings import BLOCK, SETTINGS, variable

DOCS = Path(__file__).parents[1] / "docs"
MADE = "<!-- Written by tools/reference.py from the program itself. -->\n"

SETTINGS_HEAD = f"""# Settings

{MADE}
A flag (`--max-studies 5`) beats the environment, that beats the file, that the default. Passwords and tokens are never
flags: give them in the environment.

The file is YAML (`--config FILE`) and holds the block `{BLOCK}`; other blocks are not looked at:

```yaml
imaging:
  dicom_generation:
    enabled: true
    slices_per_study: 30        # or {{CT: 30, MR: 20}}
    compression: none
    output_directory: dicom
```"""


def group() -> click.Group:
    """Return the command line's group of commands."""
    found = importlib.import_module("fhir2dicom.cli").main
    if not isinstance(found, click.Group):
        raise TypeError("fhir2dicom.cli.main is not a click group")
    return found


def commands() -> dict[str, click.Command]:
    """Return every command by name."""
    context = click.Context(group())
    found = {name: group().get_command(context, name) for name in group().list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def helped(*arguments: str) -> str:
    """Return what a command says of itself, 100 characters wide."""
    settings = {"terminal_width": 100, "max_content_width": 100, "prog_name": "fhir2dicom"}
    return CliRunner().invoke(group(), [*arguments, "--help"], **settings).output


def commands_page() -> str:
    """Return the help of every command."""
    parts = ["# Commands", MADE, f"```\n{helped()}```"]
    for name in commands():
        parts += [f"## {name}", f"```\n{helped(name)}```"]
    return "\n\n".join(p.rstrip("\n") for p in parts) + "\n"


def settings_page() -> str:
    """Return one row a setting: its flag, its name in the environment and in the file."""
    rows = [
        "| setting | environment | file | default | |",
        "|---|---|---|---|---|",
    ]
    for s in SETTINGS:
        default = "" if s.default in {None, ""} else f"`{str(s.default).lower()}`"
        rows.append(
            f"| `{s.name}` | `{variable(s)}` | {f'`{s.key}`' if s.key else ''} | {default} | {s.help.replace('|', '/')} |"
        )
    return "\n\n".join([SETTINGS_HEAD, "\n".join(rows)]) + "\n"


PAGES = {"commands.md": commands_page, "settings.md": settings_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
