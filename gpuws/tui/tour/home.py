"""The home screen of the demo: the same screen, and below it what explains it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on

from gpuws.tui.command import Command
from gpuws.tui.fleet.screen import FleetScreen
from gpuws.tui.toolkit.row_list import RowList

if TYPE_CHECKING:
    from gpuws.tui.tour.cards import Card
    from gpuws.tui.tour.guide import Guide


class DemoHome(FleetScreen):
    """`card`: the place in the tour that it begins with, from 0; None: no tour. What explains comes after the first
    frame."""

    KEYS_ABOUT = "the demo"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "captions", "comma", "captions", "The demo's captions, on or off",
            lambda screen: screen.toggle_captions(), palette=True,
        ),
        Command(
            "tour-next", "full_stop", "next card", "The tour's next card",
            lambda screen: screen.turn(), when=lambda screen: screen.card is not None,
        ),
    )  # fmt: skip

    def __init__(self, card: int | None = None) -> None:
        super().__init__()
        self.card: int | None = card
        self._captions = True
        self._guide: Guide | None = None

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        from gpuws.tui.tour.guide import Guide

        guide = Guide()
        await self.mount(guide, before="Footer")
        self._guide = guide
        self._deal()

    def fleet_changed(self, hosts: Collection[str]) -> None:
        super().fleet_changed(hosts)
        self.explain()

    @on(RowList.Moved)
    def _looked_elsewhere(self) -> None:
        self.explain()

    def on_descendant_focus(self) -> None:
        self.explain()

    # captions

    def explain(self) -> None:
        """Say what is under the cursor, where no card says something."""
        if self._guide is None or self.card is not None:
            return
        from gpuws.tui.tour.captions import caption

        self._guide.tell(caption(self.selection()) if self._captions else "")

    def toggle_captions(self) -> None:
        self._captions = not self._captions
        if not self._captions:
            self.app.say("no captions; a comma has them back")
        self.explain()

    # the tour

    def turn(self) -> None:
        """To the next card; after the last it ends."""
        from gpuws.tui.tour.cards import CARDS, END

        assert self.card is not None  # as its key's `when` said
        if self.card + 1 < len(CARDS):
            self.card += 1
            self._deal()
        else:
            self.leave_tour(END)

    def leave_tour(self, sentence: str) -> None:
        self.card = None
        self.explain()
        self.app.say(sentence, timeout=8)

    def back(self) -> None:
        if self.card is None:
            super().back()
        else:
            self.leave_tour("The tour is over; gpuws demo --tour begins it anew.")

    def action_command(self, name: str) -> object:
        """As ever; and the card that asked for it is done."""
        wanted, command = self._wanted(), self.command(name)
        pressed = wanted is not None and name == wanted.command and command is not None and not command.why_not(self)
        done = super().action_command(name)
        if pressed:
            self.turn()
        return done

    def _wanted(self) -> Card | None:
        if self.card is None:
            return None
        from gpuws.tui.tour.cards import CARDS

        return CARDS[self.card]

    def _deal(self) -> None:
        """Show the card, with the cursor where it speaks of."""
        card = self._wanted()
        if card is None or self._guide is None:
            self.explain()
            return
        from gpuws.tui.tour.cards import CARDS
        from gpuws.tui.tour.guide import first_key

        if card.where is not None:
            rows = (row for row in self.list.rows if row.kind == "gpu" and row.gpu is not None and card.where(row.gpu))
            if (row := next(rows, None)) is not None:
                self.list.select(row.key)
                self.list.focus()
        self._guide.deal(card, first_key(self.command(card.command)), (self.card or 0) + 1, len(CARDS))
