"""A unix socket of this workstation that leads somewhere else, for programs that know no other way."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from gpuws.link.forward.listener import Listening
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError

BACKLOG = 128


class UnixForward(Listening):
    """Listens on `path` until `close`, which removes it; for its owner only. Its directory must be private."""

    def __init__(self, dial: Callable[[], Stream], path: Path) -> None:
        self.path = path
        super().__init__(dial, [_listen(path)])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        super().close()


def _listen(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(os.fspath(path))
        path.chmod(0o600)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise GpuwsError(f"{path} can't be made: {error.strerror or error}", "set XDG_RUNTIME_DIR") from error
    return sock
