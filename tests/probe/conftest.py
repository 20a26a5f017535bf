"""The simulated NVML, compiled once, and probes on this machine."""

import itertools
import json
import os
import queue
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpuws.link import interpreter
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.probe.bootstrap import AgentOptions
from gpuws.probe.client import Probe
from tests.probe.drivers import HEADER
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
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-pthread", "-Wl,-soname,libnvidia-ml.so.1", "-o", str(library), *sources],
        check=True,
    )
    return folder


@pytest.fixture
def nvml(nvml_library, tmp_path):
    return Nvml(nvml_library, tmp_path / "gpus.txt")


class Watched:
    """A probe whose messages wait in a queue."""

    def __init__(self, place: LocalPlace, options: AgentOptions, host: Host):
        self.place = place
        self.messages: queue.Queue[object] = queue.Queue()
        self.end: queue.Queue[Fault] = queue.Queue()
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
def watch(monkeypatch):
    started = []

    def start(env=None, *, noise="", interval=0.2, lease=30.0, lifetime=600.0, host=None, place=None, candidates=None):
        if candidates is not None:
            monkeypatch.setattr(interpreter, "PYTHONS", tuple(candidates))
        options = AgentOptions(interval, lease, lifetime)
        started.append(Watched(place or LocalPlace(env, noise), options, host or Host("local")))
        return started[-1]

    yield start
    for watched in started:
        watched.probe.close()
        watched.place.close()


@pytest.fixture
def sleeper():
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", "train.py"], stdin=subprocess.PIPE)
    yield child
    child.kill()
    child.wait()


STEPS = """
import json, sys
from gpuws.probe.agent import gpu, nvml
nvml.RESCAN = nvml.TRY_AGAIN = 0
reader = nvml.Nvml()
for line in sys.stdin:
    print(json.dumps(reader.read(gpu.Turn(int(line) - 1, int(line)))), flush=True)
"""


@pytest.fixture
def step(nvml):
    """Write a table and read it once, in one process; `gpus` and `processes` of what was read."""
    command = [sys.executable, "-c", STEPS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env={**os.environ, **nvml.env}, text=True) as child:
        turns = itertools.count()

        def read(*gpus, turn=None):
            nvml.write(HEADER + "".join(gpus))
            child.stdin.write(f"{next(turns) if turn is None else turn}\n")
            child.stdin.flush()
            found = json.loads(child.stdout.readline())
            return [(row["uuid"][:12], row["health"]) for row in found["gpus"]], found

        yield read
        child.stdin.close()
