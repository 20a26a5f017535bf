"""The workstation's end of the probe: feeds the agent to a host and hands its samples on."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

from gpuws.link import interpreter
from gpuws.link.place import Place, Process
from gpuws.model.errors import GpuwsError, HostError, NoRoom
from gpuws.model.gpu.fault import Fault, FaultKind
from gpuws.model.gpu.reading import HostFacts, HostReading
from gpuws.model.host.busiest import LoadTold
from gpuws.model.host.host import Host
from gpuws.model.host.swallowed import MARK, Printed, judge
from gpuws.model.text import plain
from gpuws.model.workspace.usage import Counters
from gpuws.probe import bootstrap
from gpuws.probe.answers import Answers
from gpuws.probe.lines import LineReader, paced, unhurried
from gpuws.probe.parse import parse_line
from gpuws.probe.parse_containers import parse_containers
from gpuws.probe.parse_load import parse_load
from gpuws.probe.run import ProbeRun

NO_PYTHON = Fault("no-python", "no python3 found on the host", "install python3 or set `python:` for it in hosts.yaml")
FIT = "Python 3.6 or newer with zlib and ctypes"


def no_python(named: str | None, *, unfit: bool) -> Fault:
    """Why no interpreter was found. `named`: the `python:` of hosts.yaml, the only one that is tried then; `unfit`:
    there is one, which won't do."""
    if named is None:
        return Fault("no-python", f"its python3 is no {FIT}", NO_PYTHON.remedy) if unfit else NO_PYTHON
    why = f"is no {FIT}" if unfit else "is not there, or may not be run"
    remedy = "name another, or leave `python:` out: then one is looked for"
    return Fault("no-python", f"`python: {plain(named, 200)}` of hosts.yaml {why}", remedy)


HELLO_DEADLINE = 20.0  # seconds: an interpreter on a slow network file system takes several
HEARTBEAT = 5.0
LOOK = b"look\n"  # a heartbeat, while somebody looks closely
BUSIEST, CONTAINERS = b"busiest\n", b"containers\n"
PATIENCE = 10.0  # seconds for an answer that is asked for
A_MOMENT = 3.0  # the same, where another can tell it
SILENCE = 15.0  # seconds without a line from an agent that has said hello
LAST_WORDS = 2.0  # seconds between the end of its output and what else it leaves
STDERR_LINES = 20


