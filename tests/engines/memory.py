"""An engine that keeps its workspaces in memory: all that a new engine must bring, and not a line more.

A workspace of its waits in a queue until a test lets it begin; inside there is an echo. It has no images, can't tell
what a workspace was made from, and has no API to be dialled."""

from __future__ import annotations

import queue
import shlex
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gpuws.engines.base import Absent, Fill, Recheck, Site
from gpuws.link.place import Link, Place, Stream
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Check, ContainerSpec, Plan, Progress, Report, Want
from gpuws.model.profile.profile import Profile
from gpuws.model.session.terminal import Completed, Size
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.engine import Caps, Commands, EngineInfo
from gpuws.model.workspace.log_messages import Message, framed
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import ENDED, RUNNING, Ref, Workspace

CAPS = Caps(
    images="an engine in memory has no images",
    recipes="an engine in memory forgets what a workspace was made from",
    dial="an engine in memory has no API",
    storage="an engine in memory fills no disk",
    files="an engine in memory has no files",
    inspection="an engine in memory tells no more of a workspace than its row",
    pause="an engine in memory holds nothing still",
    rename="an engine in memory keeps the names that it was given",
    commands=Commands(stop="mem stop {name}", kill="mem kill {name}", remove="mem rm {name}", logs="mem log {name}"),
)
MARK = ""
_ABSENT = {"recreate", "pause", "rename"}


@dataclass
class Memory:
    """What one host's engine remembers."""

    kept: dict[str, Workspace] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)
    changes: int = 0

    def put(self, one: Workspace, said: str = "") -> None:
        with self.changed:
            self.kept[one.id] = one
            self.said[one.id] = self.said.get(one.id, "") + said
            self._tell()

    def drop(self, one: Workspace) -> None:
        with self.changed:
            del self.kept[one.id]
            self._tell()

    def find(self, workspace_id: str) -> Workspace:
        if workspace_id not in self.kept:
            raise GpuwsError("that workspace is gone")
        return self.kept[workspace_id]

    def begin(self, name: str) -> None:
        """Its turn has come."""
        one = next(one for one in self.kept.values() if one.name == name)
        actions = RUNNING - _ABSENT
        self.put(replace(one, state="running", status="busy", host=one.ref.host, actions=actions), "begun\n")

    def _tell(self) -> None:
        self.changes += 1
        self.changed.notify_all()


MEMORIES: dict[str, Memory] = {}
"""Of each host, however often its engine is connected."""


def unfit(profile: Profile) -> str:
    return ""


def connect(host: Host, link: Link, environ: Mapping[str, str]) -> MemoryEngine:
    return MemoryEngine(host.name, link, MEMORIES.setdefault(host.name, Memory()))


