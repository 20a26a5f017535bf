"""What a fleet tells those who look: data that could cross a socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gpuws.model.host.question import Question
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.notice.record import Told
    from gpuws.model.placement.queued_wait import QueuedWait
    from gpuws.model.session.tunnel import Tunnel
    from gpuws.model.task import Task


class HostUpdated(NamedTuple):
    snapshot: HostSnapshot


class QuestionsChanged(NamedTuple):
    questions: tuple[Question, ...]


class TunnelsChanged(NamedTuple):
    tunnels: tuple[Tunnel, ...]


class WaitsChanged(NamedTuple):
    waits: tuple[QueuedWait, ...]


class TasksChanged(NamedTuple):
    tasks: tuple[Task, ...]


class Noticed(NamedTuple):
    """What has just happened, and was told nobody before."""

    told: tuple[Told, ...]


class HostsChanged(NamedTuple):
    """The hosts there are now, in order; others are gone."""

    names: tuple[str, ...]


Event = HostUpdated | QuestionsChanged | TunnelsChanged | WaitsChanged | TasksChanged | Noticed | HostsChanged
Listener = Callable[[Event], None]
