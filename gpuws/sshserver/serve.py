"""Serving one client from its first byte to its last."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpuws.fleet.base import Fleet, Process, Stream, Terminal
from gpuws.model.query.target import Found
from gpuws.model.session.terminal import Size
from gpuws.model.ssh_alias import OWN_USER
from gpuws.sshserver.channel import ServerChannel
from gpuws.sshserver.forward import Forward
from gpuws.sshserver.host_key import read_key
from gpuws.sshserver.session import Session
from gpuws.sshserver.stdio import StdioSocket
from gpuws.sshserver.transport import ServerTransport

log = logging.getLogger(__name__)
FAREWELL = 2.0  # seconds for what the client left to be ended
SIGNAL_TIMEOUT = 10.0  # seconds for a signal to be sent


@dataclass(frozen=True, slots=True)
class There:
    """The place that the client is connected to, as each of its channels finds it.

    `look`: it may have been made anew under its name. `user`: as whom, in a workspace; None: its own user."""

    fleet: Fleet
    look: Callable[[], Found]
    user: str | None

    @property
    def label(self) -> str:
        return self.look().label

    @property
    def login(self) -> bool:
        return self.look().container is None

    def popen(self, argv: tuple[str, ...], env: tuple[str, ...]) -> Process:
        return self.fleet.popen(self.look().place, argv, user=self.user, env=env)

    def interactive(self, argv: tuple[str, ...], size: Size, term: str, env: tuple[str, ...]) -> Terminal:
        return self.fleet.interactive(self.look().place, argv, size, term=term, user=self.user, env=env)

    def run(self, argv: tuple[str, ...]) -> None:
        process = self.popen(argv, ())
        try:
            process.close_stdin()
            process.wait(SIGNAL_TIMEOUT)
        finally:
            process.close()

    def dial(self, port: int) -> Stream:
        return self.fleet.dial_port(self.look().place, port)


def serve(sock: StdioSocket, key: Path, fleet: Fleet, look: Callable[[], Found]) -> None:
    """Until the client is gone. `look`: the place as it is now; GpuwsError where it is there no more.

    GpuwsError where there is no `key`."""

    def there() -> There:
        name = transport.get_username()
        return There(fleet, look, None if name == OWN_USER else name)

    def session(channel: ServerChannel) -> None:
        Session(channel, there())

    def forward(channel: ServerChannel, port: int) -> None:
        place = there()
        Forward(channel, lambda: place.dial(port), transport).start()

    transport = ServerTransport(sock, session, forward)
    try:
        transport.serve(read_key(key))
        transport.ended.wait()
        log.info("the ssh client left: %s", transport.why())
    finally:
        transport.close()
        deadline = time.monotonic() + FAREWELL
        for thread in transport.endings():
            thread.join(max(deadline - time.monotonic(), 0))
