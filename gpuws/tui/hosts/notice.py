"""What is wrong with a host, in full, and what to do about it."""

from __future__ import annotations

import time
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Static

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.present.host_state import reason
from gpuws.tui.command import Command
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog, set_title


class NoticeScreen(Dialog[Literal["again", "hosts"]]):
    """What to do: connect again, or change the host in the inventory. Nothing is overridden here: a changed host key is
    mended in known_hosts by hand."""

    DEFAULT_CSS = "NoticeScreen > .box { border: round $error; border-title-color: $text-error; }"
    AUTO_FOCUS = "#close"
    KEYS_ABOUT = "notice"
    KEYS: ClassVar[tuple[Command[NoticeScreen], ...]] = (
        Command(
            "notice-hosts", "A", "edit", "Edit, test or remove the host", lambda notice: notice.dismiss("hosts"), hint=1
        ),
    )

    def __init__(self, snapshot: HostSnapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def compose(self) -> ComposeResult:
        snapshot = self._snapshot
        why = reason(snapshot, time.time())
        with Vertical(classes="box") as box:
            set_title(box, f"{snapshot.name}: {snapshot.state.value}")
            yield Static(plain(snapshot.error or (why.text if why else ""), 2000), markup=False)
            if snapshot.phase:
                yield Static(plain(snapshot.phase, 500), classes="muted", markup=False)
            if snapshot.remedy:
                yield Static(f"→ {plain(snapshot.remedy, 2000)}", classes="command", markup=False)
            yield from self.foot(button("Close", "close"), button("Connect again", "again", "primary"))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss("again" if event.button.id == "again" else None)
