"""A container that was started, followed for as long as it is asked: whether it stays, whether it gets ready."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.parse import rows
from gpuws.engines.docker.launch.ending import Ending, ending, failure, last_lines
from gpuws.engines.docker.launch.ready import Answers, NotReady, Readiness, cancelled, what
from gpuws.engines.docker.launch.tail import Tail
from gpuws.engines.docker.launch.watch import Watch
from gpuws.engines.docker.launch.wrapper import main_of
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Plan, Progress, Report
from gpuws.model.units import duration

SETTLE = 2.0
"""Seconds that a program of the user's own is followed: an import that fails, a file that is not there, a wrong option
are told within them."""
GLANCE = 0.3
"""Seconds where the program only waits for others: what can go wrong, that it is not there, goes wrong at once."""
WAITING = frozenset({"sleep", "tail", "pause"})


class Lost(GpuwsError):
    """It was started, and then the engine could not be asked any more."""


@dataclass(frozen=True, slots=True)
class Started:
    """`at`: of the monotonic clock. `image_config`: the image's own defaults. `tail`: what it writes, where its log
    goes with it."""

    client: Client
    plan: Plan
    watch: Watch
    at: float
    image_config: Mapping[str, Any]
    tail: Tail | None = None

    @property
    def target(self) -> str:
        return f"{self.client.host}/{self.plan.spec.name}"

    def settled(self, report: Report) -> int | None:
        """The status of its first program, where that ended at once."""
        seconds = self.plan.want.follow.watch
        if seconds is None:
            spec = self.plan.spec
            seconds = worth(spec.command or rows(self.image_config.get("Cmd")), spec.profile.entrypoint)
        report(Progress("watching", f"{self.plan.spec.name}: whether it stays up, {seconds:g} s"))
        try:
            return self.watch.end(self.at + seconds)
        except Cancelled:
            raise
        except GpuwsError as error:
            text = f"{self.target} was started; whether it stays up can't be told: {error.message}"
            raise Lost(text, f"look before you repeat it: gpuws ps -a {self.client.host}") from error

    def outcome(self, ended: int | None, report: Report, dial: Answers) -> Ending | None:
        """How it has ended well; None: it runs, and is ready where that was asked for."""
        follow = self.plan.want.follow
        if ended is None and follow.ready:
            readiness = Readiness(self.client, self.watch, self.plan.spec.name, report)
            try:
                ended = readiness.wait(follow.ready, follow.within, dial)
            except NotReady as late:
                raise self._not_ready(late.seen, readiness.began) from None
            except Cancelled:
                raise cancelled(self.target, follow.ready) from None
        return None if ended is None else self._ended(ended)

    def _ended(self, code: int) -> Ending:
        after = time.monotonic() - self.at
        found = ending(self.client, self.watch.container, code, after, self._secrets(), self.tail)
        if not found.well:
            raise failure(found, self.target)
        if self.plan.want.follow.ready:
            text = f"{self.target} ended with status 0 before {what(self.plan.want.follow.ready)}"
            raise GpuwsError(text, f"gpuws logs {self.target} has all it wrote", found.lines or ())
        return found

    def _not_ready(self, seen: str, began: float) -> GpuwsError:
        spec, ready = self.plan.spec, self.plan.want.follow.ready
        lines = last_lines(self.client, self.watch.container, self._secrets(), tty=spec.profile.tty)
        waited = duration(time.monotonic() - began)
        text = f"{self.target} runs, and after {waited} it was not so that {what(ready)}: {seen}"
        return GpuwsError(text, f"gpuws logs -f {self.target} follows it; --timeout waits longer", lines or ())

    def _secrets(self) -> Collection[str]:
        spec = self.plan.spec
        return [spec.environment[name] for name in spec.secret_names if name in spec.environment]


def worth(command: Sequence[str], entrypoint: Sequence[str] | None = None) -> float:
    """Seconds that its end is waited for. `entrypoint`: what the profile puts before the command; an image's own only
    hands on to it."""
    first = PurePosixPath(next(iter(main_of(command)), "")).name
    return GLANCE if first in WAITING and not entrypoint else SETTLE
