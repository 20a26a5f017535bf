"""The end of a process that is selected, or of all that are marked: one rung of the ladder of signals after another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.consent.facts import process_name
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.text import plain
from gpuws.model.units import duration
from gpuws.model.workspace.actions import Signal
from gpuws.tui.base import AppBase
from gpuws.tui.context import on_selection
from gpuws.tui.outcome import Outcome
from gpuws.tui.processes.signals import ask, kill_command, next_rung
from gpuws.tui.selection import Selection, unchangeable


def _end(app: AppBase, selection: Selection) -> None:
    """Asked as INTERFACE §3 says, then sent; what comes of it is said when it is seen."""
    from gpuws.tui.processes.signal_screen import SignalScreen

    snapshot = selection.snapshot
    chosen = selection.processes or ((selection.process,) if selection.process is not None else ())
    last = app.sent.last(snapshot.name, chosen[0]) if len(chosen) == 1 else None

    def asked(signal: Signal) -> Confirmation:
        return ask(chosen, snapshot, time.time(), signal)

    def then(signal: Signal | None) -> None:
        if signal is not None:
            _send(app, snapshot.name, chosen, signal)
            app.home().unmark()

    tried = f"{last.signal} was sent {duration(time.time() - last.at)} ago; it is still there." if last else ""
    app.push_screen(SignalScreen(asked, next_rung(last.signal if last else None), tried), then)


def _send(app: AppBase, host: str, chosen: Sequence[GpuProcess], signal: Signal) -> None:
    """One message, however many they are; what comes of each is said when it is seen."""

    more = "" if signal == "KILL" else f"; if it stays, K offers {next_rung(signal)}"
    named = {_name(process): process for process in chosen}

    def sent(outcome: Outcome) -> None:
        for name in outcome.done:
            app.sent.remember(host, named[name], signal, time.time())
        app.tell_outcome(outcome, f"{signal} sent to", "processes", more)

    app.verbs.run_all({name: partial(app.fleet.signal, host, one.pid, signal) for name, one in named.items()}, sent)


def _name(process: GpuProcess) -> str:
    return f"{plain(process_name(process))} ({process.pid})"


def _title(selection: Selection) -> str:
    process, number = selection.process, len(selection.processes)
    if process is None:
        return ""
    return f"End {number} processes" if number else f"End {process_name(process)} ({process.pid})"


END = on_selection(
    "kill", "", "kill", "End a process", _end,
    title=_title, why_not=unchangeable,
    shell=lambda it: kill_command(it.snapshot, it.process, "INT") if it.process is not None else "",
)  # fmt: skip

COMMANDS = (END,)
