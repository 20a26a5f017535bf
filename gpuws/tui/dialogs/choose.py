"""Which one? Asked where a row stands for several things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gpuws.present.line import Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.dialogs.list_dialog import ListDialog

T = TypeVar("T")

COLUMNS = (Column("", 34), Column("", 0))


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    label: str
    detail: str
    value: T


class ChooseScreen(ListDialog[T]):
    """The value of the chosen option; None: none."""

    def __init__(self, title: str, options: Sequence[Option[T]]) -> None:
        super().__init__()
        self.title_text = title
        self._options = options

    def table(self) -> Table:
        rows = tuple(
            TableRow(str(number), ((Span(clean(option.label), "strong"),), one(clean(option.detail), "muted")))
            for number, option in enumerate(self._options)
        )
        return Table(COLUMNS, rows, "Nothing to choose from.")

    def opened(self, key: str) -> None:
        self.dismiss(self._options[int(key)].value)
