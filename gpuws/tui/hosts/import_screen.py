"""Hosts of the SSH configuration, to be taken into the fleet."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from gpuws.model.host.configured import Alias, LeftOut
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.hosts.aliases import AliasChooser


class ImportScreen(Dialog[None]):
    DEFAULT_CSS = """
    ImportScreen > .box { width: 110; }
    ImportScreen AliasChooser { height: auto; }
    ImportScreen TickList { height: auto; max-height: 70vh; }
    """

    def __init__(self, aliases: Sequence[Alias], left_out: Sequence[LeftOut]) -> None:
        super().__init__()
        self._aliases = aliases
        self._left_out = left_out

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Hosts of the SSH configuration")
            yield AliasChooser(self._aliases, self._left_out)
            yield from self.foot()

    def close(self) -> None:
        self.query_one(AliasChooser).back()

    @on(AliasChooser.Closed)
    def _chosen(self) -> None:
        self.dismiss(None)
