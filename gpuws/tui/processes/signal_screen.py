"""End a process: which signal, whose process, how busy, and the exact command."""

from __future__ import annotations

from collections.abc import Callable

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.workspace.actions import Signal
from gpuws.tui.dialogs.rungs import Rung, RungScreen
from gpuws.tui.processes.signals import LADDER, MEANS


class SignalScreen(RungScreen[Signal]):
    """The chosen signal; `offered` is the rung of the ladder that y takes."""

    def __init__(self, ask: Callable[[Signal], Confirmation], offered: Signal, tried: str = "") -> None:
        super().__init__([Rung(signal, signal, MEANS[signal]) for signal in LADDER], ask, offered, tried)
