"""The page of what gpuws does on servers, from the table that names lines of its log: `python -m scripts.footprint`
writes it."""

from __future__ import annotations

from pathlib import Path

from gpuws.model.host.footprint import DEEDS, OTHERS, Deed

PAGE = Path(__file__).parent.parent / "docs" / "on-servers.md"
INTRODUCTION = """# What gpuws does on a server

Everything that it ever does there, whether paramiko or the system's ssh carries it: who has it done, and how often. All
of it is done as you, by your login; nothing is installed ([security](security.md#what-runs-on-a-server) says what each
may read and write). What was done is written down on your workstation:

```console
$ gpuws hosts log alpha                       # each login, command, terminal, connection, call of the engine
$ gpuws hosts log alpha --since 1h             # -f goes on with what is done from now on
```

The column `FOR` of that list names a row of this table. The file (`gpuws paths`: `command_log`) is yours alone (0600),
holds 30 days and 8 MiB at most, and no secret: values of variables, tokens and passwords are stars, and what goes to a
program's input is never in it. What is done again and again is written three times, then counted. Lines that a full
disk did not take are missing, and a line says how many. `command_log: false` in
[config.yaml](configuration.md#configyaml) switches it off. A word to the probe each few seconds is no command.

On a read-only host nothing is changed, and nothing runs inside containers.

| for | what | seen there as | who | how often |
|---|---|---|---|---|
"""
END = """
This page is written by `python -m scripts.footprint`.
"""


def page() -> str:
    """All rows, in their order."""
    return INTRODUCTION + "".join(f"{_row(deed)}\n" for deed in (*DEEDS, OTHERS)) + END


def _row(deed: Deed) -> str:
    return f"| {deed.name} | {deed.does} | {deed.shown} | {deed.who} | {deed.often} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
