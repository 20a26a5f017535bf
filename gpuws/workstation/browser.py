"""An address of this workstation in its browser, with the token in no command line: every local user reads those.

The browser is given a file that only its user can read, which leads it to the address."""

from __future__ import annotations

import atexit
import html
import os
import shutil
import subprocess
import tempfile
import threading
import webbrowser
from pathlib import Path

from gpuws.model.errors import GpuwsError

LASTS = 30.0  # seconds until the file is removed: a browser that has to start first needs some
PATIENCE = 5.0  # seconds for a desktop to name its browser
_PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta http-equiv="refresh" content="0; url={url}"><title>gpuws</title>\n'
)


class NoBrowser(GpuwsError):
    """None was opened: there is none, or it can't read the file."""


def open_address(url: str) -> None:
    """Raises NoBrowser. The file is gone after a while, and at the end of this program."""
    if (name := confined()) is not None:
        raise NoBrowser(f"{name} can't be given an address without showing it to every user of this machine")
    handle, file = tempfile.mkstemp(prefix="gpuws-", suffix=".html")  # 0600
    path = Path(file)
    with os.fdopen(handle, "w", encoding="utf-8") as page:
        page.write(_PAGE.format(url=html.escape(url)))
    atexit.register(path.unlink, missing_ok=True)
    timer = threading.Timer(LASTS, path.unlink, kwargs={"missing_ok": True})
    timer.daemon = True
    timer.start()
    if not webbrowser.open(path.as_uri()):
        raise NoBrowser("no browser could be opened")


def confined() -> str | None:
    """The browser that sees other files than we do: a snap, a flatpak, Windows' own under WSL. None: it sees ours."""
    if "microsoft" in os.uname().release.lower():
        return "a browser of Windows"
    try:
        command = shutil.which(getattr(webbrowser.get(), "name", "")) or ""
    except webbrowser.Error:
        return None
    if Path(command).name == "xdg-open":
        return _kind(_desktop_file())
    return _kind(os.path.realpath(command)) or _kind(command) or _kind(_script(command))


def _kind(text: str) -> str | None:
    """`text`: a path, or the script that starts it."""
    if "/snap/" in text or "/snapd/" in text or text.endswith("/bin/snap"):
        return "a browser in a snap"
    return "a browser in a flatpak" if "flatpak" in text else None


def _script(command: str) -> str:
    """Distributions wrap a browser in a few lines of shell."""
    try:
        with Path(command).open("rb") as file:
            beginning = file.read(4096)
    except OSError:
        return ""
    return beginning.decode("utf-8", "replace") if beginning.startswith(b"#!") else ""


def _desktop_file() -> str:
    """Where the desktop's browser is described; "" where that is not known."""
    ask = ["xdg-settings", "get", "default-web-browser"]
    try:
        done = subprocess.run(ask, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    name = Path(done.stdout.decode("utf-8", "replace").strip()).name
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    places = [Path(place) / "applications" / name for place in (home, *shared.split(":"))]
    return next((os.path.realpath(place) for place in places if name and place.is_file()), "")
