"""The agent's loop: a hello, then a sample every interval, until nobody listens."""

import _thread
import os
import sys
import time

from . import machine
from .containers.watch import Containers
from .faults.sources import Sources
from .gpu import Turn
from .lifetime import PAGE, cost, settle, watch_stdin
from .load.mounts import REMEDY, Stalled, sentence
from .load.top import Top
from .nvml import DriverChanged, Nvml, fault, nothing
from .processes import Processes
from .programs import Programs
from .silicon.jetson import Jetson
from .threads import Background, Event, start, tell_failure
from .tmux import Tmux

try:
    from _json import encode_basestring_ascii, make_encoder  # all of `json` takes a megabyte and a half
except ImportError:  # not CPython
    from json import dumps
else:
    _encode = make_encoder(None, None, encode_basestring_ascii, None, ":", ",", False, False, True)

    def dumps(message):
        return "".join(_encode(message, 0))


VERSION = 1
SESSIONS_EVERY = 5  # usual intervals
LOOKED_AT_EVERY = 2  # the same, while somebody looks
LOOKED_AT = 1.0  # seconds between samples then
FAULTS_EVERY = 30
CONTAINERS_EVERY = 15.0  # seconds, while nobody asks; the second reading, which first tells of CPU, comes sooner
CONTAINERS_WAIT = 0.3  # seconds that the first sample waits for them
SESSIONS_WAIT = 0.5  # seconds that such a sample waits for them
LOG_WAIT = 0.3  # the same, for what the kernel's log says of a fault
SHORTEST_PAUSE = 0.01
FIRST_WAIT = 3.0  # seconds that the first sample waits for the GPUs
HUNG_AFTER = 5.0  # seconds that one reading of the GPUs may take
LOOK, BUSIEST, CONTAINERS = b"look", b"busiest", b"containers"
HUNG = "NVML not responding for %d s"
SAME_MEMORY = 1 << 20  # bytes
WAITING = ("starting", "waiting for NVML, which takes long to start")
FAILED = ("unread", "reading the GPUs failed on the host")


