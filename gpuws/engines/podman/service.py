"""Podman's API where no socket of it is active: its service, run there for as long as gpuws is connected.

Its socket lies in a directory that only I may enter. It ends, and the directory goes, with the program's input."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from weakref import WeakKeyDictionary

from gpuws.engines.shared.process_stream import ProcessStream
from gpuws.link.place import Link
from gpuws.model.errors import EngineShut, GpuwsError
from gpuws.model.text import plain

PATIENCE = 20.0
"""Seconds: the first program of a rootless Podman sets its storage up."""
GRACE = 3.0
"""Seconds that it has to end by itself, and to take its directory away."""

# A list in the background has no input of its own in sh: it is handed over as descriptor 3. Signals go to all
# of the script's programs: rm is to be left in peace.
_SCRIPT = r"""
umask 077
parent=${XDG_RUNTIME_DIR:-/tmp}
[ -d "$parent" ] && [ -w "$parent" ] || parent=/tmp
directory=$(mktemp -d "$parent/gpuws-podman.XXXXXX") || exit 1
clean() { trap '' HUP INT TERM; rm -rf "$directory"; }
trap clean EXIT
trap 'clean; exit 1' HUP INT TERM
exec 3<&0
podman system service --time=0 "unix://$directory/podman.sock" 3<&- </dev/null >"$directory/said" 2>&1 &
service=$!
{ cat <&3 >/dev/null; kill "$service"; } >/dev/null 2>&1 &
while [ ! -S "$directory/podman.sock" ] && kill -0 "$service" 2>/dev/null; do sleep 0.1; done
if [ -S "$directory/podman.sock" ]; then echo "gpuws-podman socket $directory/podman.sock"
else echo "gpuws-podman said $(tail -n 1 "$directory/said")"; fi
exec 3<&-
wait "$service"
"""
_running: WeakKeyDictionary[Link, ProcessStream] = WeakKeyDictionary()
_lock = threading.Lock()


def argv() -> list[str]:
    """What the host is to run."""
    return ["sh", "-c", _SCRIPT, "gpuws-podman"]


def start(link: Link, host: str) -> str:
    """The path of its socket there. One that was started before over this link ends. `EngineShut` with Podman's own
    words where it does not start."""
    stream = ProcessStream(link.popen(argv()))
    stop(link)
    with _lock:
        _running[link] = stream
    word, _, rest = _answer(stream).partition(" ")
    if word == "socket":
        return rest
    said = plain(rest, 200) or "it says nothing"
    raise EngineShut(f"Podman on {host} does not start: {said}", "see `podman info` there")


def stop(link: Link) -> None:
    """End the one that was started over this link, as losing the link does."""
    with _lock:
        stream = _running.pop(link, None)
    if stream is None:
        return
    stream.shutdown_write()
    stream.settimeout(GRACE)
    with suppress(GpuwsError, OSError):  # its output ends with it
        while stream.recv():
            pass
    stream.close()


def _answer(stream: ProcessStream) -> str:
    """The line it says once it answers, or once it is clear that it will not; "" where that never came."""
    said, end = b"", time.monotonic() + PATIENCE
    while (left := end - time.monotonic()) > 0:
        stream.settimeout(left)
        try:
            data = stream.recv()
        except TimeoutError:
            break
        said += data
        _, mark, rest = said.partition(b"gpuws-podman ")
        line, whole, _ = rest.partition(b"\n")
        if mark and whole:
            return line.decode(errors="replace")
        if not data:
            break
    stream.close()
    return ""
