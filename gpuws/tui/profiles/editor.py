"""A profile's file in the user's editor."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain
from gpuws.tui.terminal.foreground import foreground
from gpuws.tui.terminal.program import wait_for
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


def edit_profile(app: AppBase, name: str, then: Callable[[], None]) -> None:
    """Open its file; of a profile that is not mine, one of mine that extends it. `then`: the editor was left."""

    def opened(path: str) -> None:
        app.typed.go_on()
        try:
            open_editor(app, path)
        except GpuwsError as error:
            tell(app, error)
        app.verbs.run("profile file", lambda: app.fleet.discard_unedited(name), lambda gone: left(path, gone), failed)

    def left(path: str, gone: bool) -> None:
        app.say("nothing was written: no file is kept" if gone else plain(path, 300), timeout=3)
        then()

    def failed(error: GpuwsError) -> None:
        tell(app, error)
        then()

    def refused(error: GpuwsError) -> None:
        app.typed.go_on()
        tell(app, error)

    app.typed.hold()  # what is typed now is for the editor
    app.verbs.run("profile file", lambda: app.fleet.profile_file(name), opened, refused)


def editor(environ: Mapping[str, str]) -> list[str]:
    """What the user edits with: `$VISUAL`, `$EDITOR`, vi."""
    chosen = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        return shlex.split(chosen) or ["vi"]
    except ValueError as error:
        raise GpuwsError(f"the editor {chosen!r} can't be read: {error}", "set EDITOR") from error


def open_editor(app: AppBase, path: str) -> None:
    """Until the user leaves it. The screen stands still meanwhile. GpuwsError where there is no such editor."""
    argv = [*editor(os.environ), path]
    try:
        with foreground(app):
            status = wait_for(argv)
    except SuspendNotSupported:
        raise GpuwsError("this terminal can't be handed over", f"edit {path} elsewhere") from None
    except OSError as error:
        raise GpuwsError(f"{argv[0]}: {error.strerror}", "set EDITOR to an editor that is installed") from error
    finally:
        app.refresh(layout=True)
    if status:
        raise GpuwsError(f"{argv[0]} ended with status {status}", f"the file is {path}")
