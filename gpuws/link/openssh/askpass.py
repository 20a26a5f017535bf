"""ssh's questions on their way to a person: it calls a program of ours for each, which asks here over a socket that
only I can open. No secret stands in an argument or a variable."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

LONGEST = 1 << 16  # bytes of a prompt
_SCRIPT = '#!/bin/sh\nexec "$GPUWS_ASKPASS_PYTHON" -IS "$GPUWS_ASKPASS_PROGRAM" "$@"\n'

Answering = Callable[[str, str], str | None]
"""(prompt, hint) → the answer; None: there is none, and ssh is given up."""


class Askpass:
    """Listens at `path` while ssh logs in. `answering` is called on a thread of its own, for one prompt at a time."""

    def __init__(self, path: str, script: Path, answering: Answering) -> None:
        self._path = path
        self._script = script
        self._answering = answering
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        _write(script)
        threading.Thread(target=self._listen, name="askpass", daemon=True).start()

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """What ssh is started with. Before 8.4 it asks its SSH_ASKPASS where there is a display and no terminal."""
        return {
            "DISPLAY": ":0",
            **environ,
            "SSH_ASKPASS": str(self._script),
            "SSH_ASKPASS_REQUIRE": "force",
            "GPUWS_ASKPASS_PYTHON": sys.executable,
            "GPUWS_ASKPASS_PROGRAM": str(Path(__file__).with_name("asker.py")),
            "GPUWS_ASKPASS_SOCKET": self._path,
        }

    def close(self) -> None:
        """Nothing is asked any more; a prompt that is open ends without an answer."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        Path(self._path).unlink(missing_ok=True)

    def _listen(self) -> None:
        while True:
            try:
                asker = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(asker,), name="askpass", daemon=True).start()

    def _serve(self, asker: socket.socket) -> None:
        with asker, contextlib.suppress(OSError):  # ssh was ended meanwhile
            data = b""
            while len(data) < LONGEST and (part := asker.recv(4096)):
                data += part
            hint, _, prompt = data.partition(b"\0")
            answer = self._answering(prompt.decode(errors="replace"), hint.decode(errors="replace"))
            if answer is not None:
                asker.sendall(b"+" + answer.encode(errors="surrogateescape"))


def _write(script: Path) -> None:
    """Whole and at once: another gpuws may be about to run it."""
    with contextlib.suppress(OSError):
        if script.read_text() == _SCRIPT and os.access(script, os.X_OK):
            return
    new = script.with_name(f"{script.name}.{os.getpid()}.{threading.get_ident()}")
    new.write_text(_SCRIPT)
    new.chmod(0o700)
    new.replace(script)
