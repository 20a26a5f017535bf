"""A host being tried: each step as it goes, at last what it shows or why it is not reached."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.present.glyphs import NEXT
from gpuws.present.tables.hosts import ssh_command, ssh_words
from gpuws.present.trial import steps
from gpuws.tui.command import Command
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.toolkit.lines import Lines


class TrialScreen(Dialog[bool]):
    """True: it shall be saved. `was`: the name that it is configured under, None: it is not. `saves`: it can be."""

    DEFAULT_CSS = """
    TrialScreen #steps, TrialScreen #error { margin-top: 1; }
    TrialScreen #error { color: $text-error; }
    """
    AUTO_FOCUS = "#close"
    KEYS_ABOUT = "host test"
    KEYS: ClassVar[tuple[Command[TrialScreen], ...]] = (
        Command("trial-again", "r", "again", "Test it once more", lambda screen: screen.again(), hint=2),
        Command(
            "trial-ssh", "s", "ssh", "Log in once with ssh itself, in this terminal, and see all that it says",
            lambda screen: screen.ask_ssh(), hint=3,
            why_not=lambda screen: "the demo dials nothing" if screen.app.demo else "",
        ),
        Command(
            "trial-copy", "y", "copy", "Copy the ssh command, to try it by hand",
            lambda screen: screen.app.copy(screen.command_line), hint=4,
        ),
    )  # fmt: skip

    def __init__(self, host: Host, was: str | None, *, saves: bool = False) -> None:
        super().__init__()
        self._host, self._was, self._saves = host, was, saves
        self.command_line: str = ssh_command(host)
        self._cancel = threading.Event()
        self._seen: list[HostSnapshot] = []
        self._over = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, f"Test of {self._host.name}")
            yield Static(f"$ {plain(self.command_line, 300)}", classes="command", markup=False)
            yield Lines(id="steps")
            yield Static(id="error", markup=False)
            yield Static(id="remedy", markup=False)
            save = [button("Save", "save", "primary", disabled=True)] if self._saves else []
            yield from self.foot(button("Close", "close"), *save)

    def on_mount(self) -> None:
        self.again()

    def on_unmount(self) -> None:
        self._cancel.set()

    def again(self) -> None:
        """From the beginning; one that still goes is stopped."""
        self._cancel.set()
        seen: list[HostSnapshot] = []
        cancel = threading.Event()
        self._cancel, self._seen, self._over = cancel, seen, False

        def report(snapshot: HostSnapshot) -> None:
            seen.append(snapshot)
            self.app.feed.nudge()

        host, was, fleet = self._host, self._was, self.app.fleet
        self.app.verbs.run(
            "test", lambda: fleet.try_host(host, was, report, cancel),
            lambda found: self._ended(cancel, found), lambda error: self._failed(cancel, error),
        )  # fmt: skip
        self._show()

    def ask_ssh(self) -> None:
        """ssh's own words: with its remarks, for a command that does nothing."""
        from gpuws.tui.terminal.program import run_program

        program, *rest = ssh_words(self._host)
        run_program(self.app, [program, "-v", *rest, "exit"], stay=True)

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - what is reported nudges the same paint
        if not self._over:
            self._show()

    def _ended(self, cancel: threading.Event, found: HostSnapshot) -> None:
        if cancel is not self._cancel or not self.is_running:
            return
        self._seen.append(found)
        self._over = True
        if self._saves:
            save = self.query_one("#save", Button)
            save.disabled = False
            if found.state is HostState.UP:
                save.focus()
        self._show()

    def _failed(self, cancel: threading.Event, error: GpuwsError) -> None:
        if cancel is self._cancel and self.is_running:
            self._ended(cancel, HostSnapshot(self._host.name, HostState.DOWN, error=error.message, remedy=error.remedy))

    def _show(self) -> None:
        self.query_one("#steps", Lines).put(steps(tuple(self._seen), over=self._over))
        why = self._seen[-1] if self._over and self._seen[-1].state is not HostState.UP else None
        self._say("#error", plain(why.error or why.state.value, 2000) if why else "")
        self._say("#remedy", f"{NEXT} {plain(why.remedy, 2000)}" if why and why.remedy else "")

    def _say(self, where: str, text: str) -> None:
        words = self.query_one(where, Static)
        words.update(text)
        words.display = bool(text)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "save")
