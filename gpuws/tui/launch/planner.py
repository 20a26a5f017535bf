"""Plans for what is chosen, made off the loop on one host or on several; answers to old questions are dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.placement.plan import Plan, Want
from gpuws.model.placement.ranking import Ranked, rank
from gpuws.model.workspace.workspace import Ref

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.tui.base import AppBase

PATIENCE = 8.0
"""Seconds after which the best of several hosts is told without those that have not answered."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a plan is wanted for. `hosts`: one, or those among which the best is looked for.

    `like`: the container that it shall be like, instead of what the profile says."""

    profile: str
    hosts: tuple[str, ...]
    want: Want
    like: Ref | None = None

    def plan(self, fleet: Fleet, host: str) -> Plan:
        if self.like is not None:
            return fleet.plan_clone(self.like, host, self.want)
        return fleet.plan(host, self.profile, self.want)


@dataclass(frozen=True, slots=True)
class Answer:
    """`ranked`: best first. `failed`: hosts that have no plan, and why. `waiting`: those that have not answered yet."""

    ranked: tuple[Ranked, ...] = ()
    failed: tuple[tuple[str, GpuwsError], ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def plan(self) -> Plan | None:
        """Of the best host, once all have answered."""
        return self.ranked[0].plan if self.ranked and not self.waiting else None

    @property
    def wrong(self) -> UsageError | None:
        """The profile or the choice is wrong, on whatever host."""
        return next((error for _, error in self.failed if isinstance(error, UsageError)), None)


class Planner:
    """`show` is told of every answer, on the loop. Several hosts are asked at the same time."""

    def __init__(self, app: AppBase, show: Callable[[Answer], None]) -> None:
        self._app = app
        self._show = show
        self._asked = 0
        self._dropped = False
        self._choice = Choice("", (), Want())
        self._plans: dict[str, Plan] = {}
        self._answer = Answer()

    @property
    def busy(self) -> bool:
        """What was told last is not what is wanted now."""
        return self._dropped or bool(self._answer.waiting)

    def waits_for(self, choice: Choice) -> bool:
        """The newest question is this one, and nothing was answered yet."""
        return not self._dropped and self._choice is choice and self._answer.waiting == choice.hosts

    def drop(self) -> None:
        """What was asked matters no more."""
        self._asked += 1
        self._dropped = True

    def ask(self, choice: Choice) -> None:
        self.drop()
        self._dropped = False
        asked, self._choice, self._plans = self._asked, choice, {}
        self._answer = Answer(waiting=choice.hosts)
        for host in choice.hosts:
            self._ask_one(asked, choice, host)
        if len(choice.hosts) > 1:
            self._app.set_timer(PATIENCE, lambda: self._give_up(asked))

    def _ask_one(self, asked: int, choice: Choice, host: str) -> None:
        def planned(plan: Plan) -> None:
            if self._awaited(asked, host):
                self._plans[host] = plan
                self._answered(host)

        def refused(error: GpuwsError) -> None:
            if self._awaited(asked, host):
                self._answered(host, error)

        self._app.verbs.run("plan", lambda: choice.plan(self._app.fleet, host), planned, refused)

    def _awaited(self, asked: int, host: str) -> bool:
        return asked == self._asked and host in self._answer.waiting

    def _answered(self, host: str, error: GpuwsError | None = None) -> None:
        answer = self._answer
        self._answer = replace(
            answer,
            ranked=rank([self._plans[name] for name in self._choice.hosts if name in self._plans]),
            failed=answer.failed if error is None else (*answer.failed, (host, error)),
            waiting=tuple(name for name in answer.waiting if name != host),
        )
        self._show(self._answer)

    def _give_up(self, asked: int) -> None:
        if asked == self._asked:
            for host in self._answer.waiting:
                self._answered(host, GpuwsError(f"{host} did not answer within {PATIENCE:.0f} s"))
