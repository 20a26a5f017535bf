"""Everything that can be done with the selection, each with its key and the equivalent command."""

from __future__ import annotations

from typing import ClassVar

from gpuws.present.line import Role, Span, clean, one
from gpuws.present.table import Column, Table, TableRow
from gpuws.tui.command import Command
from gpuws.tui.present.offers import Offer, offers
from gpuws.tui.screens.fleet import FleetScreen
from gpuws.tui.selection import Selection
from gpuws.tui.widgets.hints import key_name
from gpuws.tui.widgets.list_dialog import ListDialog

COLUMNS = (Column("KEY", 6), Column("ACTION", 34), Column("COMMAND", 0))


class ActionScreen(ListDialog[str]):
    """The verb that was chosen; its key works here too."""

    KEYS_ABOUT = "choice"
    KEYS: ClassVar[tuple[Command[ActionScreen], ...]] = (
        Command("choose-actions", "x", "back", "Close", lambda dialog: dialog.close()),
    )

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self._offers = offers(selection)
        self.title_text = f"Actions · {_subject(selection)}"

    def table(self) -> Table:
        return Table(COLUMNS, tuple(TableRow(offer.verb, self._cells(offer)) for offer in self._offers))

    def _cells(self, offer: Offer) -> tuple[tuple[Span, ...], ...]:
        role: Role = "faint" if offer.why_not else "text"
        said = one(clean(offer.why_not), "muted") if offer.why_not else one(clean(offer.command), "muted")
        return (one(self._key(offer.verb), "faint" if offer.why_not else "key"), one(clean(offer.label), role), said)

    def _key(self, verb: str) -> str:
        known = FleetScreen.command(verb)
        if known is None:
            return ""
        return key_name(self.app.look.keys.get(verb, known.keys).split(",")[0])

    def opened(self, key: str) -> None:
        offer = next(offer for offer in self._offers if offer.verb == key)
        if offer.why_not:
            self.app.warn(clean(offer.why_not))
        else:
            self.dismiss(key)

    def on_key(self, event: object) -> None:
        pressed = getattr(event, "character", None)
        for offer in self._offers:
            if pressed and pressed == self._key(offer.verb) and pressed not in ("j", "k", "g", "G"):
                self.opened(offer.verb)
                return


def _subject(selection: Selection) -> str:
    for named in (selection.container, selection.session):
        if named is not None:
            return f"{named.name} on {selection.host}"
    if selection.process is not None:
        return f"process {selection.process.pid} on {selection.host}"
    if selection.tunnel is not None:
        return f"tunnel {selection.tunnel.local_port}"
    return f"{selection.host} · GPU {selection.gpu.index}" if selection.gpu is not None else selection.host
