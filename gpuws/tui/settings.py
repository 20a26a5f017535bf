"""The user's theme and keys, put on; what in them can't be is said."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from gpuws.tui.base import AppBase
from gpuws.tui.terminal.background import dark_by_environment
from gpuws.tui.toolkit import themes


def put_on(app: AppBase) -> None:
    """`app.look`, as configured."""
    put_theme_on(app)
    name = app.look.theme
    if name and name != themes.AUTO and name not in app.available_themes:
        app.warn(f"theme: there is no {name!r}; auto, or one of {', '.join(sorted(app.available_themes))}")
    if app.look.mouse:
        app.use_mouse()
    if app.look.keys:
        _remap(app, dict(app.look.keys))


def put_theme_on(app: AppBase) -> None:
    """The one that config.yaml names, else the one that was chosen on the screen, else the one that suits the terminal.
    Sixteen colours make no other theme than their own."""
    colours = 0 if app.no_color else themes.COLOURS.get(app.console.color_system or "", themes.ALL)
    wanted = [name for name in (app.look.theme, app.remembered.theme) if name in app.available_themes]
    if app.look.theme == themes.AUTO or not wanted or colours <= themes.FEW:
        app.theme = themes.suiting(dark=_dark(app), colours=colours).name
    else:
        app.theme = wanted[0]


def _dark(app: AppBase) -> bool:
    """As the terminal told, else as its environment says, else as it was the last time that it told."""
    told = app.dark_terminal if app.dark_terminal is not None else dark_by_environment(os.environ)
    return not app.remembered.light if told is None else told


def _remap(app: AppBase, keys: Mapping[str, str]) -> None:
    """Which ids there are only all screens together tell: they are loaded off the loop, and not without need."""

    def look_up() -> list[str]:
        from gpuws.tui.every_key import unknown

        return unknown(keys, type(app))

    def complain(sentences: Sequence[str]) -> None:
        for sentence in sentences:
            app.warn(sentence)

    app.set_keymap(keys)
    app.verbs.run("keys", look_up, complain)
