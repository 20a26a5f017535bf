"""Walk three journeys on the lab and count the files of gpuws in which code runs between the two ends: a figure of
memory from the keeper's hearing of it to its cell, a launch from its key to its row, an attach from argv to the first
bytes of its session.

What runs on clocks meanwhile is no part of a journey; so each is walked several times, and what every walk crossed
counts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inventories import environment, lab_directory
from scripts import crossing
from scripts.structure import ROOT
from tests.terminal import ScreenTerminal

GPUWS = str(Path(sys.executable).with_name("gpuws"))
WALKS = 6
SIZE = 160, 45
SETTLED = 3.0  # seconds in which what a start brings comes to rest
HEARD = "parse_line"  # the keeper's first step with what a host says
PROFILE = "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: 1\nmem_limit: 512m\ntmux: {session: main}\n"
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Journey:
    subject: str
    files: tuple[str, ...]

    @property
    def told(self) -> str:
        return "\n".join(self.files)


@dataclass(frozen=True)
class Road:
    """A user of the lab's host alpha, whose programs note where they run."""

    environ: dict[str, str]
    notes: Path

    def terminal(self, *words: str) -> ScreenTerminal:
        return ScreenTerminal([GPUWS, *words], self.environ, *SIZE)

    def run(self, *words: str) -> None:
        subprocess.run([GPUWS, *words], env=self.environ, stdout=subprocess.DEVNULL, check=True)

    def crossed(self, span: Span) -> frozenset[str]:
        """The files in which code ran then, in any process."""
        begin, end = span
        return frozenset(file for at, file, _ in self._noted() if begin <= at <= end)

    def heard(self, before: float) -> float:
        """When the last word of a host came that was heard before then."""
        return max(at for at, _, function in self._noted() if function == HEARD and at < before)

    def _noted(self) -> Iterator[tuple[float, str, str]]:
        for path in self.notes.iterdir():
            for line in path.read_text().splitlines():
                at, file, function = line.split()
                yield float(at), file, function


def walked() -> Iterator[Journey]:
    for subject, walk in (
        ("files that a figure crosses, heard → cell", figures),
        ("files that a launch crosses, key → row", launches),
        ("files that an attach crosses, argv → bytes", attaches),
    ):
        with road() as one:
            spans = walk(one)
            yield Journey(subject, tuple(sorted(frozenset.intersection(*(one.crossed(span) for span in spans)))))


@contextmanager
def road() -> Iterator[Road]:
    with tempfile.TemporaryDirectory(prefix="gpuws-") as name:
        home = Path(name)
        notes, start = home / "notes", home / "start"
        for folder in (notes, start, home / "profiles"):
            folder.mkdir()
        shutil.copy(crossing.__file__, start / "sitecustomize.py")
        config = lab_directory() / "ssh_config"
        (home / "hosts.yaml").write_text(f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: '{config}'\n")
        (home / "profiles" / "lab.yaml").write_text(PROFILE)
        environ = environment(home, keeper=True) | {
            "PYTHONPATH": f"{start}{os.pathsep}{ROOT}",
            "GPUWS_CROSSING": str(notes),
        }
        one = Road(environ, notes)
        try:
            yield one
        finally:
            one.run("keeper", "stop")


def figures(one: Road) -> list[Span]:
    """A GPU's memory, changed in the simulated driver."""
    from tests.lab import faults

    spans = []
    with one.terminal() as screen:
        screen.wait_for("torch-dev")
        time.sleep(SETTLED)
        for walk in range(WALKS):
            faults.set_gpus("alpha", {3: {"memory_used": (21 + walk) << 30}})
            spans.append((one.heard(painted := shown(screen, rf" 3 .* {21 + walk}/80G ")), painted))
    faults.reset("alpha")
    return spans


def launches(one: Road) -> list[Span]:
    spans = []
    with one.terminal() as screen:
        screen.wait_for("torch-dev")
        time.sleep(SETTLED)
        for _ in range(WALKS):
            screen.send("n")
            screen.wait_for("docker run")
            screen.wait_for("ready")
            time.sleep(SETTLED)
            begun = time.monotonic()
            screen.press("ctrl+l")
            spans.append((begun, shown(screen, r"(?m)^[ ▌]+3 .*lab-alice")))
            one.run("rm", "-f", "--yes", "alpha/lab-alice")
            screen.wait_for(lambda text: "lab-alice" not in text)
    return spans


def attaches(one: Road) -> list[Span]:
    one.run("gpus")
    time.sleep(SETTLED)

    def walk() -> Span:
        begun = time.monotonic()
        with one.terminal("attach", "alpha/torch-dev") as terminal:
            return begun, shown(terminal, "loss")

    return [walk() for _ in range(WALKS)]


def shown(terminal: ScreenTerminal, wanted: str) -> float:
    """When it was."""
    terminal.wait_for(wanted)
    return time.monotonic()
