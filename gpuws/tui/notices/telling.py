"""Tells what happened, on this screen: the line at the bottom, the bell, the terminal's own notices; each once, on one
screen of all that are open."""

from __future__ import annotations

from collections.abc import Sequence

from textual.notifications import SeverityLevel

from gpuws.model.notice.notice import Level
from gpuws.model.notice.record import SCREEN, Told
from gpuws.model.units import count
from gpuws.tui.base import AppBase
from gpuws.tui.terminal import notice

TOGETHER = 3
"""More than so many at once are told as one."""
BEHIND = 1.0
"""Seconds that a screen without the focus leaves to one that has it."""
SECONDS = 15.0
_SEVERITIES: dict[Level, SeverityLevel] = {"good": "information", "plain": "information", "bad": "warning"}


class Teller:
    """Of one screen."""

    def __init__(self, app: AppBase) -> None:
        self._app = app

    def hear(self, told: Sequence[Told]) -> None:
        """What has just happened."""
        mine = [one for one in told if one.waits_for(SCREEN)]
        if not mine:
            return
        if self._app.app_focus:
            self._take(mine, loud=True)
        else:
            self._app.set_timer(BEHIND, lambda: self._take(mine, loud=True))

    def catch_up(self, week: Sequence[Told]) -> None:
        """What happened while no screen was open: without a sound."""
        if missed := [one for one in week if one.waits_for(SCREEN)]:
            self._take(missed, loud=False)

    def _take(self, told: Sequence[Told], *, loud: bool) -> None:
        ids = [one.notice.id for one in told]

        def given(taken: tuple[str, ...]) -> None:
            self._tell([one for one in told if one.notice.id in taken], loud=loud)

        self._app.verbs.run("take notices", lambda: self._app.fleet.take_notices(ids), given, lambda _: None)

    def _tell(self, taken: Sequence[Told], *, loud: bool) -> None:
        told = [one for one in taken if not self._app.own_hand.did(one.notice)]
        shown = [one for one in told if "toast" in one.channels]
        if len(shown) > TOGETHER or (len(shown) > 1 and not loud):
            last = shown[-1].notice
            self._show(f"{count(len(shown), 'notice')}, the last: {last.sentence} — e lists them", last.level)
        else:
            for one in shown:
                self._show(one.notice.sentence, one.notice.level)
        if loud:
            self._ring(told)

    def _show(self, sentence: str, level: Level) -> None:
        self._app.notify(sentence, severity=_SEVERITIES[level], timeout=SECONDS, markup=False)

    def _ring(self, told: Sequence[Told]) -> None:
        if any("bell" in one.channels for one in told):
            self._app.bell()
        for one in told[-TOGETHER:]:
            for channel, words in (("osc9", notice.osc9), ("osc777", notice.osc777)):
                if channel in one.channels:
                    self._app.to_terminal(words(one.notice.sentence))
