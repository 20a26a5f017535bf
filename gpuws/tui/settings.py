"""The user's theme and keys, put on; what in them can't be is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpuws.tui.base import AppBase
from gpuws.tui.toolkit import themes


def put_on(app: AppBase) -> None:
    """`app.look`, as configured."""
    name = app.look.theme or themes.DARK.name
    known = name in app.available_themes
    app.theme = name if known else themes.DARK.name
    if not known:
        app.warn(f"theme: there is no {name!r}; one of {', '.join(sorted(app.available_themes))}")
    if app.look.keys:
        _remap(app, dict(app.look.keys))


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