class MemoryEngine:
    def __init__(self, host: str, link: Link, memory: Memory) -> None:
        self.caps = CAPS
        self.images = Absent(CAPS.images)
        self.recipes = Absent(CAPS.recipes)
        self.dial = Absent(CAPS.dial)
        self.storage = Absent(CAPS.storage)
        self.files = Absent(CAPS.files)
        self.inspection = Absent(CAPS.inspection)
        self.orphans = Absent("nothing is left behind in memory")
        self._host, self._link, self._memory = host, link, memory

    def info(self) -> EngineInfo:
        return EngineInfo("memory", "1", caps=CAPS)

    def workspaces(self) -> list[Workspace]:
        return list(self._memory.kept.values())

    def forget(self) -> None:
        """It remembers no list."""

    def due(self) -> float | None:
        return None

    def changes(self, stop: threading.Event) -> Iterator[None]:
        known = -1
        while not stop.is_set():
            with self._memory.changed:
                self._memory.changed.wait_for(lambda: self._memory.changes != known, timeout=0.2)  # noqa: B023
                told, known = known != self._memory.changes, self._memory.changes
            if told:
                yield None

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        labels = {"gpuws.owner": site.owner, "gpuws.from": site.workstation, "gpuws.profile": profile.name}
        name = want.name or profile.name
        spec = ContainerSpec(name, "", None, (), None, None, {}, frozenset(), labels, profile)
        checks = (Check("engine", "ok", "it remembers"),)
        return Plan(self._host, spec, checks, shlex.join(["mem", "run", name]), image_present=True)

    def launch(
        self,
        plan: Plan,
        report: Report,
        cancel: threading.Event,
        recheck: Recheck | None = None,
        fill: Fill | None = None,
    ) -> Launched:
        if cancel.is_set():
            raise Cancelled("cancelled: nothing was left behind")
        if recheck:
            recheck()
        spec = plan.spec
        ref = Ref(self._host, f"{spec.name}-{time.time_ns():x}")
        one = Workspace(
            ref,
            spec.name,
            None,
            "queued",
            "in line",
            frozenset({"kill", "remove"}),
            created=time.time(),
            owner=spec.labels["gpuws.owner"],
            owner_is_label=True,
            profile=spec.profile.name,
            labels=spec.labels,
        )
        self._memory.put(one)
        report(Progress("done", spec.name, 1.0))
        return Launched(ref)

    def place(
        self, workspace_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        one = self._memory.find(workspace_id)
        if not one.enterable:
            raise Refused(f"{one.name} is {one.status}: nobody can enter it")
        return Inside(one)

    def address(self, workspace_id: str, port: int) -> tuple[Place, str, int]:
        return self._link, "127.0.0.1", port

    def logs(self, workspace_id: str, window: LogWindow) -> Stream:
        said = self._memory.said[workspace_id]
        if window.framed:
            said = framed(Message("stdout", "2026-05-01T12:00:00.000000000Z", said.encode())).decode()
        return Echo(said, talks=False)

    def inspect(self, workspace_id: str) -> dict[str, object]:
        one = self._memory.find(workspace_id)
        return {"name": one.name, "status": one.status}

    def act(self, workspace_id: str, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        if action in ("pause", "unpause"):
            raise Refused(CAPS.pause)
        one = self._memory.find(workspace_id)
        if action == "remove":
            self._memory.drop(one)
        elif action in ("stop", "kill"):
            actions = ENDED - _ABSENT
            self._memory.put(replace(one, state="exited", status="over", host=None, actions=actions), f"{action}\n")
        else:
            self._memory.begin(one.name)

    def rename(self, workspace_id: str, name: str) -> None:
        raise Refused(CAPS.rename)

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        return (Check("engine", "ok", "it remembers"),)


class Inside:
    """The inside of a workspace: whatever is run there says its own words."""

    def __init__(self, one: Workspace) -> None:
        self._one = one

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        return Completed(127, stderr=b"sh: tmux: not found")

    def popen(self, argv: Sequence[str]) -> Echo:
        return Echo(f"{shlex.join(argv)} in {self._one.name}\n", talks=False)

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> Echo:
        return Echo(f"inside {self._one.name}\r\n", talks=True)

    def dial_unix(self, path: str) -> Stream:
        raise GpuwsError(f"{path} can't be reached")

    def dial_tcp(self, host: str, port: int) -> Stream:
        raise GpuwsError("nothing listens in memory")


class Echo:
    """A stream, a process and a terminal: says something, then, where it `talks`, what it is told, until it is told
    `exit`."""

    def __init__(self, said: str, *, talks: bool) -> None:
        self._out: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._talks = talks
        self._out.put(said.encode())
        if not talks:
            self.close()

    def recv(self, limit: int = 65536) -> bytes:
        if self._ended.is_set() and self._out.empty():
            return b""
        return self._out.get()

    def sendall(self, data: bytes) -> None:
        self._out.put(data)
        if b"exit" in data:
            self.close()

    def exit_status(self) -> int | None:
        self._ended.wait()
        return 0

    def wait(self, timeout: float | None = None) -> int | None:
        return 0 if self._ended.wait(timeout) else None

    def close(self) -> None:
        self._ended.set()
        self._out.put(b"")

    def resize(self, size: Size) -> None:
        """It has no shape."""

    def settimeout(self, seconds: float | None) -> None:
        """It never waits long."""

    def shutdown_write(self) -> None:
        """It listens on."""

    def read_stderr(self, limit: int = 65536) -> bytes:
        return b""

    read, write, close_stdin = recv, sendall, shutdown_write
