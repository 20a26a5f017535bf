"""A field with a list of choices, which says by which key it opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.console import RenderableType
from textual.widgets import OptionList, Select

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded


class Choice(Commanded, Select[str]):
    """Letters look for a choice once the list is open. While there is nothing to choose from it does not open."""

    app: AppBase
    KEYS_ABOUT = "choices"
    KEYS: ClassVar[tuple[Command[Choice], ...]] = (
        Command(
            "choice-open",
            "enter",
            "choose",
            "Open the list of choices",
            lambda it: it.action_show_overlay(),
            hint=1,
            when=lambda it: it.offers,
        ),
    )

    @property
    def offers(self) -> bool:
        """There is something to choose from."""
        return any(value is not self.NULL for _, value in self._options)

    def validate_expanded(self, expanded: bool) -> bool:
        return expanded and self.offers

    def on_mount(self) -> None:
        self.call_after_refresh(self._name_nothing)

    def set_options(self, options: Iterable[tuple[RenderableType, str]]) -> None:
        super().set_options(options)
        self._name_nothing()

    def _name_nothing(self) -> None:
        """The first of the list, which takes the choice back: not the words that stand in the empty field, dimmed."""
        self.query_one(OptionList).replace_option_prompt_at_index(0, "none of these")