class Probe(ProbeRun):
    """One run of the agent on one host. Callbacks come from the probe's own threads, none after `close`.

    `on_end` is called once where the probe ends by itself: it never said hello, fell silent, was killed there or has
    reached its age; it gets why. Then make a new Probe."""

    def __init__(
        self,
        place: Place,
        host: Host,
        on_facts: Callable[[HostFacts], None],
        on_reading: Callable[[HostReading], None],
        on_end: Callable[[Fault], None],
        *,
        on_containers: Callable[[tuple[Counters, ...]], None] = lambda _: None,
        options: bootstrap.AgentOptions | None = None,
    ) -> None:
        super().__init__(host, on_end, "probe")
        self._place = place
        self._on_facts = on_facts
        self._on_reading = on_reading
        self._on_containers = on_containers
        self._options = options or bootstrap.AgentOptions(interval=host.telemetry_interval)
        self._nonce = secrets.token_hex(8)
        self._looking = False
        self._hello = False
        self._ready = threading.Event()  # for questions
        self._begun = False  # a shell there runs our command
        self._readers: list[LineReader] = []  # of stdout and stderr
        self._load = Answers[LoadTold]()
        self._containers = Answers[tuple[Counters, ...]]()
        self._heard = time.monotonic()
        self._noise: deque[str] = deque(maxlen=STDERR_LINES)
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)

    def start(self) -> None:
        """Returns at once."""
        self._heard = time.monotonic()
        self._thread("read", self._run)
        self._thread("beat", self._beat)

    def look(self, on: bool) -> None:
        """While on, the readings have each GPU's `detail` and `links`; returns at once."""
        if on != self._looking:
            self._looking = on
            self._roused.set()

    def busiest(self) -> LoadTold:
        """Which processes load the host most, asked now. HostError where it does not tell."""
        began = self._load.count
        if not self._ready.wait(PATIENCE) or self._process is None or self._over.is_set():
            raise HostError(f"{self._host.name}: its processes can't be read yet", "try again in a moment")
        self._process.write(BUSIEST)
        told = self._load.after(began, PATIENCE, self._over)
        if told is None:
            why = "the probe ended" if self._over.is_set() else f"no answer within {PATIENCE:.0f} s"
            raise HostError(f"{self._host.name}: its processes can't be read: {why}", "reading one may hang there")
        return told

    def containers(self) -> tuple[Counters, ...]:
        """What containers take by their control groups, asked now. HostError where it does not tell."""
        began = self._containers.count
        if self._hello and self._process is not None and not self._over.is_set():
            self._process.write(CONTAINERS)
            told = self._containers.after(began, A_MOMENT, self._over)
            if told is not None:
                return told
        raise HostError(f"{self._host.name}: its control groups can't be read now", "try again in a moment")

    def _run(self) -> None:
        try:
            self._end(self._follow())
        except GpuwsError as error:
            kind: FaultKind = "no-room" if isinstance(error, NoRoom) else "other"
            self._end(Fault(kind, error.message, error.remedy))

    def _follow(self) -> Fault:
        """Read until the end; why it ended."""
        payload = bootstrap.payload(self._options)
        process = self._place.popen(bootstrap.argv(self._nonce, payload, self._host.python))
        self._process = process
        if self._over.is_set():  # closed while the host was starting it
            process.close()
            return Fault("other", "the probe was closed")
        stderr = self._thread("stderr", lambda: self._drain(process))
        lines = LineReader(unhurried(process.read, self._over))
        self._readers.append(lines)
        if self._await_magic(lines):
            process.write(payload.first + payload.rest)
            for line in paced(lines, self._over):
                self._take(line)
        stderr.join(LAST_WORDS)
        return self._why(process)

    def _await_magic(self, lines: LineReader) -> bool:
        """Skip what the login shell's start files print."""
        mark, magic = (f"{word} {self._nonce}".encode() for word in (MARK, bootstrap.MAGIC))
        for line in paced(lines, self._over):
            if line.rstrip().endswith(mark):
                self._begun = True
                continue
            if line.rstrip().endswith(magic):  # a start file may print without a newline
                return True
            self._noise.append(plain(line.decode("utf-8", "replace")))
        return False

    def _take(self, line: bytes) -> None:
        load = parse_load(line)
        if load is not None:
            self._heard = time.monotonic()
            self._load.put(load)
            return
        containers = parse_containers(line)
        if containers is not None:
            self._heard = time.monotonic()
            if not self._over.is_set():
                self._on_containers(containers)
            self._containers.put(containers)
            return
        message = parse_line(line, time.time())
        if message is None or self._over.is_set():
            return
        self._heard = time.monotonic()
        if isinstance(message, HostFacts):
            self._hello = True
            self._ready.set()
            if self._looking:  # asked for before it could hear
                self._roused.set()
            self._on_facts(message)
        else:
            self._on_reading(message)

    def _drain(self, process: Process) -> None:
        lines = LineReader(process.read_stderr)
        self._readers.append(lines)
        try:
            for line in paced(lines, self._over):
                self._stderr.append(plain(line.decode("utf-8", "replace")))
        except GpuwsError:
            return  # the reader of stdout reports it

    def _beat(self) -> None:
        """Keep the agent alive, and notice where it no longer is."""
        while not self._over.is_set():
            self._roused.wait(HEARTBEAT)
            self._roused.clear()
            if self._over.is_set():
                return
            silent = time.monotonic() - self._heard
            limit = max(SILENCE, 4 * self._options.interval) if self._hello else HELLO_DEADLINE
            if silent > limit and not self._begun:
                self._end(self._swallowed(None, hung=True))
                return
            if silent > limit:
                what = "fell silent" if self._hello else "did not answer"
                self._end(Fault("other", f"the probe {what} for {silent:.0f} s"))
                return
            self._send_beat()

    def _send_beat(self) -> None:
        if self._hello and self._process is not None:
            try:
                self._process.write(LOOK if self._looking else b"\n")
            except GpuwsError:
                return  # the reader sees the end

    def _why(self, process: Process) -> Fault:
        try:
            status = process.wait(LAST_WORDS)
        except TimeoutError:
            status = None
        said = [line for line in (*self._noise, *self._stderr) if line]
        if not self._begun:
            return self._swallowed(status, hung=False)
        if status == 127 and any(interpreter.NO_PYTHON_WORD in line for line in said):
            return no_python(
                self._host.python,
                unfit=any(f"{interpreter.NO_PYTHON_WORD} {interpreter.UNFIT}" in line for line in said),
            )
        ending = "ended" if status in (0, None) else f"ended with status {status}"
        return Fault("other", f"the probe {ending}: {said[-1]}" if said and status != 0 else f"the probe {ending}")

    def _swallowed(self, status: int | None, *, hung: bool) -> Fault:
        """Nothing of ours ever ran there."""
        out, err = list(self._noise), list(self._stderr)
        for lines, reader in zip((out, err), list(self._readers), strict=False):
            lines.append(plain(reader.unfinished.decode("utf-8", "replace")))
        found = judge(Printed(out, err, status, hung), self._host.name)
        return Fault("swallowed", found.does, found.remedy)
