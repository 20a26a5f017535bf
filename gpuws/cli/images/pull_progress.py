"""The same image brought onto several hosts at once, on stderr: a bar for each host, and for each of its layers."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.tables import cut
from gpuws.model import units
from gpuws.model.placement.plan import Progress
from gpuws.model.text import plain
from gpuws.model.workspace.image import LayerProgress

BAR = 24
EIGHTHS = " ▏▎▍▌▋▊▉"
PHASES = {"waiting": "waits", "unpacking": "unpacks", "done": "done"}


class PullProgress:
    """On a terminal it is drawn over itself; elsewhere there is a line when a host begins. Any thread may report.

    `doing`: what is done with the image, as that line says it."""

    def __init__(self, reference: str, hosts: Sequence[str], doing: str) -> None:
        self.reference = reference
        self._doing = doing
        self._live = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._hosts: dict[str, Progress | None] = dict.fromkeys(hosts)
        self._drawn = 0

    def report(self, host: str, progress: Progress) -> None:
        with self._lock:
            first = self._hosts[host] is None
            self._hosts[host] = replace(progress, text=progress.text.removeprefix(f"{self.reference}: "))
            if self._live:
                self._draw()
            else:
                self.told(host, progress, first=first)

    def told(self, host: str, progress: Progress, *, first: bool) -> None:  # noqa: ARG002 - for who says more
        """What is said where nobody watches."""
        if first:
            note(f"{host}: {self._doing} {self.reference}")

    def end(self) -> None:
        """Clear it; what comes next starts where it began."""
        with self._lock:
            sys.stderr.write(self._up())
            sys.stderr.flush()
            self._drawn, self._live = 0, False

    def _draw(self) -> None:
        size = shutil.get_terminal_size()
        lines = [cut(line, size.columns - 1) for line in lines_of(self._hosts, size.lines - 1)]
        sys.stderr.write(self._up() + "".join(f"{line}\n" for line in lines))
        sys.stderr.flush()
        self._drawn = len(lines)

    def _up(self) -> str:
        return f"\r\x1b[{self._drawn}A\x1b[J" if self._drawn else ""  # the terminal may have shown a ^C


def lines_of(hosts: dict[str, Progress | None], most: int) -> list[str]:
    """At most `most` lines: hosts first, then the layers that are on their way, as far as there is room. Pure."""
    width = max((len(host) for host in hosts), default=0)
    room = max(most - len(hosts), 0)
    lines: list[str] = []
    for host, progress in hosts.items():
        lines.append(_host_line(host.ljust(width), progress))
        moving = [layer for layer in progress.layers if layer.phase != "done"] if progress else []
        shown = moving[:room]
        room -= len(shown)
        lines += [f"{' ' * width}   {_layer_line(layer)}" for layer in shown]
    return lines[:most]


def bar(fraction: float | None, cells: int = BAR) -> str:
    """`cells` characters; dots where nothing is known."""
    if fraction is None:
        return "┄" * cells
    whole, part = divmod(round(min(max(fraction, 0.0), 1.0) * cells * 8), 8)
    return ("█" * whole + (EIGHTHS[part] if part else "")).ljust(cells, "▁")


def _host_line(host: str, progress: Progress | None) -> str:
    if progress is None:
        return f"{host}  {bar(None)}       waits"
    percent = "    " if progress.fraction is None else f"{progress.fraction:4.0%}"
    text = "done" if progress.stage == "done" else plain(progress.text)
    return f"{host}  {bar(progress.fraction)} {percent}  {text}"


def _layer_line(layer: LayerProgress) -> str:
    if layer.phase == "downloading":
        text = f"{units.size(layer.current)} of {units.size(layer.total)}"
    else:
        text = "waits to unpack" if layer.waits_to_unpack else PHASES[layer.phase]
    return f"{plain(layer.id, 12):12} {bar(layer.fraction, BAR // 2)} {text}"
