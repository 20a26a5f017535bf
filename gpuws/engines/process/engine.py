"""Programs of a host as an `Engine`: each verb is one short program there (`scripts.py`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from gpuws.engines.base import Absent, Fill, Recheck, Site
from gpuws.engines.process import listing, scripts
from gpuws.engines.process.caps import CAPS
from gpuws.engines.process.logs import LogStream
from gpuws.engines.process.place import ProcessPlace
from gpuws.link.place import Link, Place, Stream
from gpuws.model.errors import GpuwsError, HostError, Refused, TargetError, UsageError
from gpuws.model.host.host import Host
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Check, Plan, Report, Want
from gpuws.model.profile.profile import Profile
from gpuws.model.session.terminal import Completed
from gpuws.model.text import plain
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.engine import Caps, EngineInfo
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace

GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL where nobody says otherwise."""
OFTEN, SELDOM = 5.0, 300.0
"""Seconds for which a list does: nothing tells of an end; where nothing is there only I could have begun something."""


class ProcessEngine:
    def __init__(self, link: Link, host: Host, environ: Mapping[str, str]) -> None:
        self.caps: Caps = CAPS
        self.images = Absent(CAPS.images)
        self.recipes = Absent(CAPS.recipes)
        self.dial = Absent(CAPS.dial)
        self.storage = Absent(CAPS.storage)
        self.files = Absent(CAPS.files)
        self.inspection = Absent(CAPS.inspection)
        self.orphans = Absent("programs of a host end with their workspace")
        self._link, self._host, self._environ = link, host, environ
        self._lock = threading.Lock()
        self._known: list[Workspace] = []
        self._read_at: float | None = None  # monotonic seconds

    def info(self) -> EngineInfo:
        return EngineInfo("process", caps=CAPS)

    def workspaces(self) -> list[Workspace]:
        with self._lock:
            now = time.monotonic()
            lasts = OFTEN - 0.5 if any(one.state != "exited" for one in self._known) else SELDOM
            if self._read_at is None or now - self._read_at >= lasts:
                self._known, self._read_at = self._listed(), now
            return list(self._known)

    def _listed(self) -> list[Workspace]:
        """A host that answers nothing sensible has none; of one that does not answer what was known is kept."""
        try:
            done = self._run("look", scripts.LIST, timeout=scripts.BRIEFLY)
        except HostError:
            raise
        except GpuwsError:  # a home that hangs, or no programs at all
            return self._known
        return listing.read(self._host.name, done.stdout.decode(errors="replace")) or []

    def forget(self) -> None:
        self._read_at = None

    def due(self) -> float | None:
        return OFTEN if any(one.state != "exited" for one in self._known) else None

    def changes(self, stop: threading.Event) -> Iterator[None]:
        yield None
        stop.wait()

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        from gpuws.engines.process.plan import plan

        self.forget()
        return plan(self._link, self.workspaces(), want.environ or self._environ, profile, want, site)

    def launch(
        self,
        plan: Plan,
        report: Report,
        cancel: threading.Event,
        recheck: Recheck | None = None,
        fill: Fill | None = None,  # noqa: ARG002  it has no data of its own
    ) -> Launched:
        from gpuws.engines.process.launch import launch

        def listed() -> list[Workspace]:
            self.forget()
            return self.workspaces()

        try:
            return launch(self._link, self._host, listed, plan, report, cancel, recheck)
        finally:
            self.forget()

    def place(
        self, workspace_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        if user is not None:
            raise UsageError("-u works in containers only", "its programs are yours")
        return ProcessPlace(self._link, workspace_id, cwd, tuple(env))

    def address(self, workspace_id: str, port: int) -> tuple[Place, str, int]:  # noqa: ARG002
        return self._link, "127.0.0.1", port

    def logs(self, workspace_id: str, window: LogWindow) -> Stream:
        lines = "all" if window.tail is None else str(window.tail)
        words = [workspace_id, lines, "yes" if window.follow else "no"]
        return LogStream(self._link.popen(scripts.argv("look", scripts.LOG, words)), framed=window.framed)

    def inspect(self, workspace_id: str) -> dict[str, object]:
        self.forget()
        one = next((one for one in self.workspaces() if one.id == workspace_id), None)
        if one is None:
            raise _gone(self._host)
        return {
            "id": one.id,
            "name": one.name,
            "state": one.state,
            "reason": one.reason,
            "created": one.created,
            "gpus": list(one.gpus),
            "memory": one.memory_limit,
            "cpus": one.cpu_limit,
            "labels": dict(one.labels),
            "directory": f"~/.local/state/gpuws/process/*/{one.id}",
        }

    def act(self, workspace_id: str, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        if action in ("stop", "kill"):
            self._end(workspace_id, 0.0 if action == "kill" else GRACE if grace is None else grace)
        elif action == "remove":
            if force:
                self._end(workspace_id, 0.0, there=False)
            self._done(self._run("end", scripts.REMOVE, workspace_id), "it was not removed")
        else:
            raise Refused(CAPS.pause if action in ("pause", "unpause") else _ONCE, "launch it again, or remove it")
        self.forget()

    def _end(self, workspace_id: str, grace: float, *, there: bool = True) -> None:
        done = self._run("end", scripts.END, workspace_id, str(int(grace)), timeout=grace + scripts.PATIENCE)
        if there or done.status != scripts.GONE:
            self._done(done, "it was not ended")

    def rename(self, workspace_id: str, name: str) -> None:  # noqa: ARG002
        raise Refused(CAPS.rename)

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:  # noqa: ARG002
        return ()

    def _run(self, name: scripts.Name, script: str, *words: str, timeout: float = scripts.PATIENCE) -> Completed:
        return self._link.run(scripts.argv(name, script, words), timeout=timeout)

    def _done(self, done: Completed, what: str) -> None:
        if done.status == scripts.GONE:
            raise _gone(self._host)
        if not done.ok:
            said = plain(done.stderr.decode(errors="replace"), 200) or f"status {done.status}"
            raise GpuwsError(f"{self._host.name}: {what}: {said}")


_ONCE = "programs of a host are begun once: their environment is kept nowhere"


def _gone(host: Host) -> TargetError:
    return TargetError(f"that workspace is gone from {host.name}", "see gpuws ps -a")
