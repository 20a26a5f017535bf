"""The agent's loop: a hello, then a sample every interval, until nobody listens."""

import json
import os
import sys
import threading
import time
import traceback

from . import machine
from .background import Background
from .lifetime import settle, watch_stdin
from .nvml import DriverChanged, Nvml
from .processes import Processes
from .tmux import Tmux

VERSION = 1
SESSIONS_EVERY = 3  # samples
SESSIONS_WAIT = 0.5  # seconds that such a sample waits for them
FIRST_WAIT = 3.0  # seconds that the first sample waits for the GPUs
HUNG_AFTER = 5.0  # seconds that one reading of the GPUs may take
HUNG = "NVML not responding for %d s"
WAITING = "waiting for NVML, which takes long to start"
FAILED = "reading the GPUs failed on the host"


class Agent:
    def __init__(self, interval):
        self.interval = interval
        self.seq = 0
        self.cpu = machine.Cpu()
        self.nvml = Nvml()
        self.processes = Processes()
        self.tmux = None
        self.turn = 0
        self.sessions = Background("sessions", self._read_sessions)
        self.gpus = Background("gpus", self._read_gpus)

    def run(self):
        """Write until the other side is gone."""
        try:
            self.sessions.ask()
            self.gpus.ask()
            found = self.sessions.wait(1.0)
            self._say(machine.facts(bool(found and found["has_tmux"])))
            due = time.monotonic()
            while True:
                self._say(self._sample())
                self.seq += 1
                due = max(due + self.interval, time.monotonic())
                time.sleep(due - time.monotonic() if due > time.monotonic() else 0.01)
        except OSError:
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def _say(self, message):
        message["v"] = VERSION
        line = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
        while line:
            line = line[os.write(1, line) :]

    def _sample(self):
        asked = self.seq % SESSIONS_EVERY == 0
        if asked and self.seq:
            self.sessions.ask()
        if self.seq:
            self.gpus.ask()
        sample = self._gpu_part(self.gpus.wait(self.interval / 2 if self.seq else FIRST_WAIT), self.gpus.busy_for())
        found = self.sessions.wait(SESSIONS_WAIT if asked else 0) or {}
        asked = asked and not self.sessions.busy_for()
        used, total = machine.memory()
        sample.update(
            type="sample",
            seq=self.seq,
            cpu_percent=self.cpu.percent(),
            load=machine.load(),
            memory_used=used,
            memory_total=total,
            disks=found.get("disks", []),
            sessions=found.get("sessions") if asked else None,
        )
        return sample

    def _gpu_part(self, found, busy):
        """The newest reading. Where the present one hangs, the GPUs stay as rows without values."""
        if found is None:
            error = HUNG % busy if busy > HUNG_AFTER else WAITING if busy else FAILED
            return {"source": None, "error": error, "gpus": [], "processes": []}
        if busy <= HUNG_AFTER:
            return dict(found)
        error = HUNG % busy
        rows = [
            {"index": row["index"], "uuid": row["uuid"], "name": row["name"], "health": "error", "error": error}
            for row in found["gpus"]
        ]
        return dict(found, source=None, error=error, gpus=rows, processes=[])

    def _read_sessions(self):
        if self.tmux is None:
            self.tmux = Tmux(os.environ.get("PATH", os.defpath), os.environ.get("HOME", "/root"))
        sessions, panes = self.tmux.read() or (None, {})
        return {
            "has_tmux": self.tmux.program is not None,
            "sessions": sessions,
            "panes": panes,
            "disks": machine.disks(),
        }

    def _read_gpus(self):
        try:
            found = self.nvml.read(self.turn)
        except DriverChanged:
            sys.stderr.write("the NVIDIA driver was changed\n")
            os._exit(3)
        self.turn += 1
        if found["processes"]:
            known = self.sessions.wait(0.5) or {}
            described = self.processes.describe({row["pid"] for row in found["processes"]}, known.get("panes"))
            found["processes"] = [
                dict(row, **described[row["pid"]]) for row in found["processes"] if row["pid"] in described
            ]
        for row in found["gpus"]:
            if row.pop("unified", False):
                row.update(unified_memory(row["uuid"], found["processes"]))
        return found


def unified_memory(uuid, processes):
    """A GPU that shares the host's memory has its size; in use is what its processes hold."""
    held = [process["memory"] for process in processes if process["gpu_uuid"] == uuid]
    return {"memory_total": machine.memory()[1], "memory_used": None if None in held else sum(held)}


def main(options):
    """`interval`, `lease` and `lifetime` in seconds."""
    settle()
    threading.Thread(target=Agent(options["interval"]).run, name="samples", daemon=True).start()
    watch_stdin(options["lease"], options["lifetime"])
    os._exit(0)  # without waiting for a thread that a driver holds
