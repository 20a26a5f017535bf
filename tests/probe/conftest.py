"""The simulated NVML, compiled once, and probes on this machine."""

import os
import queue
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from gpuws.model.host import Host
from gpuws.model.reading import HostFacts
from gpuws.probe.bootstrap import Options
from gpuws.probe.client import Probe
from tests.probe.local_place import LocalPlace

SOURCES = Path(__file__).parents[1] / "lab" / "nvml"
TABLE = '"/run/gpuws-lab/gpus.txt"'


def ended(pid: int, seconds: float) -> bool:
    """Wait for the end of a process that is not ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


class Nvml:
    """A driver of `text`, which may be rewritten at any time; `env` makes programs load it."""

    def __init__(self, library: Path, table: Path):
        self.table = table
        self.env = {"LD_LIBRARY_PATH": str(library), "GPUWS_TEST_TABLE": str(table)}

    def write(self, text: str) -> None:
        partial = self.table.with_suffix(".partial")
        partial.write_text(text)
        partial.replace(self.table)


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory):
    if not shutil.which("cc"):
        pytest.skip("no C compiler for the simulated NVML")
    folder = tmp_path_factory.mktemp("nvml")
    for source in SOURCES.glob("*.[ch]"):
        text = source.read_text()
        if source.name == "table.c":
            assert TABLE in text
            text = text.replace(TABLE, 'getenv("GPUWS_TEST_TABLE")')
        (folder / source.name).write_text(text)
    sources = [str(source) for source in folder.glob("*.c")]
    library = folder / "libnvidia-ml.so.1"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-pthread", "-o", str(library), *sources], check=True)
    return folder


@pytest.fixture
def nvml(nvml_library, tmp_path):
    return Nvml(nvml_library, tmp_path / "gpus.txt")


class Watched:
    """A probe whose messages wait in a queue."""

    def __init__(self, place: LocalPlace, options: Options, host: Host):
        self.place = place
        self.messages: queue.Queue[object] = queue.Queue()
        self.end: queue.Queue[str] = queue.Queue()
        self.probe = Probe(place, host, self.messages.put, self.messages.put, self.end.put, options=options)
        self.probe.start()

    @property
    def child(self):
        return self.place.started[0]._child

    def facts(self) -> HostFacts:
        facts = self.messages.get(timeout=20)
        assert isinstance(facts, HostFacts)
        return facts

    def reading(self, wanted=lambda reading: True):
        """The next reading that is as wanted."""
        for _ in range(100):
            reading = self.messages.get(timeout=20)
            if not isinstance(reading, HostFacts) and wanted(reading):
                return reading
        raise AssertionError(f"no such reading; the last one is {reading}")


@pytest.fixture
def watch():
    started = []

    def start(env=None, *, noise="", interval=0.2, lease=30.0, lifetime=600.0, host=None):
        options = Options(interval, lease, lifetime)
        started.append(Watched(LocalPlace(env, noise), options, host or Host("local")))
        return started[-1]

    yield start
    for watched in started:
        watched.probe.close()
        watched.place.close()
