"""What becomes of a workspace that exists: written down, compared, made again, made elsewhere.

Errors are those of `workspaces`."""

from __future__ import annotations

import threading
from typing import Protocol

from gpuws.fleet.crossing import shown, with_environ
from gpuws.model.placement.plan import Plan, Report, Want
from gpuws.model.profile.captured import Difference
from gpuws.model.workspace.workspace import Ref


class Recipes(Protocol):
    """An engine that has no recipes refuses all of it with its reason."""

    def capture(self, ref: Ref, *, compose: bool = False) -> str:
        """A profile that makes such a workspace again, or a Compose file; YAML, secrets by name only."""
        ...

    def save_captured(self, ref: Ref, name: str) -> str:
        """Write what `capture` gives as a profile of mine; its path. One of that name is never written over."""
        ...

    def drift(self, ref: Ref) -> tuple[Difference, ...]:
        """Where it differs from what its profile says now. An error where it was not made from a profile."""
        ...

    @shown
    def recreate(self, ref: Ref, report: Report, cancel: threading.Event) -> Ref:
        """Make it again from its image; name, mounts, ports, GPUs and environment stay.

        It is back as it was if that fails, and `Cancelled` once `cancel` is set."""
        ...

    @with_environ("want")
    def plan_clone(self, ref: Ref, host: str, want: Want) -> Plan:
        """What `launch` would make on `host` to be like `ref`; secrets go along. Nothing happens."""
        ...
