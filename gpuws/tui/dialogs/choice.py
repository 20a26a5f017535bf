"""A field with a list of choices, which says by which key it opens."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Select

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded


class Choice(Commanded, Select[str]):
    """Letters look for a choice once the list is open."""

    app: AppBase
    KEYS_ABOUT = "choices"
    KEYS: ClassVar[tuple[Command[Choice], ...]] = (
        Command(
            "choice-open", "enter", "choose", "Open the list of choices", lambda it: it.action_show_overlay(), hint=1
        ),
    )
