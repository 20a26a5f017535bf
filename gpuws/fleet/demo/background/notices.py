"""Implements `fleet.notices`: a week that was, and what is watched while the demo is looked at. Nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuws.fleet.demo.background.tasks import DemoTasks
from gpuws.fleet.demo.background.waits import DemoWaits
from gpuws.fleet.noticing.facet import ObservedNotices

if TYPE_CHECKING:
    from gpuws.model.notice.record import NoticePlan, Told
    from gpuws.model.notice.trial import Tried


class DemoNotices(DemoWaits, DemoTasks, ObservedNotices):
    """What is read of it is loaded when it is asked about: the first frame does without."""

    def notices(self) -> tuple[Told, ...]:
        from gpuws.fleet.demo.lab.past_notices import past_notices

        return (*past_notices([one.name for one in self.snapshots()], self._clock()), *super().notices())

    def notice_plan(self) -> NoticePlan:
        from gpuws.fleet.demo.lab.past_notices import PLAN

        return PLAN

    def try_notices(self) -> tuple[Tried, ...]:
        from gpuws.fleet.noticing.trial import trial_notice
        from gpuws.model.notice.trial import Tried

        self._observed().show(trial_notice(self._clock()))
        return tuple(Tried(name, 0.2) for name, _ in self.notice_plan().receivers)

    def close(self) -> None:
        self._end_observing()
        super().close()
