"""The life of a workspace: planned, launched, acted on, read."""

from __future__ import annotations

import threading
from typing import Protocol

from gpuws.fleet.crossing import shown, with_environ
from gpuws.link.place import Stream
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan, Report, Want
from gpuws.model.workspace.actions import Action
from gpuws.model.workspace.details import Details
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.usage import Counters
from gpuws.model.workspace.verification import Verification
from gpuws.model.workspace.workspace import Ref


class Workspaces(Protocol):
    """All of it asks the host's engine: `TargetError` where there is no such host or workspace, `Unreachable` where the
    host is away, `EngineMissing` where it has no engine. What changes something is `Refused` on a read-only host."""

    @with_environ("want")
    def plan(self, host: str, profile: str, want: Want) -> Plan:
        """What `launch` would make, with all checks, GPUs chosen, and the equivalent command; nothing happens.

        A check that fails is in the plan; `UsageError` where the profile itself is wrong."""
        ...

    @shown
    def launch(self, plan: Plan, report: Report, cancel: threading.Event) -> Launched:
        """Make it, start it and see it stay up; as long as pulling, building and starting take, and what
        `plan.want.follow` waits for. `report` is called meanwhile.

        `Refused` where GPUs of the plan are no longer free. An error with its last lines where it ends at once. Once
        `cancel` is set `Cancelled`: nothing is left, unless it runs already and only its readiness was waited for."""
        ...

    def verify(self, ref: Ref, report: Report, cancel: threading.Event) -> Verification:
        """Have the Python inside try torch: what it is, and one matrix product on each GPU; seconds, or minutes where
        its disk is slow. What is not well is in the answer; an error where it could not be tried.

        Confirming, where it is not mine, is the caller's duty."""
        ...

    @shown
    def act(self, ref: Ref, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        """Returns when it is done. `force`: remove what runs. `grace`: seconds from SIGTERM to SIGKILL, None: as the
        workspace says.

        Confirming is the caller's duty (`model.consent.confirm`)."""
        ...

    @shown
    def rename(self, ref: Ref, name: str) -> None:
        """Call it otherwise. `Refused` where its engine can't; confirming is the caller's duty."""
        ...

    def logs(self, ref: Ref, window: LogWindow) -> Stream:
        """What it wrote, as bytes; ends by itself unless followed, and by closing."""
        ...

    def details(self, ref: Ref) -> Details:
        """What its page says; `Refused` where its engine does not tell. Secrets are hidden in it."""
        ...

    def usage(self, host: str, ids: tuple[str, ...]) -> tuple[Counters, ...]:
        """What those of `host` take now, as counters: between two answers lies what they took. Those that don't run are
        left out; `Refused` where the engine does not tell."""
        ...

    def inspect(self, ref: Ref) -> dict[str, object]:
        """All that the engine tells of it, in the engine's own words, secrets included."""
        ...
