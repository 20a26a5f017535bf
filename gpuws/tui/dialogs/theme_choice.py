"""Which theme: each is put on while the cursor is on it, and stays where it is chosen."""

from __future__ import annotations

from typing import ClassVar

from textual import on

from gpuws.present.line import one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.settings import put_theme_on
from gpuws.tui.toolkit import themes
from gpuws.tui.toolkit.row_list import RowList

COLUMNS = (Column("", 24), Column("", 0))
SAID = {
    themes.AUTO: "dark or light as the terminal is",
    themes.ANSI_DARK.name: "the terminal's own sixteen colours, on dark",
    themes.ANSI_LIGHT.name: "the terminal's own sixteen colours, on light",
}


class ThemeScreen(ListDialog[str]):
    """The name of the theme, which is remembered then; None: the one from before is put on again."""

    title_text = "Theme"
    DEFAULT_CSS = "ThemeScreen > .box { width: 76; }"
    first: ClassVar[tuple[str, ...]] = (themes.AUTO, *(theme.name for theme in themes.THEMES))

    def ready(self) -> None:
        self._before = self.app.theme
        self.rows.select(self.app.remembered.theme or themes.AUTO)

    def table(self) -> Table:
        others = sorted(self.app.available_themes.keys() - set(self.first))
        rows = (
            TableRow(name, (one(name, "strong"), one(self._said(name), "muted"))) for name in (*self.first, *others)
        )
        return Table(COLUMNS, tuple(rows))

    def _said(self, name: str) -> str:
        theme = self.app.available_themes.get(name)
        return SAID.get(name) or ("dark" if theme is None or theme.dark else "light")

    @on(RowList.Moved)
    def _show(self) -> None:
        row = self.rows.current
        if row is not None and hasattr(self, "_before"):
            self._try(row.key)

    def _try(self, name: str) -> None:
        if name in self.app.available_themes:
            self.app.theme = name
        else:
            put_theme_on(self.app)

    def opened(self, key: str) -> None:
        self.app.remember(theme="" if key == themes.AUTO else key)
        self.dismiss(key)
        put_theme_on(self.app)
        if self.app.theme != key and key != themes.AUTO:
            self.app.warn(self._overruled(key))

    def _overruled(self, name: str) -> str:
        said = self.app.look.theme
        return (
            f"config.yaml says theme: {said}; {name} comes when that line goes"
            if said
            else (f"this terminal shows sixteen colours or fewer: {name} comes where there are more")
        )

    def close(self) -> None:
        self.app.theme = self._before
        super().close()
