"""Have the Python of a place try torch; Ctrl-C and a limit of time end it there, too."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources

from gpuws.link.place import Place, Process
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.text import plain
from gpuws.model.workspace.verification import Verification
from gpuws.verify.answers import no_python, read

LIMIT = 300.0
"""Seconds: the first import of torch from a slow disk takes a minute, and GPUs wake up one after the other."""
PATIENCE = 5.0
"""Seconds until a program whose output has ended has a status."""
NO_PYTHON = 127
# The first Python that has torch, else the first one; away from the working directory, whose files may be called torch.
_FIND = r"""
cd / || exit
first=
for name in python python3; do
  command -v "$name" >/dev/null 2>&1 || continue
  first=${first:-$name}
  if "$name" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)' >/dev/null 2>&1; then
    exec "$name" - 2>&1
  fi
done
[ -n "$first" ] && exec "$first" - 2>&1
exit 127
"""


def verify(place: Place, given: int | None, cancel: threading.Event, limit: float = LIMIT) -> Verification:
    """`given`: GPUs that it was given, None: not known. `GpuwsError` where it could not be tried."""
    process = place.popen(["sh", "-c", _FIND])
    with _ended_by(process, cancel, limit) as late:
        with suppress(GpuwsError, OSError):  # where it has no Python, as its status tells
            process.write(resources.files(__package__).joinpath("program.py").read_bytes())
            process.close_stdin()
        lines, status = list(_lines(process)), None
        with suppress(TimeoutError):
            status = process.wait(PATIENCE)
    if cancel.is_set():
        raise Cancelled("cancelled: torch was not tried to its end")
    if late.is_set():
        raise GpuwsError(f"torch did not answer within {limit:g} s", "see whether its GPUs hang: gpuws gpus")
    if status == NO_PYTHON and not lines:
        return no_python()
    found = read(lines, given)
    if found is None:
        raise GpuwsError(_died(status, lines), "it may have run out of memory, or been stopped")
    return found


def _died(status: int | None, lines: Sequence[str]) -> str:
    said = [line for line in lines if line.strip()]
    why = f": {plain(said[-1], 300)}" if said else ""
    return f"trying torch ended with status {'–' if status is None else status}{why}"


@contextmanager
def _ended_by(process: Process, cancel: threading.Event, limit: float) -> Iterator[threading.Event]:
    """Closes it once `cancel` is set, or after `limit` seconds: then what it yields is set."""
    done, late = threading.Event(), threading.Event()

    def watch() -> None:
        left = limit
        while left > 0 and not cancel.is_set():
            if done.wait(min(0.2, left)):
                return
            left -= 0.2
        if not cancel.is_set():
            late.set()
        process.close()

    threading.Thread(target=watch, name="verify", daemon=True).start()
    try:
        yield late
    finally:
        done.set()
        process.close()


def _lines(process: Process) -> Iterator[str]:
    text, decoder = "", codecs.getincrementaldecoder("utf-8")("replace")
    while data := process.read():
        *whole, text = (text + decoder.decode(data)).split("\n")
        yield from whole
    if text:
        yield text