class Agent:
    def __init__(self, interval, asked):
        """`interval` in seconds; `asked`: what tmux is asked."""
        self.interval = interval
        self.asked = asked
        self.seq = 0
        self.cpu = machine.Cpu()
        self.network = machine.Network()
        self.nvml = Nvml()
        self.processes = Processes()
        self.jetson = Jetson()
        self.tmux = None
        self.top = None
        self.stalled = Stalled()
        self.began = 0.0  # monotonic seconds: when the first sample was due
        self.turn = Turn(-1, 0)  # of this sample
        self.read_at = -1  # the count at the last reading of the GPUs
        self.looking = False
        self.owed = False  # sessions that were asked for and not told yet
        self.wanted = Event()  # a sample, before its time
        self.sources = Sources(self.nvml.events)
        self.faults = Background(lambda: self.sources.read_log(programs))
        self.sessions = Background(self._read_sessions)
        self.gpus = Background(self._read_gpus)
        self.busiest = Background(self._tell_busiest)
        self.groups = Containers()
        self.containers = Background(self._tell_containers)
        self.containers_due = 0.0
        self.saying = _thread.allocate_lock()

    def run(self):
        """Write until the other side is gone."""
        try:
            self.sessions.ask()
            self.gpus.ask()
            self.sessions.wait(1.0)  # what tmux says may take longer; that it is there is known at once
            self._say(machine.facts(self.tmux is not None and self.tmux.program is not None))
            self.containers.ask()
            self.containers.wait(CONTAINERS_WAIT)
            self.began = due = time.monotonic()
            while True:
                sample = self._sample()
                self._say(sample)
                self.seq += 1
                due = max(due + sample["interval"], time.monotonic())
                if self.wanted.wait(max(due - time.monotonic(), SHORTEST_PAUSE)):
                    self.wanted.clear()
                    due = time.monotonic()
        except OSError:
            os._exit(0)
        except BaseException:
            tell_failure()
            os._exit(1)

    def hear(self, word):
        """A line from the client: whether somebody looks closely, or a question."""
        if word == BUSIEST:
            self.busiest.ask()
            return
        if word == CONTAINERS:
            self.containers.ask()
            return
        looking = word == LOOK
        if looking and not self.looking:
            self.wanted.set()
        self.looking = looking

    def pace(self):
        """Seconds until the next sample: while somebody looks half of what is usual, not under one."""
        return max(self.interval / 2, min(self.interval, LOOKED_AT)) if self.looking else self.interval

    def _say(self, message):
        message["v"] = VERSION
        left = line(message)
        with self.saying:
            while left:
                left = left[os.write(1, left) :]

    def _sample(self):
        if self.seq:
            self.turn = Turn(self.turn.now, int((time.monotonic() - self.began) / self.interval + 0.5))
        asked = self.turn.due(LOOKED_AT_EVERY if self.looking else SESSIONS_EVERY)
        if asked:
            self.owed = True
            if self.seq:
                self.sessions.ask()
        if self.seq:
            self.gpus.ask()
        if self.turn.due(FAULTS_EVERY, 1):
            self.faults.ask()
        if self.seq and time.monotonic() >= self.containers_due:
            self.containers_due = time.monotonic() + CONTAINERS_EVERY
            self.containers.ask()
        sample = self._gpu_part(self.gpus.wait(self.interval / 2 if self.seq else FIRST_WAIT), self.gpus.busy_for())
        if self.sources.news():
            self.faults.ask()
            self.faults.wait(LOG_WAIT)
        found = self.sessions.wait(SESSIONS_WAIT if asked else 0) or {}
        told = self.owed and not self.sessions.busy_for()  # what came late goes with the next sample
        self.owed = self.owed and not told
        used, total = machine.memory()
        received, sent = self.network.rates()
        sample.update(
            type="sample",
            seq=self.seq,
            cpu_percent=self.cpu.percent(),
            load=machine.load(),
            memory_used=used,
            memory_total=total,
            io_wait=machine.io_wait(),
            net_received=received,
            net_sent=sent,
            disks=found.get("disks", []),
            warnings=sample.get("warnings", []) + found.get("stalled", []),
            sessions=found.get("sessions") if told else None,
            interval=self.pace(),
            cost=cost(self.nvml.first_sample),
        )
        sample.update(self.sources.told())
        return sample

    def _gpu_part(self, found, busy):
        """The newest reading. Where the present one hangs, the GPUs stay as rows without values."""
        if found is None:
            why = ("hung", HUNG % busy) if busy > HUNG_AFTER else WAITING if busy else FAILED
            return nothing("waiting" if busy else "failed", *why)
        if busy <= HUNG_AFTER:
            return dict(found)
        error = HUNG % busy
        rows = [
            {"index": row["index"], "uuid": row["uuid"], "name": row["name"], "health": "error", "error": error}
            for row in found["gpus"]
        ]
        return dict(found, source=None, error=fault("hung", error), gpus=rows, processes=[])

    def _read_sessions(self):
        if self.tmux is None:
            self.tmux = Tmux(programs(), self.asked)
        sessions, panes = self.tmux.read() or (None, {})
        return {
            "has_tmux": self.tmux.program is not None,
            "sessions": sessions,
            "panes": panes,
            "disks": machine.disks(),
            "stalled": [dict(fault("stalled-mount", sentence(one)), remedy=REMEDY) for one in self.stalled.look()],
        }

    def _tell_busiest(self):
        """All that can hang here is this thread: a command line may be locked by a process that hangs."""
        if self.top is None:
            self.top = Top(PAGE)
        known = self.sessions.result or {}
        self._answer(dict(self.top.read(known.get("panes")), type="busiest", stalled=self.stalled.told))

    def _tell_containers(self):
        self._answer({"type": "containers", "containers": self.groups.read()})

    def _answer(self, message):
        try:
            self._say(message)
        except OSError:
            os._exit(0)

    def _read_gpus(self):
        try:
            before, self.read_at = self.read_at, self.turn.now
            found = self.nvml.read(Turn(before, self.read_at), self.looking)
        except DriverChanged:
            sys.stderr.write("the NVIDIA driver was changed\n")
            os._exit(3)
        if found["processes"]:
            found["processes"] = self._living(found)
        found = self.jetson.complete(found)
        for row in found["gpus"]:
            share_memory(row, *machine.memory())
        return found

    def _living(self, found):
        """The processes of a reading that have not ended, described. A GPU that lost one is read once more."""
        known = self.sessions.wait(0.5) or {}
        described = self.processes.describe({row["pid"] for row in found["processes"]}, known.get("panes"))
        ended = {row["gpu_uuid"] for row in found["processes"] if row["pid"] not in described}
        if ended:
            self.nvml.reread(found["gpus"], ended)
        return [dict(row, **described[row["pid"]]) for row in found["processes"] if row["pid"] in described]


def share_memory(row, used, total):
    """A GPU whose memory is the machine's has no figures of its own, or the machine's: what is in use of it is
    everybody's."""
    own = row.get("mig") is not None or abs((row.get("memory_total") or 0) - (total or 0)) >= SAME_MEMORY
    if row.get("unified") or (total and not own):
        row.update(unified=True, memory_used=used, memory_total=total)


def line(message):
    """A message as it is sent."""
    return dumps(message).encode("ascii") + b"\n"


def programs():
    """Looked for by each thread that needs some: where a home directory hangs, only that thread does."""
    return Programs(os.environ.get("PATH", os.defpath), os.environ.get("HOME", "/root"))


def main(options):
    """`interval`, `lease` and `lifetime` in seconds; `tmux`: what tmux is asked."""
    settle()
    agent = Agent(options["interval"], options["tmux"])
    start(agent.run)
    watch_stdin(options["lease"], options["lifetime"], agent.hear)
    os._exit(0)  # without waiting for a thread that a driver holds
