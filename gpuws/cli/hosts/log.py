"""hosts log: what gpuws did on hosts, from the file in which it is written down. Nothing is dialled."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuws.cli.inside.log_window import moment
from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import chosen_hosts
from gpuws.cli.toolkit.setup import real_setup, user_paths
from gpuws.cli.toolkit.tables import render, style, widths
from gpuws.config.load import user_settings
from gpuws.config.paths import Paths
from gpuws.model.errors import GpuwsError
from gpuws.model.host.ran import DAYS, Ran, about, from_line, joined, old_file
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.tables import ran as table

GLANCE = 0.5  # seconds between looks for new lines


def show_log(options: Options, hosts: Sequence[str], lines: int, since: str | None, *, follow: bool) -> int:
    """Those of `hosts`, of all where none is named; the last `lines`, 0: all."""
    paths = user_paths(options)
    if demo_wanted():
        from gpuws.cli.toolkit.demo_files import write_demo_log

        write_demo_log(paths.command_log)
    oldest = moment(since, time.time()) if since else time.time() - DAYS * 86400
    output = _Output(hosts, json=options.json, follow=follow)
    tail = _Tail(paths.command_log)
    found = joined(output.wanted([*_parsed(_read(old_file(paths.command_log))), *tail.more()]))
    if not any(ran.host for ran in found):
        chosen_hosts(real_setup(options), hosts, [])  # TargetError where there is none of that name
    shown = [ran for ran in found if max(ran.at, ran.until or 0.0) >= oldest]
    output.show(shown[-lines:] if lines else shown)
    if not shown:
        note(_nothing(paths, hosts, since))
    while follow:
        time.sleep(GLANCE)
        if more := output.wanted(tail.more()):
            output.show(more)
    return 0


def _nothing(paths: Paths, hosts: Sequence[str], since: str | None) -> str:
    if not user_settings(paths, os.environ).command_log:
        return f"nothing is written down of what runs on hosts: command_log is false in {paths.config_file}"
    where = " and ".join(hosts) or "any host"
    return f"nothing was done on {where} since {since or f'{DAYS} days ago'}, says {paths.command_log}"


class _Output:
    """Lines of `hosts`, as a table whose columns never get narrower, or as JSON; titles once."""

    def __init__(self, hosts: Sequence[str], *, json: bool, follow: bool) -> None:
        self._hosts = hosts
        self._json = json
        self._follow = follow
        self._least: Sequence[int] = ()

    def wanted(self, every: Sequence[Ran]) -> list[Ran]:
        return [ran for ran in every if not self._hosts or any(about(host, ran) for host in self._hosts)]

    def show(self, every: Sequence[Ran]) -> None:
        if self._json:
            lines = [printed(listings.ran(every), indent=None if self._follow else 2)]
        else:
            shown = table.listing(every, hosts=len(self._hosts) != 1)
            lines = render(shown, style(), self._least)[1 if self._least else 0 :] if every or self._follow else []
            self._least = widths(shown, self._least)
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


@dataclass(slots=True)
class _Tail:
    """What comes to the end of the file at `path`, whoever writes it, also once it was begun anew."""

    path: Path
    file: tuple[int, int] | None = None
    offset: int = 0
    half: bytes = b""

    def more(self) -> list[Ran]:
        data = b""
        found = _stamp(self.path)
        if self.file is not None and found != self.file:  # it was set aside: what came before that, then the new one
            old = old_file(self.path)
            data = _read(old, self.offset) if _stamp(old) == self.file else b""
            self.offset = 0
        self.file = found
        new = _read(self.path, self.offset)
        self.offset += len(new)
        *whole, self.half = (self.half + data + new).split(b"\n")
        return _parsed(b"\n".join(whole))


def _parsed(data: bytes) -> list[Ran]:
    return [ran for line in data.split(b"\n") if (ran := from_line(line)) is not None]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _read(path: Path, offset: int = 0) -> bytes:
    """b"" where there is none."""
    try:
        if not path.is_file():  # a pipe would never end
            return b""
        with path.open("rb") as file:
            file.seek(offset)
            return file.read()
    except OSError as error:
        raise GpuwsError(f"{path} can't be read: {error.strerror}") from error
