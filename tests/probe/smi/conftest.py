"""A machine whose only way to its GPUs is a program called nvidia-smi."""

import json
import os
import queue
import shutil
import sys
from pathlib import Path

import pytest

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.probe.smi import client, script
from tests.probe.local_place import LocalPlace

REASON = Fault("no-python", "no python3 found on the host")
FAKE = Path(__file__).with_name("fake_nvidia_smi.py")
PROGRAMS = ["sh", "id", "uname", "cat", "getconf", "sleep", "timeout", "head", "wc", "ps", "env", "printf"]


class Machine:
    def __init__(self, folder: Path):
        self.folder = folder
        self.table = folder / "table.json"
        self.listed = folder / "listed"
        (folder / "bin").mkdir()
        for name in PROGRAMS:
            (folder / "bin" / name).symlink_to(shutil.which(name))
        self.env = {"PATH": str(folder / "bin"), "SMI_TABLE": str(self.table)}

    def write(self, **table) -> None:
        program = self.folder / "bin" / "nvidia-smi"
        if not program.exists():
            program.write_text(f'#!/bin/sh\nexec {sys.executable} {FAKE} "$@"\n')
            program.chmod(0o755)
        partial = self.table.with_suffix(".partial")
        partial.write_text(json.dumps(table))
        partial.replace(self.table)

    def record(self, reply: str) -> None:
        """nvidia-smi as one that gave these answers: the body of a shell script, for `$1`, its question."""
        program = self.folder / "bin" / "nvidia-smi"
        program.write_text(
            f"#!/bin/sh\ncase $1 in --query-gpu*) asked=gpus;; --query-c*) asked=apps;; *) asked=$1;; esac\n{reply}\n"
        )
        program.chmod(0o755)

    def list_gpu(self, bus: str, uuid: str, name: str) -> None:
        """As the kernel's driver does in /proc."""
        (self.listed / bus).mkdir(parents=True)
        text = f"Model: \t\t {name}\nIRQ:   \t\t 42\nGPU UUID: \t {uuid}\nBus Location: \t {bus}\n"
        (self.listed / bus / "information").write_text(text)

    def processes(self) -> list[int]:
        """Those of the fake that run now."""
        found = []
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words, environ = cmdline.read_bytes(), cmdline.with_name("environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(FAKE) in words and os.fsencode(self.table) in environ:
                found.append(int(cmdline.parent.name))
        return found


class Watched:
    def __init__(self, place: LocalPlace):
        self.place = place
        self.messages: queue.Queue[object] = queue.Queue()
        self.end: queue.Queue[Fault] = queue.Queue()
        host = Host("local", telemetry_interval=1.0)
        self.probe = client.SmiProbe(place, host, self.messages.put, self.messages.put, self.end.put, reason=REASON)
        self.probe.start()

    def reading(self, wanted=lambda reading: reading.source):
        for _ in range(100):
            reading = self.messages.get(timeout=20)
            if not isinstance(reading, HostFacts) and wanted(reading):
                return reading
        raise AssertionError(f"no such reading; the last one is {reading}")


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def watch(machine, monkeypatch):
    started = []

    def start(noise="", lease=script.LEASE):
        monkeypatch.setattr(client, "argv", lambda interval: script.argv(interval, lease, str(machine.listed)))
        started.append(Watched(LocalPlace(machine.env, noise)))
        return started[-1]

    yield start
    for watched in started:
        watched.probe.close()
        watched.place.close()
