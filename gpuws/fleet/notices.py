"""What happened in the last week and was told, and what is to be told once it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gpuws.fleet.crossing import shown
from gpuws.model.notice.record import NoticePlan, Told
from gpuws.model.notice.trial import Tried
from gpuws.model.notice.watch import Thing, Watch


class Notices(Protocol):
    """Whoever holds the fleet sees what happens, writes it down, and sends it to where the configuration says.

    What a screen tells by itself comes as `Noticed`, to all of them: the one that takes it tells it."""

    def notices(self) -> tuple[Told, ...]:
        """Those of the last week, oldest first."""
        ...

    def take_notices(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Which of these the caller is to tell on its screen: each is given once."""
        ...

    def watches(self) -> tuple[Watch, ...]:
        """What is watched for somebody until it ends, oldest first."""
        ...

    @shown
    def begin_watch(self, thing: Thing, host: str, key: str, label: str) -> Watch:
        """Tell once when it ends; asked twice, it is one. `key` and `label` as in `Watch`.

        `TargetError` where there is no such host."""
        ...

    @shown
    def end_watch(self, watch_id: str) -> None:
        """Not any more. `TargetError` where there is none by that id."""
        ...

    def notice_plan(self) -> NoticePlan:
        """Where notices go, as the configuration says, without addresses and tokens."""
        ...

    def try_notices(self) -> tuple[Tried, ...]:
        """Send a test to every receiver, at once to all, each once; gives how that went."""
        ...
