"""What can be done on every screen: commands, keys, themes, back to the shell, quitting. Each loads what it shows when
it is used."""

from __future__ import annotations

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.leaving import leave


def show_palette(app: AppBase) -> None:
    from gpuws.tui.palette.screen import open_palette

    open_palette(app)


def show_help(app: AppBase) -> None:
    from gpuws.tui.help.screen import open_help

    open_help(app)


def choose_theme(app: AppBase) -> None:
    from gpuws.tui.dialogs.theme_choice import ThemeScreen

    app.push_screen(ThemeScreen())


def suspend(app: AppBase) -> None:
    from gpuws.tui.terminal.sleeping import sleep

    sleep(app)


def no_shell() -> str:
    """Why there is nothing to go back to; "" where there is."""
    from gpuws.tui.terminal.sleeping import why_not

    return why_not()


def _opened(app: AppBase) -> bool:
    return app.opened


QUIT: Command[AppBase] = Command("quit", "q,ctrl+q", "quit", "Quit", leave, palette=True)

EVERYWHERE: tuple[Command[AppBase], ...] = (
    Command(
        "palette", ":,ctrl+p", "commands", "Every command, by a few letters", show_palette, hint=16, when=_opened,
    ),
    Command(
        "help", "?", "keys", "All keys, signs and colours", show_help, hint=99, palette=True, when=_opened,
    ),
    Command("theme", "", "theme", "Choose the theme", choose_theme, palette=True, when=_opened),
    Command(
        "suspend", "ctrl+z", "suspend", "Back to the shell; fg there brings the screen back",
        suspend, palette=True, when=_opened, why_not=lambda _: no_shell(),
    ),
    QUIT,
)  # fmt: skip
