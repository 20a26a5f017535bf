"""`gpuws attach` without a target: jump alone, as a small application that ends with what was chosen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding

from gpuws.fleet.base import Fleet
from gpuws.model.query.target import Found
from gpuws.tui.app import GpuwsApp, Opener, run_app
from gpuws.tui.feed import Batch
from gpuws.tui.jump.jumps import KINDS, Kind
from gpuws.tui.jump.screen import JumpScreen
from gpuws.tui.remembered import remembering
from gpuws.tui.sessions.doors import Door, behind, target_behind


class PickerScreen(JumpScreen):
    """What can be attached to."""

    title_text = "Attach"
    placeholder = "a few letters of a host, container or session"
    kinds: ClassVar[tuple[Kind, ...]] = tuple(kind for kind in KINDS if kind != "notebooks")
    nowhere = "No host is reached yet."


class Picker(GpuwsApp):
    """`picked`: None where it was left without a choice. What is to be told waits for the screen."""

    BINDINGS: ClassVar = [Binding("ctrl+c", "help_leave", show=False, system=True, priority=True)]
    picked: Found | None = None

    async def push_first(self) -> None:
        await self.push_screen(PickerScreen(), self._chosen)

    def begin_to_tell(self) -> None:
        pass

    def tell_of(self, batch: Batch) -> None:
        pass

    def action_help_leave(self) -> None:
        self.exit(0)

    def _chosen(self, found: tuple[Door, bool] | None) -> None:
        if found is not None:
            door, _ = found
            self.picked = behind(door, self.state.hosts)
            if target := target_behind(door, self.state.hosts):
                self.remember(entered=remembering(self.remembered.entered, target))
        self.exit(0)


def pick(opener: Opener) -> tuple[Fleet, Found] | None:
    """What was chosen, and the fleet, still open; None where nothing was. Raises what `opener` raised."""
    picker = Picker(opener, lambda *_: None)
    try:
        run_app(picker)
        return (picker.fleet, picker.picked) if picker.picked is not None else None
    finally:
        if picker.opened and picker.picked is None:
            picker.fleet.close()
